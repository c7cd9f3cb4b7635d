// The summary of a run: its rows, and several runs that write the same one.

import CommandLineTool
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct SummaryFileTests {
  private let scratch: ScratchFolder
  private var path: String { scratch.path + "/summary.tsv" }

  init() throws {
    scratch = try ScratchFolder()
  }

  private let origin = SummaryRow.Origin(finished: "2026-01-31T12:00:00Z", machine: "Zen 4, 2 threads, v3")

  private func row(_ name: String) -> SummaryRow {
    SummaryRow(
      SummaryRow.Protein(name: name, header: nil, length: 58, chains: 1), recycles: 3, precision: "fp32", model: "demo",
      origin,
      .folded(
        SummaryRow.Scores(meanPLDDT: 94.567, ptm: 0.74211, seconds: 0.1234, passes: 4, samples: 8, bestSample: 3),
        InterfaceSummary(chains: 1)))
  }

  @Test func rows() throws {
    let summary = try SummaryFile(path)
    try summary.append(row("a"))
    try summary.append(
      SummaryRow(
        SummaryRow.Protein(name: "b", header: nil, length: nil, chains: nil), recycles: nil, precision: "fp32",
        model: "m\ty", origin, .failed("x\ty\nz\\")))
    #expect(
      try scratch.text("summary.tsv")
        == SummaryRow.head
        + "a\t58\t94.57\t0.7421\t0.123\t3\tfp32\tdemo\tok\t\tNA\t1\tNA\tNA\tNA\tNA\tNA\t4\t8\t3\t2026-01-31T12:00:00Z\tZen 4, 2 threads, v3\n"
        + "b\tNA\tNA\tNA\tNA\tNA\tfp32\tm\\ty\tfailed\tx\\ty\\nz\\\\\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA"
        + "\t2026-01-31T12:00:00Z\tZen 4, 2 threads, v3\n")
  }

  @Test func resumedRunsAppendWithoutASecondHeader() throws {
    try SummaryFile(path).append(row("a"))
    try SummaryFile(path).append(row("b"))
    let lines = try scratch.text("summary.tsv").split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0] + "\n" == SummaryRow.head)
    #expect(lines.allSatisfy { $0.split(separator: "\t", omittingEmptySubsequences: false).count == 22 })
  }

  @Test func lineCutByACrashIsDropped() throws {
    try SummaryFile(path).append(row("a"))
    let whole = try scratch.text("summary.tsv")
    _ = try scratch.file("summary.tsv", whole + "b\t58\t94")
    try SummaryFile(path).append(row("c"))
    #expect(try scratch.text("summary.tsv") == whole + row("c").line)
    // Within a character of two bytes.
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Array("d\t58\t".utf8) + [0xC3])
    try file.close()
    try SummaryFile(path).append(row("e"))
    #expect(try scratch.text("summary.tsv") == whole + row("c").line + row("e").line)
  }

  @Test("A protein has one line, the last that was written") func oneLine() throws {
    let summary = try SummaryFile(path), other = try SummaryFile(path)
    for name in ["a", "b", "c"] { try summary.append(row(name)) }
    // Another process replaces lines, too, and neither loses those of the other.
    try other.append(row("a"))
    try summary.append(row("d"))
    try SummaryFile(path).append(row("c"))
    try other.append(row("e"))
    let names = try scratch.text("summary.tsv").split(separator: "\n").dropFirst().map { $0.prefix(1) }
    #expect(names == ["b", "a", "d", "c", "e"])
  }

  @Test("Only one process writes at a time") func locked() throws {
    let summary = try SummaryFile(path)
    let other = open(path, O_RDWR | O_CLOEXEC)
    try #require(flock(other, LOCK_EX) == 0)
    var status = stat()
    try #require(fstat(other, &status) == 0)
    let number = ":\(status.st_ino) "
    let row = row("a")
    let ended = Outcome()
    Thread.detachNewThread {
      let result = Result { try summary.append(row) }
      ended.result.withLock { $0 = result }
    }
    // Either it waits for the lock, or it has not requested it yet.
    let isSettled = holds {
      let locks = (try? String(contentsOfFile: "/proc/locks", encoding: .utf8)) ?? ""
      return ended.isSet || locks.split(separator: "\n").contains { $0.contains("->") && $0.contains(number) }
    }
    #expect(isSettled && !ended.isSet)
    close(other)
    let isEnded = holds { ended.isSet }
    #expect(isEnded)
    try ended.result.withLock { $0 }?.get()
    #expect(try scratch.text("summary.tsv") == SummaryRow.head + row.line)
  }

  @Test(arguments: ["name\tother\n", "name\n", "x", SummaryRow.head.uppercased(), String(SummaryRow.head.dropLast())])
  func foreignTablesAreNotTouched(_ content: String) throws {
    _ = try scratch.file("summary.tsv", content)
    #expect(throws: OutputError.self) { try SummaryFile(path) }
    #expect(try scratch.text("summary.tsv") == content)
  }
}

/// The state of a thread.
private final class Outcome: Sendable {
  let result = Mutex<Result<Void, any Error>?>(nil)
  var isSet: Bool { result.withLock { $0 != nil } }
}
