// Several proteins at a time: the files, the summary and the exit status of one by one.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 10)) struct JobsBinaryTests {
  private let scratch: ScratchFolder
  /// Long and short ones mixed, and one that cannot be folded.
  private let input: String

  init() throws {
    scratch = try ScratchFolder()
    input = try scratch.file(
      "in.fasta",
      (0..<14).map { number in
        let repeats = [5, 1, 1, 3, 2, 1, 6, 1, 1, 2, 1, 4, 1, 2][number]
        return ">p\(number) record \(number)\n"
          + (number == 5 ? "" : String(repeating: "MKTVRQER", count: repeats))
          + "\n"
      }.joined())
  }

  private func words(_ folder: String, _ options: [String]) -> [String] {
    ["fold", input, "--model", "demo", "--pae", "--format", "pdb,cif", "-n", "1", "-o", "\(scratch.path)/\(folder)"]
      + options
  }

  /// All files of a folder but the summary, whose lines have times.
  private func content(_ folder: String) throws -> [String: Data] {
    Dictionary(
      uniqueKeysWithValues: try scratch.names(folder).filter { $0 != "summary.tsv" }
        .map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/\(folder)/\($0)"))) })
  }

  /// The summary without the columns that tell of time and threads.
  private func summary(_ folder: String) throws -> [[String]] {
    let text = try scratch.text("\(folder)/summary.tsv")
    let lines = text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    let timed = Set(["seconds", "finished", "machine"].compactMap { lines[0].firstIndex(of: $0) })
    return lines.map { line in line.indices.filter { !timed.contains($0) }.map { line[$0] } }
  }

  /// The summary without the record that cannot be folded, whose line moves to the end with each run that tries it.
  private func foldedRows(_ folder: String) throws -> [[String]] { try summary(folder).filter { $0[0] != "p5" } }

  @Test(
    "Files, summary, counts and status are those of one by one",
    arguments: [["--threads", "2"], ["--threads", "3", "--jobs", "2"], ["--threads", "5", "-j", "auto"]])
  func same(_ options: [String]) throws {
    let single = try Binary.run(words("single", ["--threads", "1"]))
    let several = try Binary.run(words("several", options))
    #expect(single.status == 1 && several.status == 1)
    #expect(several.error.contains("folded 13, skipped 0, failed 1 in "), "\(several.error)")
    #expect(try content("single") == content("several"))
    #expect(try summary("single") == summary("several"))
    // Each message counts on, whichever protein it is of.
    for number in 1...13 { #expect(several.error.contains(" s (\(number)/13)")) }
  }

  @Test("Several proteins are under way at the same time, and never more than the jobs") func together() throws {
    for (options, most) in [
      (["--threads", "3"], 3), (["--threads", "3", "--jobs", "2"], 2), (["--threads", "1"], 1),
    ] {
      let slow = words("out\(most)", options + ["-n", "400"])
      let ran = try Binary.Started(slow)
      func underWay() -> Int {
        Set(
          scratch.names("out\(most)").filter { $0.hasPrefix(".p") }.compactMap {
            $0.dropFirst().split(separator: ".").first
          }
        )
        .count
      }
      ran.wait { underWay() == most }
      #expect(underWay() <= most)
      ran.send(SIGTERM)
      let end = ran.ended()
      #expect(end.status == 143 && end.error.contains("stopped by SIGTERM"), "\(end.error)")
      #expect(!scratch.names("out\(most)").contains { $0.hasPrefix(".") })
    }
  }

  @Test("What a kill has left is folded last, alone, and the results are those of an undisturbed run") func killed()
    throws
  {
    let options = ["--threads", "2", "-n", "4"]
    #expect(try Binary.run(words("single", ["--threads", "1", "-n", "4"])).status == 1)
    for finished in [1, 4] {
      let ran = try Binary.Started(words("several", options))
      ran.wait { scratch.names("several").count { $0.hasSuffix(".pdb") && $0.hasPrefix("p") } >= finished }
      ran.send(SIGKILL)
      _ = ran.ended()
    }
    let last = try Binary.run(words("several", options))
    #expect(last.status == 1 && last.error.contains("skipped "), "\(last.error)")
    #expect(try content("single") == content("several"))
    // The last run has put the order right.
    #expect(try foldedRows("single") == foldedRows("several"))
  }

  @Test("Files that cannot be written are failures of their proteins, and a later run has the same results")
  func limited()
    throws
  {
    let ran = try Binary.run(
      ["-c", "ulimit -f 24; exec \"$@\"", "bash", Binary.path] + words("out", ["--threads", "2"]),
      executable: "/bin/bash")
    // Files may have 24 KiB here, which the longer proteins exceed.
    #expect(ran.status == 1)
    let pdbs = scratch.names("out").filter { $0.hasSuffix(".pdb") }
    #expect(!pdbs.isEmpty && !scratch.names("out").contains { $0.hasPrefix(".") })
    #expect(try Binary.run(words("out", ["--threads", "2"])).error.contains("skipped \(pdbs.count)"))
    #expect(try Binary.run(words("single", ["--threads", "1"])).status == 1)
    #expect(try content("single") == content("out"))
    #expect(try foldedRows("single") == foldedRows("out"))
  }

  @Test("The log names the number of jobs") func log() throws {
    let ran = try Binary.run(words("out", ["--threads", "3", "--jobs", "2", "--log-format", "json"]))
    let begin = try #require(ran.error.split(separator: "\n").first { $0.contains("\"event\":\"begin\"") })
    #expect(begin.contains("\"threads\":3,\"jobs\":2,"))
    #expect(begin.contains("up to 2 proteins at a time"))
  }

  @Test("No more at a time than may have their files open", arguments: [(41, 5), (25, 1)])
  func descriptors(_ limit: Int, _ jobs: Int) throws {
    // A structure in two formats and the predicted aligned errors: three files each.
    let ran = try Binary.run(
      ["-c", "ulimit -n \(limit); exec \"$@\"", "bash", Binary.path]
        + words("out", ["--threads", "6", "--log-format", "json"]), executable: "/bin/bash")
    #expect(ran.error.contains("\"threads\":6,\"jobs\":\(jobs),"), "\(ran.error)")
    #expect(ran.error.contains("\"folded\":13,\"skipped\":0,\"failed\":1,"), "\(ran.error)")
  }

  @Test(arguments: ["0", "-1", "1.5", "", "all", "1025", "0x2"]) func wrongJobs(_ text: String) throws {
    let ran = try Binary.run(words("out", ["--jobs=\(text)"]))
    #expect(ran.status == 2 && ran.error.contains("expected auto or a whole number from 1 to 1024"), "\(ran.error)")
  }
}
