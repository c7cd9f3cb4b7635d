// Unfinished files: each writer has its own, nobody removes another's, and what the killed have left goes.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing

@Suite struct UnfinishedFileTests {
  private let scratch: ScratchFolder
  private let registry = TemporaryFiles()

  init() throws { scratch = try ScratchFolder() }

  private func file(_ name: String = "a.pdb", _ text: String? = nil) throws -> UnfinishedFile {
    let file = try UnfinishedFile(for: scratch(name), in: registry)
    if let text { try file.append(Array(text.utf8)) }
    return file
  }

  @Test func appearsWholeUnderItsNameOnlyWhenCommitted() throws {
    let file = try file("a.pdb", "content")
    #expect(scratch.names() == [file.path.lastComponent])
    #expect(try #require(scratch.names().first).wholeMatch(of: /\.a\.pdb\.part-[0-9a-f]{16}/) != nil)
    try file.append(Array(" and more".utf8))
    try Array("C".utf8).withUnsafeBytes { try file.write($0, at: 0) }
    try file.commit()
    #expect(scratch.names() == ["a.pdb"] && scratch.text("a.pdb") == "Content and more")
    file.discard()
    #expect(scratch.names() == ["a.pdb"])
  }

  @Test func replacesAnEarlierFile() throws {
    try scratch.write("a.pdb", "old and longer")
    let file = try file("a.pdb", "new")
    #expect(scratch.text("a.pdb") == "old and longer")
    try file.commit()
    #expect(scratch.text("a.pdb") == "new")
  }

  @Test("A link is followed, also to where nothing is yet; links in a circle are an error") func links() throws {
    try Folder.create(scratch("there"))
    try scratch.write("there/a", "old")
    for (name, target) in [("a", "there/a"), ("b", scratch("there/b")), ("c", "a"), ("x", "y"), ("y", "x")] {
      symlink(target, scratch(name))
    }
    for name in ["a", "b", "c"] { try file(name, "new \(name)").commit() }
    #expect(scratch.text("there/a") == "new c" && scratch.text("there/b") == "new b")
    #expect(scratch.names("there") == ["a", "b"] && scratch.names() == ["a", "b", "c", "there", "x", "y"])
    #expect(try ["a", "b", "c"].allSatisfy { try FileStatus(of: scratch($0), followsLink: false).kind == .link })
    #expect(failure(try UnfinishedFile(for: scratch("x"), in: registry))?.code == ELOOP)
  }

  @Test("A link to a name that is no text is not followed to another one") func linkToBytes() throws {
    let target: [CChar] = [0x62, -1, 0]
    symlink(target, scratch("a"))
    #expect(failure(try UnfinishedFile(for: scratch("a"), in: registry))?.code == EILSEQ)
    #expect(scratch.names() == ["a"])
  }

  @Test("Any name that a file may have can be that of a result", arguments: ["x", "é", "🧬"])
  func longNames(_ letter: String) throws {
    let name = String(repeating: letter, count: 255 / letter.utf8.count)
    let killed = try file(name, "old").path.lastComponent
    #expect(killed.utf8.count <= 255)
    try scratch.write(killed, "left")
    let longName = try file(name, "new")
    #expect(scratch.names() == [longName.path.lastComponent])
    try longName.commit()
    #expect(scratch.names() == [name] && scratch.text(name) == "new")
    let tooLong = scratch(name + letter)
    let file = try UnfinishedFile(for: tooLong, in: registry)
    #expect(failure(try file.commit())?.code == ENAMETOOLONG)
  }

  @Test func discardedOrForgottenLeavesNothing() throws {
    let discarded = try file("a.pdb", "x")
    discarded.discard()
    #expect(scratch.names().isEmpty)
    _ = try file("b.pdb", "x")
    #expect(scratch.names().isEmpty)
  }

  @Test func whatCannotBeMade() throws {
    let error = failure(try UnfinishedFile(for: scratch("none/a.pdb"), in: registry))
    #expect(error == SystemError(path: scratch("none/a.pdb"), action: "create", code: ENOENT))
    try Folder.create(scratch("a.pdb"))
    let file = try file("a.pdb", "x")
    #expect(failure(try file.commit())?.action == "rename the finished file")
    file.discard()
    #expect(scratch.names() == ["a.pdb"] && scratch.names("a.pdb").isEmpty)
  }

  @Test("Several files are renamed together, before or after the step that belongs to them", arguments: [true, false])
  func together(_ isFirst: Bool) throws {
    func commit(_ files: [UnfinishedFile], _ body: () throws(SystemError) -> Void) throws(SystemError) {
      if isFirst { try registry.commit(files, first: body) } else { try registry.commit(files, then: body) }
    }
    var names: [String] = []
    try commit(try ["a", "b"].map { try file($0, $0) }) { () throws(SystemError) in names = scratch.names() }
    #expect(isFirst ? names.count == 2 && names.allSatisfy { $0.contains(".part-") } : names == ["a", "b"])
    #expect(scratch.names() == ["a", "b"])
    let broken = SystemError(path: "p", action: "append", code: EIO)
    let third = try file("c")
    #expect(failure(try commit([third]) { () throws(SystemError) in throw broken }) == broken)
    #expect(scratch.names().contains("c") != isFirst)
  }

  @Test("The name is announced before the file exists, and registered for removal") func announced() throws {
    var told: [(path: String, isThere: Bool)] = []
    let file = try UnfinishedFile(for: scratch("a"), announcing: { told.append(($0, $0.exists)) })
    #expect(told.count == 1 && told[0].path == file.path && !told[0].isThere)
    TemporaryFiles.ofProcess.discard(file.path)
    #expect(scratch.names().isEmpty)
  }

  @Test("A name in use is skipped, and what has it is left alone") func takenNames() throws {
    try scratch.write(".a.part-0000000000000001", "somebody's")
    symlink(scratch("nothing"), scratch(".a.part-0000000000000002"))
    try Folder.create(scratch(".a.part-0000000000000003"))
    var numbers: [UInt64] = [4, 3, 2, 1]
    let file = try UnfinishedFile(
      for: scratch("a"), in: registry, removingAbandoned: false, random: { numbers.removeLast() })
    #expect(file.path.hasSuffix(".a.part-0000000000000004") && scratch.names().count == 4)
    for number in 1...3 { registry.discard(scratch(".a.part-000000000000000\(number)")) }
    #expect(scratch.names().count == 4 && scratch.text(".a.part-0000000000000001") == "somebody's")
    let taken = failure(try UnfinishedFile(for: scratch("a"), in: registry, removingAbandoned: false, random: { 1 }))
    #expect(taken?.code == EEXIST)
  }

  // MARK: Others

  @Test("Concurrent writers of one target have a file each, and neither removes the other's") func two()
    throws
  {
    let first = try file("a", "first"), second = try file("a", "second"), third = try file("a", "third")
    #expect(Set(scratch.names()) == Set([first, second, third].map(\.path.lastComponent)))
    try second.commit()
    #expect(scratch.text("a") == "second" && first.path.exists)
    try first.commit()
    #expect(scratch.text("a") == "first")
    third.discard()
    #expect(scratch.names() == ["a"])
  }

  @Test("So have threads, and every result is complete") func threads() async throws {
    let (folder, registry) = (scratch.path, registry), writers = 4, rounds = 50, size = 20_000
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<writers {
        group.addTask {
          for _ in 0..<rounds {
            let file = try UnfinishedFile(for: "\(folder)/a", in: registry)
            try file.append([UInt8](repeating: UInt8(writer), count: size))
            try file.commit()
            let found = try WholeFile.read("\(folder)/a")
            guard found.count == size, found.allSatisfy({ $0 == found[0] }) else { throw Torn() }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(scratch.names() == ["a"])
  }

  @Test("So have processes; the file of a killed one is removed, that of a live one is kept") func processes()
    async throws
  {
    let path = scratch.path, mine = try file("a", "mine")
    try await Handed.over(path) {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        let path = try Handed.taken(String.self)
        let other = try UnfinishedFile(for: "\(path)/a")
        try other.append([1, 2, 3])
        kill(getpid(), SIGKILL)
      }
    }
    #expect(scratch.names().count == 2 && mine.path.exists)
    let left = UnfinishedFile.abandoned(in: path) { $0 == "a" }
    #expect(left.count == 1 && left.first != mine.path.lastComponent)
    // Of another target, nothing is touched; of the same one, what nobody writes.
    _ = try file("b", "x")
    #expect(scratch.names().count == 2)
    let next = try file("a", "next")
    #expect(Set(scratch.names()) == [mine.path.lastComponent, next.path.lastComponent])
    try mine.commit()
    try next.commit()
    #expect(scratch.names() == ["a"] && scratch.text("a") == "next")
  }

  @Test("A child that runs another program does not hold the lock of its parent") func children() throws {
    let file = try file("a", "x")
    let path = file.path
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sleep")
    child.arguments = ["60"]
    try child.run()
    // Threads of tests block signals, and the child inherits that: it would go on, and keep the output of the tests open.
    defer { kill(child.processIdentifier, SIGKILL) }
    #expect(FileLock.take(open(path, O_RDWR | O_CLOEXEC)) == .taken)
    // Our descriptor becomes another file's, which closes the file and gives up its lock.
    let other = open("/dev/null", O_RDONLY | O_CLOEXEC)
    #expect(dup2(other, file.descriptor) == file.descriptor)
    close(other)
    // A process that another test is starting has a copy of the descriptor until it executes its own program; the child
    // above would have the lock for a minute.
    let deadline = ContinuousClock.now + .seconds(20)
    while !UnfinishedFile.removeAbandoned(path) {
      try #require(ContinuousClock.now < deadline)
      sched_yield()
    }
    #expect(scratch.names().isEmpty)
  }

  @Test("A finished file is not locked") func finished() throws {
    let file = try file("a", "x")
    try file.commit()
    let descriptor = open(scratch("a"), O_RDWR | O_CLOEXEC)
    // Its writer still has it open.
    withExtendedLifetime(file) {
      #expect(FileLock.isFree(descriptor) && FileLock.take(descriptor) == .held)
    }
    close(descriptor)
  }

  @Test(arguments: [
    (".a.pdb.part-0123456789abcdef", "a.pdb"), (".a.part-1", "a"), (".a.part-77-3", "a"),
    (".a.part-1.part-2", "a.part-1"),
    (".a.part-0123456789abcde", nil), (".a.part-0123456789abcdefa", nil), (".a.part-", nil), (".a.part-x", nil),
    (".a.part-1-2-3", nil), (".a.part-1-", nil), ("a.part-1", nil), (".a.parts", nil), (".part-1", nil),
    ("..part-1", nil),
    (".a.part-\u{661}", nil), (".a.part-0123456789abcdeg", nil),
  ])
  func names(_ name: String, _ target: String?) {
    #expect(UnfinishedFile.target(ofTemporary: name) == target)
  }

  @Test("Only files of the same target are removed, and a pipe does not block") func leftovers() throws {
    let stay = [".b.part-1", ".a.part-x", "a.part-1", ".a.part-0123456789abcde", "aa"]
    for name in stay + [".a.part-1", ".a.part-2-3", ".a.part-0123456789abcdef"] { try scratch.write(name) }
    mkfifo(scratch(".a.part-5"), 0o600)
    symlink(scratch("aa"), scratch(".a.part-6"))
    try Folder.create(scratch(".a.part-7"))
    _ = try file("a")
    #expect(scratch.names() == (stay + [".a.part-5", ".a.part-6", ".a.part-7"]).sorted())
  }

  @Test("The lock of a fixed name is on the file that has the name now") func fixedName() throws {
    let path = scratch("file.part")
    let first = try #require(try FileLock.open(path))
    #expect(try FileLock.open(path) == nil)
    try rename(path, to: scratch("file"))
    // The finished file is locked for a moment more, but the next one is another.
    let second = try #require(try FileLock.open(path))
    #expect(!FileLock.names(first, path) && FileLock.names(second, path))
    close(first)
    close(second)
    #expect(failure(try FileLock.open(scratch("none/file")))?.action == "create")
  }

  @Test("A file that loses its name before it is locked is not the file of the name", arguments: [true, false])
  func lostName(_ isFinished: Bool) throws {
    let path = try scratch.write("file.part", "whole"), holder = try #require(try FileLock.open(path))
    var attempts = 0
    let descriptor = try FileLock.open(path) { _ in
      attempts += 1
      guard attempts == 1 else { return }
      // The holder ends after the file was opened again and before its lock is requested.
      if isFinished { try? rename(path, to: scratch("file")) } else { unlink(path) }
      FileLock.release(holder)
    }
    let found = try #require(descriptor)
    #expect(attempts == 2 && FileLock.names(found, path))
    #expect(scratch.text("file.part")?.isEmpty == true && scratch.text("file") == (isFinished ? "whole" : nil))
    close(holder)
    close(found)
  }
}

/// A result that is not one writer's.
private struct Torn: Error {}
