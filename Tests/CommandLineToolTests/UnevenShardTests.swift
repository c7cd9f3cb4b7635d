// Shards of which some have no records, have not ended, or were merged before the others.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct UnevenShardTests {
  private let scratch: ScratchFolder
  private let input: String
  private static let esm2 = ["--model", Fixtures.path("family/esm2"), "--threads", "1"]

  init() throws {
    scratch = try ScratchFolder()
    input = try scratch.file("in.fasta", ">a\nMKV\n>b\nMKTV\n>c\nMK\n")
  }

  private func path(_ name: String) -> String { "\(scratch.path)/\(name)" }

  private func run(_ words: [String]) throws -> Binary.Ran { try Binary.run(words) }

  @Test(
    "More shards than records: one without any says that it has ended, too",
    arguments: [
      ["embed"], ["embed", "--flat", "--pool", "mean"], ["embed", "--format", "npy"], ["contacts", "--format", "h5"],
      ["score", "--all"],
    ])
  func empty(_ words: [String]) throws {
    let ending = words.contains("npy") ? "" : ".h5"
    #expect(try run(words + [input, "-o", path("single\(ending)")] + Self.esm2).status == 0)
    for number in 1...5 {
      let ran = try run(words + [input, "-o", path("v\(ending)"), "--shard", "\(number)/5"] + Self.esm2)
      #expect(ran.status == 0 && !ran.error.contains("has the results of all records"), "\(ran.error)")
    }
    let status = try run(["status", path("v\(ending)"), "-i", input])
    #expect(status.status == 0 && status.output.contains("shard 5-of-5\tfinished 0"), "\(status.output)")
    let merged = try run(["merge", path("v\(ending)"), "-i", input])
    #expect(merged.status == 0 && !merged.error.contains("warning"), "\(merged.error)")
    let table = ending.isEmpty ? "/index.tsv" : ending
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: path("v\(table)")))
        == Data(contentsOf: URL(fileURLWithPath: path("single\(table)"))))
  }

  @Test("A shard whose records all fail has ended, and fails") func failed() throws {
    let bad = try scratch.file("bad.fasta", ">x\nACGTACGTACGTACGT\n>y\nMKV\n")
    let states = try (1...2).map {
      try run(["embed", bad, "-o", path("v.h5"), "--shard", "\($0)/2"] + Self.esm2).status
    }
    #expect(states == [1, 0])
    let merged = try run(["merge", path("v.h5"), "-i", bad])
    #expect(merged.status == 1 && merged.error.contains("found 1 record without results"), "\(merged.error)")
  }

  @Test("What was merged before a shard had ended does not hide it", arguments: ["tar", "h5"])
  func lateShard(_ ending: String) throws {
    let words = ending == "tar" ? ["fold", "--model", "demo", "-n", "0"] : ["embed"] + Self.esm2
    func shard(_ number: Int) throws {
      let ran = try run(words + [input, "-o", path("v.\(ending)"), "--shard", "\(number)/3"])
      #expect(ran.status == 0, "\(ran.error)")
    }
    let whole = path("v.\(ending)"), merge = ["merge", whole, "-i", input]
    for number in [1, 3] { try shard(number) }
    #expect(try run(merge + ["--partial"]).status == 0)
    #expect(try run(["status", whole, "-i", input]).output.contains("finished 2, failed 0, missing 1"))
    try shard(2)
    let status = try run(["status", whole, "-i", input])
    #expect(status.status == 0 && status.output.contains("finished 3, failed 0, missing 0"), "\(status.output)")
    let new = path("new.\(ending)"), joined = try run(merge + ["-o", new])
    #expect(joined.status == 0 && joined.error.contains("merged 3 records of 4 files"), "\(joined.error)")
    let again = try run(merge)
    #expect(again.status == 1 && again.error.contains("--overwrite replaces it"), "\(again.error)")
    let replaced = try run(merge + ["--overwrite"])
    #expect(replaced.status == 0 && replaced.error.contains("merged 3 records of 4 files"), "\(replaced.error)")
    #expect(try run(["status", whole, "-i", input]).status == 0)
    #expect(FileManager.default.contentsEqual(atPath: new, andPath: whole))
    // What only the file has stays in it.
    for number in [1, 3] { try FileManager.default.removeItem(atPath: path("v.\(number)-of-3.\(ending)")) }
    let kept = try run(merge + ["--overwrite", "--partial"])
    #expect(kept.status == 0 && kept.error.contains("merged 3 records of 2 files"), "\(kept.error)")
    #expect(FileManager.default.contentsEqual(atPath: new, andPath: whole))
  }

  @Test("Of files that no run has completed everything is missing") func unfinished() throws {
    _ = try scratch.file("v.h5.partial", "")
    _ = try scratch.file("w.2-of-3.h5.partial", "")
    for name in ["v.h5", "w.h5"] {
      let status = try run(["status", path(name), "-i", input])
      #expect(status.status == 1, "\(status.error)")
      #expect(status.output.contains("finished 0, failed 0, missing 3, other 0"), "\(status.output)")
      let rest = try run(["status", path(name), "-i", input, "--missing"])
      #expect(rest.output == ">a\nMKV\n>b\nMKTV\n>c\nMK\n")
    }
    #expect(try run(["status", path("x.h5"), "-i", input]).error.contains("x.h5: cannot open"))
  }
}
