// The division of records among shards, and the names of a shard's files.

import CommandLineTool
import Platform
import Testing

@Suite struct ShardTests {
  @Test(arguments: [("1/1", 1, 1), ("2/8", 2, 8), ("100000/100000", 100_000, 100_000)])
  func values(_ text: String, _ number: Int, _ count: Int) throws {
    let shard = try Shard(text)
    #expect(shard.number == number && shard.count == count && shard.words == text)
  }

  @Test(
    "What is no shard is a mistake on the command line",
    arguments: [
      "0/4", "5/4", "1/0", "a/b", "1/100001", "99999999999999999999/99999999999999999999", "1", "/", "1/2/3", " 1/2",
      "-1/2",
      "1/+2", "", "1/", "/2", "٣/٤",
    ])
  func noShard(_ text: String) {
    #expect((try? Shard(text)) == nil)
    let ran = run(["fold", "x.fasta", "-o", "out", "--model", "demo", "--shard=\(text)"])
    #expect(ran.status == 2 && ran.error.contains("--shard: found"), "\(ran.error)")
    #expect(ran.error.contains("expected I/N: the number of this shard, from 1"))
    #expect(ran.error.contains("an array from 1, --array=1-4, counts so") == (text == "0/4"))
  }

  @Test(
    "Each shard has files of its own",
    arguments: [
      ("summary.tsv", "summary.2-of-8.tsv"), ("a/b.c/x.h5", "a/b.c/x.2-of-8.h5"), ("./x.y.csv", "./x.y.2-of-8.csv"),
      ("a.b/name", "a.b/name.2-of-8"), (".hidden", ".hidden.2-of-8"), ("/x", "/x.2-of-8"),
      ("x.h5/x.h5", "x.h5/x.2-of-8.h5"),
    ])
  func paths(_ path: String, _ own: String) { #expect(Shard(2, of: 8).path(of: path) == own) }

  @Test func parts() {
    for name in ["index.tsv", "index.1-of-1.tsv", "index.12-of-100.tsv"] {
      #expect(ShardName.isPart(name, of: "index.tsv"), "\(name)")
    }
    for name in [
      "index.0-of-4.tsv", "index.5-of-4.tsv", "index.1-of-4.json", "index..tsv", "xindex.1-of-4.tsv",
      "index.a-of-b.tsv",
      "index.1-of-4.tsv.partial", "index.1-of-4", "indextsv",
    ] {
      #expect(!ShardName.isPart(name, of: "index.tsv"), "\(name)")
    }
  }

  // MARK: The division

  private static let byLength = RecordCost(linear: 1, quadratic: 0, cubic: 0)

  /// Lengths as proteomes have them: many of a few hundred residues, a few of thousands.
  private func proteome(_ count: Int) -> [Int] {
    var random = SplitMix64(seed: 7)
    return (0..<count).map { _ in
      // The sum of uniform numbers, exponentiated by squaring: a long tail without transcendental functions.
      let sum = (0..<4).reduce(0.0) { sum, _ in sum + Double(random.next() >> 11) / Double(1 << 53) }
      return 20 + Int(30 * sum * sum * sum * sum)
    }
  }

  @Test("Longest first, into the least load; of equals the first, in the order of the input") func examples() {
    // Worked out by hand: Graham's example, in which LPT is as bad as it can be (11 where 9 is possible).
    #expect(Share.division(of: [5, 5, 4, 4, 3, 3, 3], among: 3, Self.byLength) == [0, 1, 2, 2, 0, 1, 0])
    #expect(Share.division(of: [3, 9, 3, 3], among: 2, Self.byLength) == [1, 0, 1, 1])
    #expect(Share.division(of: [4, 4, 4, 4, 4], among: 3, Self.byLength) == [0, 1, 2, 0, 1])
    #expect(Share.division(of: [], among: 3, Self.byLength) == [])
    #expect(Share.division(of: [7], among: 100_000, Self.byLength) == [0])
    // Empty records are not all of one shard.
    #expect(Share.division(of: [0, 0, 0], among: 3, Self.byLength) == [0, 1, 2])
  }

  /// The same by a search through all shards.
  private func searched(_ lengths: [Int], _ count: Int, _ cost: RecordCost) -> [Int32] {
    var loads = [Double](repeating: 0, count: count), shards = [Int32](repeating: -1, count: lengths.count)
    for length in Set(lengths).sorted(by: >) {
      for index in lengths.indices where lengths[index] == length {
        let least = loads.min() ?? 0, shard = loads.firstIndex(of: least) ?? 0
        loads[shard] += cost.of(length)
        shards[index] = Int32(shard)
      }
    }
    return shards
  }

  @Test(
    "The division is that of LPT, and keeps its bound", arguments: [1, 2, 3, 7, 64, 100, 1000],
    [RecordCost.folding, .reading, .maskedScoring])
  func balance(_ count: Int, _ cost: RecordCost) {
    let lengths = proteome(3000)
    let division = Share.division(of: lengths, among: count, cost)
    #expect(division == searched(lengths, count, cost))
    var loads = [Double](repeating: 0, count: count)
    for (length, shard) in zip(lengths, division) { loads[Int(shard)] += cost.of(length) }
    let costs = lengths.map(cost.of).sorted(by: >), all = costs.reduce(0, +)
    // No division does better than this.
    let even = all / Double(count), two = count < costs.count ? costs[count - 1] + costs[count] : 0
    let least = max(even, costs[0], two), most = loads.max() ?? .infinity
    let bound = 4.0 / 3 - 1 / Double(3 * count)
    // A sum in another order may differ in its last bits.
    #expect(most <= least * bound * (1 + 1e-12), "\(most / least)")
    if count <= 64, cost == .reading { #expect(most <= even * 1.01) }
    // Shards that know nothing of each other have each record once.
    guard count <= 100 else { return }
    let shares = (1...count).map { Share(Shard($0, of: count), lengths: lengths, cost: cost) }
    for index in lengths.indices { #expect(shares.count { $0.has(index) } == 1) }
    #expect(shares.reduce(0) { $0 + $1.ownRecords } == lengths.count)
    #expect(abs(shares.reduce(0) { $0 + $1.part } - 1) < 1e-9)
    #expect(!shares[0].has(-1) && !shares[0].has(lengths.count))
  }

  @Test("A million records are divided within seconds") func many() {
    let start = ContinuousClock.now
    let share = Share(Shard(17, of: 1000), lengths: proteome(1_000_000), cost: .folding)
    #expect(abs(share.part - 0.001) < 0.0001)
    #expect(share.words.hasPrefix("\(share.ownRecords) of 1000000 records, 0.1 % of the work"))
    #expect((ContinuousClock.now - start).inSeconds < 60)
  }

  /// The formulas of the manual, in numbers.
  @Test func costs() {
    let fold = RecordCost.folding.of(672), reading = RecordCost.reading.of(4096)
    let scoring = RecordCost.maskedScoring.of(4096)
    // 55 L + 2 L², as L / 672 is 1.
    #expect(abs(fold - 940_128) < 1e-6 && reading == 8192 && scoring == 33_554_432)
    #expect(RecordCost.reading.of(0) == RecordCost.reading.of(1))
  }
}
