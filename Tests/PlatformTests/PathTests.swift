// Parts of paths, folders and identities, compared with what POSIX and Foundation say.

import Foundation
import Glibc
import Platform
import Testing

@Suite struct PathTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test(arguments: [
    ("a", ".", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("a/b/", "a", "b"), ("a//b", "a", "b"),
    ("//a", "/", "a"), ("/", "/", ""), ("", ".", ""), ("./a", ".", "a"), ("a/é", "a", "é"), ("a///", ".", "a"),
  ])
  func parts(_ path: String, _ folder: String, _ name: String) {
    #expect(path.folder == folder && path.lastComponent == name)
  }

  @Test func foldersWithParents() throws {
    try Folder.create(scratch("a/b/c/"))
    try Folder.create(scratch("a/b/c"))
    #expect(scratch("a/b/c").isFolder && scratch.names("a/b") == ["c"])
    let file = try scratch.write("file")
    for path in [file, file + "/below", file + "/below/it"] {
      #expect(failure(try Folder.create(path)) == SystemError(path: file, action: "create folder", code: ENOTDIR))
    }
    symlink(scratch("nowhere"), scratch("dangling"))
    #expect(failure(try Folder.create(scratch("dangling")))?.code == ENOTDIR)
    symlink(scratch("a"), scratch("link"))
    try Folder.create(scratch("link/d"))
    #expect(scratch.names("a") == ["b", "d"])
    #expect(
      failure(try Folder.create("/proc/esmfold/x"))
        == SystemError(path: "/proc/esmfold", action: "create folder", code: ENOENT))
  }

  @Test func temporaryFolders() throws {
    let first = try Folder.createTemporary(scratch("t-")), second = try Folder.createTemporary(scratch("t-"))
    #expect(first != second && scratch.names().sorted() == [first, second].map(\.lastComponent).sorted())
    var status = stat()
    #expect(stat(first, &status) == 0 && status.st_mode == S_IFDIR | 0o700)
    #expect(
      failure(try Folder.createTemporary(scratch("no/t-")))
        == SystemError(path: scratch("no/t-"), action: "create folder", code: ENOENT))
  }

  @Test("Several threads may create the same folder at once") func foldersAtOnce() async throws {
    let path = scratch.path
    for round in 0..<200 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { try Folder.create("\(path)/\(round)/a/b/c") } }
        try await group.waitForAll()
      }
    }
    #expect(scratch.names().count == 200)
  }

  @Test func namesOfAFolder() throws {
    for name in ["b", "a", ".hidden", "é"] { try scratch.write(name) }
    #expect(try Folder.names(in: scratch.path) == scratch.names())
    #expect(
      failure(try Folder.names(in: scratch("no"))) == SystemError(path: scratch("no"), action: "open", code: ENOENT))
  }

  @Test func identities() throws {
    let path = try scratch.write("a"), other = try scratch.write("b")
    symlink(path, scratch("link"))
    #expect(FileIdentity(path) == FileIdentity(scratch("link")) && FileIdentity(path) != FileIdentity(other))
    #expect(FileIdentity(scratch("missing")) == nil)
    // Both are number 1 of their file systems.
    #expect(FileIdentity("/proc") != FileIdentity("/sys"))
  }

  @Test func status() throws {
    let path = try scratch.write("a", "four")
    symlink(path, scratch("link"))
    #expect(FileStatus.sizeOfFile(scratch("link")) == 4 && FileStatus.sizeOfFile(scratch.path) == nil)
    #expect(try FileStatus(of: scratch("link"), followsLink: false).kind == .link)
    #expect(FileStatus.kind(of: "/dev/null") == .device && FileStatus.kind(of: scratch.path) == .folder)
    let hole = try scratch.write("hole", "")
    truncate(hole, 1 << 20)
    let status = try FileStatus(of: hole)
    #expect(status.size == 1 << 20 && status.allocatedBytes < 1 << 20 && status.names == 1)
    let date = try #require(FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
    #expect(abs(Double(try FileStatus(of: path).modified) / 1e9 - date.timeIntervalSince1970) < 1e-3)
  }

  @Test("Free space is what `df` reports as available to unprivileged users") func freeSpace() throws {
    let values = try URL(fileURLWithPath: scratch.path).resourceValues(forKeys: [.volumeAvailableCapacityKey])
    let expected = try #require(values.volumeAvailableCapacity)
    let found = try Folder.freeSpace(in: scratch.path)
    // Others write meanwhile.
    #expect(abs(found - expected) < max(expected / 10, 1 << 28))
    #expect(failure(try Folder.freeSpace(in: scratch("no")))?.code == ENOENT)
  }
}
