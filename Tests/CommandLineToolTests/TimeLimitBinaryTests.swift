// Runs that end because time is short: what is left, what is kept, and the exit status that says so.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 10)) struct TimeLimitBinaryTests {
  private let scratch: ScratchFolder
  private let input: String

  /// A short protein tells the speed; the next would take more than ten thousand times as long.
  init() throws {
    scratch = try ScratchFolder()
    let long = String(repeating: "MKTVRQERLK", count: 300)
    input = try scratch.file("in.fasta", ">a\nGIVEQCCTSICSLYQLENYCN\n>long\n\(long)\n>b\nNLYIQWLKDGGPSSGRPPPS\n")
  }

  private func object(_ line: Substring) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test("fold leaves what would take too long, and folds what is shorter") func fold() throws {
    let words = [input, "-o", scratch.path + "/out", "--model", "demo", "-n", "0", "--threads", "1"]
    let ran = try Binary.run(["fold"] + words + ["--time-limit", "0.25"])
    #expect(ran.status == 75, "\(ran.error)")
    #expect(ran.error.contains("folded 2, skipped 0, failed 0, left 1 in "))
    #expect(
      ran.error.contains("--time-limit 0.25: 1 record is left") && ran.error.contains("hint: the same command goes on"))
    // What is left is none of those that are counted.
    #expect(ran.error.contains("(1/3)") && ran.error.contains("(2/2)"), "\(ran.error)")
    #expect(scratch.names("out") == ["a.pdb", "b.pdb", "summary.tsv"])
    #expect(try summaryRows(scratch.text("out/summary.tsv")).map { $0[0] } == ["a", "b"])
    // No time at all: nothing is begun. The first of a run is begun in any case, so a task comes to its end.
    let none = try Binary.run(["fold"] + words + ["--time-limit", "0.0000001", "--log-format", "json"])
    #expect(none.status == 75 && !scratch.names("out").contains { $0.hasPrefix(".") })
    let last = try #require(none.error.split(separator: "\n").last)
    #expect(try object(last)["event"] as? String == "time_limit" && object(last)["left"] as? Int == 1)
    // Failed records do not hide that others are left, and nothing is left where all is done.
    let short = try scratch.file("short.fasta", ">a\nGIVEQCCTSICSLYQLENYCN\n>b\nNLYIQWLKDGGPSSGRPPPS\n")
    let done = try Binary.run(["fold", short] + words.dropFirst() + ["--time-limit", "0.0000001"])
    #expect(done.status == 0 && done.error.contains("folded 0, skipped 2, failed 0 in "), "\(done.error)")
  }

  @Test("A file of results waits for what is left") func store() throws {
    let words =
      [
        "score", input, "--all", "-o", scratch.path + "/x.h5", "--threads", "1", "--model",
        Fixtures.path("family/esm2"),
      ]
    let cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    _ = try Binary.run(["score", "-"] + words.suffix(2), input: Data(">a\nMK\n".utf8), environment: cache)
    for (limit, counts) in [
      (".25", "scored 2, failed 0, left 1"), ("0.0000001", "scored 0, skipped 2, failed 0, left 1"),
    ] {
      let ran = try Binary.run(words + ["--time-limit", limit], environment: cache)
      #expect(ran.status == 75 && ran.error.contains(counts), "\(ran.error)")
      #expect(scratch.names() == ["cache", "in.fasta", "x.h5.partial"])
    }
  }

  @Test("NumPy files are kept, and vectors are read in batches until the time is over") func folder() throws {
    let words =
      [
        "embed", input, "--format", "npy", "-o", scratch.path + "/x", "--threads", "1", "--model",
        Fixtures.path("family/esm2"),
      ]
    let cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    let none = try Binary.run(words + ["--time-limit", "0.0000001"], environment: cache)
    #expect(none.status == 75 && none.error.contains("embedded 0, failed 0, left 3"), "\(none.error)")
    let all = try Binary.run(words + ["--time-limit", "100"], environment: cache)
    #expect(all.status == 0 && all.error.contains("embedded 3, failed 0 in"), "\(all.error)")
  }
}
