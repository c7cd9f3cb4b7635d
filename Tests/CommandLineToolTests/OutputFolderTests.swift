// The folder of results: created, tried, and refused before the work begins.

import CommandLineTool
import Glibc
import Platform
import Testing

@Suite struct OutputFolderTests {
  private let scratch: ScratchFolder
  private let registry = TemporaryFiles()

  init() throws {
    scratch = try ScratchFolder()
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
