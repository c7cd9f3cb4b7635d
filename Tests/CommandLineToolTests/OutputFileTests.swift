import CommandLineTool
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct OutputFileTests {
  private let scratch: ScratchFolder
  private let registry = TemporaryFiles()

  init() throws {
    scratch = try ScratchFolder()
  }

  @Test func appearsWholeUnderItsNameOnlyWhenCommitted() throws {
    let file = OutputFile(scratch.path + "/a.pdb", registry)
    try file.write(Array("content".utf8))
    #expect(scratch.names() == [".a.pdb.part-\(getpid())"])
    try registry.commit([file]) {}
    #expect(scratch.names() == ["a.pdb"])
    #expect(try scratch.text("a.pdb") == "content")
    file.discard()
    #expect(scratch.names() == ["a.pdb"])
  }

  @Test func replacesAnEarlierFile() throws {
    _ = try scratch.file("a.pdb", "old and longer")
    let file = OutputFile(scratch.path + "/a.pdb", registry)
    try file.write(Array("new".utf8))
    #expect(try scratch.text("a.pdb") == "old and longer")
    try registry.commit([file]) {}
    #expect(try scratch.text("a.pdb") == "new")
  }

  @Test func discardedLeavesNothing() throws {
    let file = OutputFile(scratch.path + "/a.pdb", registry)
    try file.write([1, 2, 3])
    file.discard()
    #expect(scratch.names().isEmpty)
  }

  @Test func missingFolderAndEmptyContent() throws {
    let file = OutputFile(scratch.path + "/none/a.pdb", registry)
    #expect(throws: OutputError.self) { try file.write([1]) }
    let empty = OutputFile(scratch.path + "/empty", registry)
    try empty.write([])
    try registry.commit([empty]) {}
    #expect(scratch.names() == ["empty"])
  }

  @Test func nothingIsRenamedIntoAFolder() throws {
    try FileManager.default.createDirectory(atPath: scratch.path + "/a.pdb", withIntermediateDirectories: false)
    let file = OutputFile(scratch.path + "/a.pdb", registry)
    try file.write([1])
    #expect(throws: OutputError.self) { try registry.commit([file]) {} }
    file.discard()
    #expect(scratch.names() == ["a.pdb"])
  }

  @Test func folderIsCreatedWithParentsAndLeftEmpty() throws {
    try OutputFolder.prepare(scratch.path + "/a/b/c/", registry)
    try OutputFolder.prepare(scratch.path + "/a/b/c", registry)
    #expect(scratch.names("a/b") == ["c"])
    #expect(scratch.names("a/b/c").isEmpty)
  }

  @Test func unusableFolders() throws {
    let file = try scratch.file("file", "x")
    #expect(throws: OutputError.self) { try OutputFolder.prepare(file, registry) }
    #expect(throws: OutputError.self) { try OutputFolder.prepare(file + "/below", registry) }
    #expect(throws: OutputError.self) { try OutputFolder.prepare("/proc/esmfold", registry) }
    #expect(throws: OutputError.self) { try OutputFolder.prepare("/proc", registry) }
    #expect(scratch.names() == ["file"])
  }

  @Test(arguments: [(ENOSPC, true), (EDQUOT, true), (EACCES, false)])
  func fullDiskIsRecognised(_ code: Int32, _ isFull: Bool) {
    #expect(OutputError.system(path: "p", action: "write", code: code).isDiskFull == isFull)
  }
}

@Suite struct SummaryFileTests {
  private let scratch: ScratchFolder
  private var path: String { scratch.path + "/summary.tsv" }

  init() throws {
    scratch = try ScratchFolder()
  }

  private func row(_ name: String, _ message: String = "") -> SummaryRow {
    SummaryRow(
      name: name, length: 58, meanPLDDT: 94.567, ptm: 0.74211, seconds: 0.1234, recycles: 3, precision: "fp32",
      model: "demo", status: "ok", message: message)
  }

  @Test func rows() throws {
    let summary = try SummaryFile(path)
    try summary.append(row("a"))
    try summary.append(
      SummaryRow(name: "b", precision: "fp32", model: "m\ty", status: "failed", message: "x\ty\nz\\"))
    #expect(
      try scratch.text("summary.tsv")
        == SummaryRow.header + "a\t58\t94.57\t0.7421\t0.123\t3\tfp32\tdemo\tok\t\n"
        + "b\tNA\tNA\tNA\tNA\tNA\tfp32\tm\\ty\tfailed\tx\\ty\\nz\\\\\n")
  }

  @Test func resumedRunsAppendWithoutASecondHeader() throws {
    try SummaryFile(path).append(row("a"))
    try SummaryFile(path).append(row("b"))
    let lines = try scratch.text("summary.tsv").split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0] + "\n" == SummaryRow.header)
    #expect(lines.allSatisfy { $0.split(separator: "\t", omittingEmptySubsequences: false).count == 10 })
  }

  @Test func lineCutByACrashIsDropped() throws {
    try SummaryFile(path).append(row("a"))
    let whole = try scratch.text("summary.tsv")
    _ = try scratch.file("summary.tsv", whole + "b\t58\t94")
    try SummaryFile(path).append(row("c"))
    #expect(try scratch.text("summary.tsv") == whole + row("c").line)
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
    #expect(try scratch.text("summary.tsv") == SummaryRow.header + row.line)
  }

  @Test(arguments: ["name\tother\n", "x", SummaryRow.header.uppercased(), String(SummaryRow.header.dropLast())])
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
