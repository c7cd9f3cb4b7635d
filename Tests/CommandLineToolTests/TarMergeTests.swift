// `esmfold merge` and `esmfold status` with tars of folds, by the built program.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct TarMergeTests: CachedRuns {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private static let long = "long" + String(repeating: "y", count: 140)
  private static let fasta =
    ">z last\nMKV\n>dna\nACGTACGTACGTACGTACGTACGT\n>b:\nMK:GG\n>\(long) é\nMKVL\n>m\tx\\y\nMKWL\n>empty\n\n>c\nMKQL\n"

  private func makeShards(_ options: [String] = []) throws -> String {
    let input = try scratch.file("in.fasta", Self.fasta)
    _ = try fold(input, "whole.tar", options)
    for shard in 1...3 { _ = try fold(input, "o.tar", options + ["--shard", "\(shard)/3"]) }
    return input
  }

  @Test("Tars of shards become that of a single run, apart from times") func shards() throws {
    let input = try makeShards(["--pae", "--format", "pdb,cif"])
    let status = try run(["status", path("o.tar"), "-i", input])
    #expect(
      status.output.contains("shard 3-of-3\t") && status.output.hasSuffix("finished 5, failed 2, missing 0, other 0\n"))
    let ran = try run(["merge", path("o.tar"), "-i", input])
    #expect(ran.status == 0 && ran.error.contains("merged 7 records of 3 files into \(path("o.tar"))"), "\(ran.error)")
    #expect(try tar("o.tar").withoutTimes == tar("whole.tar").withoutTimes)
    #expect(try bytes("o.tar").count == bytes("whole.tar").count)
    let continued = try fold(input, "o.tar", ["--pae", "--format", "pdb,cif"])
    #expect(continued.error.contains("skipped 5, failed 2"), "\(continued.error)")
    // By name, twice the same.
    let parts = (1...3).map { path("o.\($0)-of-3.tar") }
    #expect(try run(["merge"] + parts + ["-o", path("a.tar")]).status == 0)
    #expect(try run(["merge"] + parts.reversed() + ["-o", path("b.tar")]).status == 0)
    #expect(try bytes("a.tar") == bytes("b.tar"))
  }

  @Test("What does not belong together is refused, and nothing is left", arguments: 0..<6) func refusals(_ number: Int)
    throws
  {
    let input = try makeShards()
    var words = ["merge"] + (1...3).map { path("o.\($0)-of-3.tar") } + ["-o", path("all.tar"), "-i", input]
    let message: String
    switch number {
    case 0:
      words.remove(at: 2)
      message = "all.tar: shards: found none of 2-of-3, expected all"
    case 1:
      _ = try fold(try scratch.file("x.fasta", ">z last\nMKW\n"), "x.tar")
      words.insert(path("x.tar"), at: 1)
      message = "\"z\": found folds that differ in"
    case 2:
      _ = try fold(try scratch.file("x.fasta", ">new\nMKW\n"), "x.tar", ["-n", "1"])
      words.insert(path("x.tar"), at: 1)
      message = "1 recycles as in"
    case 3:
      // A byte of a structure, far from the last record.
      var data = try bytes("o.1-of-3.tar")
      let atom = try #require(data.firstRange(of: Data("ATOM".utf8)))
      data[atom.lowerBound + 30] ^= 1
      try data.write(to: URL(fileURLWithPath: path("o.1-of-3.tar")))
      message = "found other bytes than were written, expected those of its SHA-256"
    case 4:
      words.insert(try scratch.file("x.tsv", "name\n"), at: 1)
      message = "x.tsv: found another file, expected a tar that esmfold fold has begun"
    default:
      _ = try scratch.file("all.tar", "x")
      message = "all.tar: found a file"
    }
    let ran = try run(words)
    #expect(ran.status == 1 && ran.error.contains(message), "\(number): \(ran.error)")
    #expect(scratch.names().contains("all.tar") == (number == 5))
    #expect(!scratch.names().contains { $0.hasPrefix(".") })
  }

  @Test("Status of a tar: failed, missing and other records, by content if asked for") func status() throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    _ = try fold(try scratch.file("part.fasta", ">z last\nMKV\n>dna\nACGTACGTACGTACGTACGTACGT\n>c\nMKQL\n"), "o.tar")
    let ran = try run(["status", path("o.tar"), "-i", input])
    #expect(ran.status == 1 && ran.output.contains("failed\tdna\t") && ran.output.contains("missing\tm\n"))
    #expect(ran.output.hasSuffix("records 7: finished 2, failed 2, missing 3, other 0\n"), "\(ran.output)")
    let other = try scratch.file("other.fasta", ">z last\nMKW\n>c\nMKQL\n")
    let verified = try run(["status", path("o.tar"), "-i", other, "--verify"])
    #expect(
      verified.output.hasPrefix("other\tz\t\(path("o.tar"))/z.pdb: found the fold of another"), "\(verified.output)")
    let required = try run(["status", path("o.tar"), "-i", other, "--require", "pdb,pae"])
    #expect(required.output.hasSuffix("finished 0, failed 0, missing 2, other 0\n"), "\(required.output)")
    let rest = try run(["status", path("o.tar"), "-i", other, "--missing"])
    #expect(rest.output.isEmpty && rest.status == 0)
  }
}
