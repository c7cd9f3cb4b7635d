// Shards as a cluster runs them: together they write exactly what a single run writes.

import ESMFoldKit
import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 10)) struct ShardBinaryTests {
  private let scratch: ScratchFolder
  private let cache: [String: String]
  private let input: [String]
  private static let esm2 = ["--model", Fixtures.path("family/esm2"), "--threads", "1"]
  private static let count = 3

  /// Two files: names that are taken, letters that are warned of, records that are none, before, between and after others.
  init() throws {
    scratch = try ScratchFolder()
    cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    input = [
      try scratch.file(
        "a.fasta",
        ">empty\n>p1 first\nGIVEQCCTSICSLYQLENYCN\n>p1 second\nNLYIQWLKDGGPSSGRPPPS\n>a:b/c\nMKTVRQERLKSIVRIL\n>x U\nMKUVR\n"
      ),
      try scratch.file(
        "b.fasta", ">p1_2\nMKV\n>none\nACGUACGUACGUACGUACGUACGU\n>last\nMKTVRQERLKSIVRILERSKEPVSGAQLAEELS\n>P1\nWWWW\n"),
    ]
  }

  private func ran(_ words: [String]) throws -> Binary.Ran { try Binary.run(words, environment: cache) }

  /// Runs all shards; they fail as often as the single run does.
  private func runShards(_ words: [String], _ single: Binary.Ran) throws -> [Binary.Ran] {
    let all = try (1...Self.count).map { try ran(words + ["--shard", "\($0)/\(Self.count)"]) }
    func count(_ ran: Binary.Ran, _ word: String) -> Int {
      ran.error.split(separator: "\n").count { $0.hasPrefix("\(word): ") }
    }
    #expect(all.map(\.status) == [single.status, 0, 0], "\(all.map(\.error))")
    for word in ["error", "warning"] {
      #expect(all.reduce(0) { $0 + count($1, word) } == count(single, word), "\(all.map(\.error))")
    }
    for (ran, number) in zip(all, 1...) { #expect(ran.error.contains("; shard \(number)/3: "), "\(ran.error)") }
    return all
  }

  private func content(_ folder: String) throws -> [String: Data] {
    Dictionary(
      uniqueKeysWithValues: try scratch.names(folder).map {
        ($0, try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/\(folder)/\($0)")))
      })
  }

  /// Takes a file out of a folder's content.
  private func taken(_ name: String, from content: inout [String: Data]) throws -> Data {
    let found = content.removeValue(forKey: name)
    return try #require(found, "\(name)")
  }

  @Test("fold") func fold() throws {
    let words = ["fold"] + input + ["--model", "demo", "-n", "0", "--plddt", "--threads", "1", "-o"]
    let single = try ran(words + [scratch.path + "/single"])
    #expect(single.status == 1)
    _ = try runShards(words + [scratch.path + "/shards"], single)
    var whole = try content("single"), parts = try content("shards")
    let summary = try taken("summary.tsv", from: &whole)
    var lines: [[String]] = []
    for number in 1...Self.count {
      let part = try taken("summary.\(number)-of-\(Self.count).tsv", from: &parts)
      #expect(part.split(separator: 10).first == summary.split(separator: 10).first)
      lines += summaryRows(String(decoding: part, as: UTF8.self))
    }
    #expect(whole == parts, "\(whole.keys.sorted()) \(parts.keys.sorted())")
    // Apart from seconds and the time.
    func timeless(_ rows: [[String]]) -> Set<[String]> {
      Set(rows.map { $0.enumerated().filter { ![4, $0.1.count].contains($0.0) && !$0.1.hasSuffix("Z") }.map(\.1) })
    }
    let rows = summaryRows(String(decoding: summary, as: UTF8.self))
    #expect(lines.count == rows.count && timeless(lines) == timeless(rows))
    #expect(
      Set(rows.map { $0[0] }) == ["empty", "p1", "p1_2", "a_b_c", "x", "p1_2_2", "none", "last", "P1_3"], "\(rows)")
    // Nothing is left to do, for other shards neither.
    for shard in ["1/3", "2/3", "3/3", "5/7", "9/20"] {
      let again = try ran(words + [scratch.path + "/shards", "--shard", shard])
      #expect(again.error.contains("folded 0, "), "\(again.error)")
    }
    let report = try ran(["report", scratch.path + "/shards", "-o", scratch.path + "/report.html"])
    #expect(report.status == 0, "\(report.error)")
  }

  @Test(
    "From a pipe, which is read once, each shard folds the records that it would of a file",
    arguments: ["-", "/dev/stdin"])
  func pipe(_ input: String) throws {
    let file = try scratch.file("s.fasta", ">a\nMKV\n>b\nMKTV\n>c\nMK\n>d\nMKTVR\n")
    for number in 1...3 {
      let words = ["--model", "demo", "-n", "0", "--shard", "\(number)/3", "-o"]
      let whole = try ran(["fold", file] + words + [scratch.path + "/file\(number)"])
      let piped = try Binary.run(
        ["-c", "cat \"$0\" | \"$@\"", file, Binary.path, "fold", input] + words + [scratch.path + "/pipe\(number)"],
        executable: "/bin/sh", environment: cache)
      #expect(whole.status == 0 && piped.status == 0, "\(piped.error)")
      #expect(scratch.names("file\(number)") == scratch.names("pipe\(number)"))
      #expect(scratch.names("pipe\(number)").contains { $0.hasSuffix(".pdb") })
    }
  }

  @Test(
    "Samples and passes take names in all shards as in a single run",
    arguments: [("a.sample_2", ["-n", "0", "--samples", "2"]), ("a.recycle_0", ["-n", "1", "--save-recycles"])])
  func takenNames(_ name: String, _ options: [String]) throws {
    let file = try scratch.file("s.fasta", ">a\nMKV\n>\(name)\nMKTV\n>b\nMKTVR\n")
    let words = ["fold", file, "--model", "demo"] + options + ["-o"]
    let single = try ran(words + [scratch.path + "/single"])
    #expect(single.status == 1 && single.error.contains("found \"\(name)\", which is that of results of \"a\""))
    let shards = try (1...3).map { try ran(words + [scratch.path + "/shards", "--shard", "\($0)/3"]) }
    #expect(shards.count { $0.status == 1 } == 1 && shards.count { $0.error.contains("which is that of") } == 1)
    let tables = { (name: String) in !name.hasPrefix("summary.") }
    #expect(scratch.names("single").filter(tables) == scratch.names("shards").filter(tables))
  }

  /// A command with an HDF5 file.
  enum Store: String, CaseIterable { case embed, contacts, score }

  @Test("HDF5", arguments: Store.allCases) func hdf5(_ store: Store) throws {
    let own =
      switch store {
      case .embed: ["embed", "--include", "contacts", "--layers", "all"]
      case .contacts: ["contacts", "--format", "h5"]
      case .score: ["score", "--all"]
      }
    let words = own + input + Self.esm2 + ["-o"]
    let single = try ran(words + [scratch.path + "/single.h5"])
    #expect(single.status == 1)
    _ = try runShards(words + [scratch.path + "/x.h5"], single)
    func records(_ name: String) throws -> [String: ResultRecord] {
      let file = try StoredResults("\(scratch.path)/\(name)")
      return Dictionary(uniqueKeysWithValues: try file.entries.map { ($0.name, try file.record($0)) })
    }
    var parts: [String: ResultRecord] = [:]
    for number in 1...Self.count {
      parts.merge(try records("x.\(number)-of-3.h5")) { _, second in
        Issue.record("two shards have a record")
        return second
      }
    }
    #expect(try records("single.h5") == parts && parts.count == 7)
    let left = scratch.names().filter { $0.contains("x.") || $0.contains("partial") }
    #expect(left == ["x.1-of-3.h5", "x.2-of-3.h5", "x.3-of-3.h5"])
  }

  @Test("A folder of NumPy files") func numpy() throws {
    let words = ["embed"] + input + ["--format", "npy", "--include", "contacts"] + Self.esm2 + ["-o"]
    let single = try ran(words + [scratch.path + "/single"])
    let shards = try runShards(words + [scratch.path + "/shards"], single)
    #expect(shards.count == 3)
    var whole = try content("single"), parts = try content("shards")
    let index = String(decoding: try taken("index.tsv", from: &whole), as: UTF8.self)
    let settings = try taken("settings.json", from: &whole)
    var lines: [Substring] = []
    for number in 1...3 {
      let part = String(decoding: try taken("index.\(number)-of-3.tsv", from: &parts), as: UTF8.self)
      lines += part.split(separator: "\n").dropFirst()
      let own = parts.removeValue(forKey: "settings.\(number)-of-3.json")
      #expect(own == settings)
    }
    #expect(whole == parts && lines.sorted() == index.split(separator: "\n").dropFirst().sorted())
    // Another number of shards finds what is there; other settings are refused, for the files have the same names.
    let other = try ran(words + [scratch.path + "/shards", "--shard", "2/2"])
    #expect(other.error.contains("embedded 0, skipped 4"), "\(other.error)")
    let refused = try ran(words + [scratch.path + "/shards", "--shard", "1/2", "--pool", "mean"])
    #expect(refused.status == 1 && refused.error.contains("with other settings"), "\(refused.error)")
    let plain = try ran(words + [scratch.path + "/shards", "--pool", "mean"])
    #expect(plain.status == 1 && plain.error.contains("with other settings"), "\(plain.error)")
  }

  @Test(
    "Tables",
    arguments: [
      ["score"], ["score", "--method", "wt-marginals", "--per-residue"], ["contacts", "--min-probability", "0"],
      ["classify"], ["classify", "--format", "json"], ["embed", "--format", "csv", "--pool", "mean"],
    ])
  func tables(_ own: [String]) throws {
    let model = own[0] == "classify" ? ["--model", Fixtures.path("family/single-label")] : Self.esm2
    let words = own + input + model, json = own.contains("json"),
      ending = json ? "json" : own.contains("csv") ? "csv" : "tsv"
    let single = try ran(words + ["-o", "\(scratch.path)/single.\(ending)"])
    _ = try runShards(words + ["-o", "\(scratch.path)/x.\(ending)"], single)
    let whole = try scratch.text("single.\(ending)").split(separator: "\n")
    var lines: [Substring] = []
    for number in 1...3 {
      let part = try scratch.text("x.\(number)-of-3.\(ending)").split(separator: "\n")
      if !json { #expect(part.first == whole.first) }
      lines += json ? part[...] : part.dropFirst()
    }
    #expect(lines.sorted() == (json ? whole[...] : whole.dropFirst()).sorted() && lines.count >= 7)
    // Standard output stays standard output.
    let piped = try ran(words + ["-o", "-", "--shard", "2/3"])
    #expect(piped.output == (try scratch.text("x.2-of-3.\(ending)")))
  }

  @Test("More shards than records: the others have nothing to do and are done") func surplus() throws {
    let file = try scratch.file("one.fasta", ">a\nMKV\n")
    for (number, word) in [(1, "1"), (4, "0")] {
      let shard = ["--shard", "\(number)/4"]
      let fold = try ran(["fold", file, "-o", scratch.path + "/out", "--model", "demo", "-n", "0"] + shard)
      #expect(fold.status == 0 && fold.error.contains("folded \(word), skipped 0, failed 0"), "\(fold.error)")
      let embed = try ran(["embed", file, "-o", scratch.path + "/x.h5"] + Self.esm2 + shard)
      #expect(embed.status == 0 && embed.error.contains("embedded \(word), failed 0"), "\(embed.error)")
    }
  }

  @Test("A file that cannot be read fails in every shard, which may have another division than the others")
  func unreadable()
    throws
  {
    let missing = scratch.path + "/missing.fasta"
    for shard in ["1/2", "2/2"] {
      for words in [["fold", "-o", scratch.path + "/out", "--model", "demo", "-n", "0"], ["score"] + Self.esm2] {
        let ran = try ran([words[0], input[0], missing] + words.dropFirst() + ["--shard", shard])
        #expect(ran.status == 1 && ran.error.contains("missing.fasta"), "\(ran.error)")
      }
    }
  }

  @Test("What needs all records has no shards") func conflicts() throws {
    let file = input[1]
    for words in [
      ["fold", file, "-o", scratch.path + "/out", "--model", "demo", "--report"],
      ["classify", file, "--model", "x", "--labels", "l.tsv"], ["score", file, "--variant", "A1G"] + Self.esm2,
      ["embed", "-", "-o", scratch.path + "/x.h5"] + Self.esm2, ["score", "-"] + Self.esm2,
    ] {
      let ran = try ran(words + ["--shard", "1/2"])
      #expect(ran.status == 2 && ran.error.contains("shard"), "\(ran.error)")
    }
    let limited = try ran(["score", file, "--time-limit", "5"] + Self.esm2)
    #expect(limited.status == 2 && limited.error.contains("--time-limit: found a table"), "\(limited.error)")
  }

  @Test("What another shard has begun is left alone, also where nobody holds a lock on it") func othersFiles() throws {
    let words = ["fold", input[1], "--model", "demo", "-n", "0", "-o", scratch.path + "/out"]
    mkdir(scratch.path + "/out", 0o755)
    // Of the four, two are none of this shard's.
    let all = ["p1_2", "last", "P1"]
    for name in all { _ = try scratch.file("out/.\(name).pdb.part-0123456789abcdef", "x") }
    let ran = try ran(words + ["--shard", "1/3"])
    let folded = scratch.names("out").filter { $0.hasSuffix(".pdb") }
    #expect(folded == ["last.pdb"] && ran.error.contains("last: found that a run was killed"), "\(ran.error)")
    #expect(scratch.names("out").count { $0.hasPrefix(".") } == 2)
  }

  @Test("Logs say shard, node and job in each line") func logs() throws {
    let job = [
      "SLURM_JOB_ID": "17", "SLURM_ARRAY_JOB_ID": "15", "SLURM_ARRAY_TASK_ID": "2", "SLURMD_NODENAME": "n\u{1B}1",
    ]
    let words = ["fold"] + input + ["-o", scratch.path + "/out", "--model", "demo", "-n", "0", "--shard", "2/3"]
    let ran = try Binary.run(words + ["--log-format", "json"], environment: job)
    let lines = try ran.error.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.count > 2)
    for line in lines {
      #expect(
        line["shard"] as? String == "2/3" && line["node"] as? String == "n\u{1B}1" && line["job"] as? String == "15_2")
    }
    let begin = try #require(lines.first { $0["event"] as? String == "begin" })
    #expect(begin["model"] as? String == "demo" && begin["threads"] as? Int == 1 && begin["records"] as? Int == 7)
    #expect((begin["memory_bytes"] as? Int ?? 0) > 1 << 20 && begin["version"] as? String == "0.1.0")
    #expect(lines.contains { $0["event"] as? String == "end" })
    // As text, in the first and the last line; without job and shard only the last, as ever.
    let text = try Binary.run(words + ["--overwrite"], environment: job).error.split(separator: "\n")
    #expect(text.filter { $0.contains("; node n\\u{1B}1, job 15_2") }.count == 2, "\(text)")
    let plain = try Binary.run(["fold", input[1], "-o", scratch.path + "/plain", "--model", "demo", "-n", "0"])
    #expect(!plain.error.contains("node "))
  }
}
