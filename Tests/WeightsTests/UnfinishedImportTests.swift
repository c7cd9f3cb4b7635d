// Unfinished files of imports and exports: locked while they are written, removed when no process has the lock, and only
// then.

import Checkpoints
import Foundation
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing
import Weights
import WeightsTestSupport

/// A lock as another program would take or query it; the constants are Linux's, which its headers hide.
private final class FileLock: Sendable {
  static let ask: Int32 = 36, take: Int32 = 37
  private let descriptor: Int32

  /// Locks a file.
  convenience init(_ path: String) throws {
    self.init(opening: path)
    try #require(take())
  }

  /// Opens a file without locking it.
  init(opening path: String) { descriptor = open(path, O_RDWR | O_CLOEXEC) }

  /// Whether there is a file that no one else has locked.
  func take() -> Bool {
    var request = Self.request
    return descriptor >= 0 && withUnsafeMutablePointer(to: &request) { fcntl(descriptor, Self.take, $0) } == 0
  }

  /// Whether the file still has a name.
  var isNamed: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  deinit {
    // Closing alone would leave the lock, for a moment, to a process that another test is starting.
    var request = Self.request
    request.l_type = Int16(F_UNLCK)
    _ = withUnsafeMutablePointer(to: &request) { fcntl(descriptor, Self.take, $0) }
    close(descriptor)
  }

  private static var request: flock {
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    return request
  }

  /// Whether a file is locked.
  static func isHeld(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    var request = request
    return descriptor >= 0 && withUnsafeMutablePointer(to: &request) { fcntl(descriptor, ask, $0) } == 0
      && request.l_type != Int16(F_UNLCK)
  }
}

@Suite struct UnfinishedImportTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    mkdir(folder("cache"), 0o755)
  }

  private func importer(_ name: String = "weights") throws -> Importer {
    Importer(try ModelSource(Fixtures.path(name)), modelName: "m", program: "p")
  }

  private func names() -> [String] { TemporaryFolder.names(folder("cache")) }

  @Test("The unfinished file is locked from its first byte to its last") func locked()
    throws
  {
    var held: [Bool] = []
    try importer().run(to: folder("cache/m.h5")) { progress in
      #expect(progress.temporaryPath.hasPrefix(folder("cache/.m.h5.part-")))
      // Told before there is a file, so that a signal handler knows its name.
      if held.isEmpty { #expect(access(progress.temporaryPath, F_OK) != 0) }
      held.append(FileLock.isHeld(progress.temporaryPath))
    }
    #expect(held.count > 3 && held.first == false && held.dropFirst().allSatisfy { $0 })
    #expect(!FileLock.isHeld(folder("cache/m.h5")))
  }

  @Test("So are the unfinished files of an export") func lockedExport() throws {
    try importer("family/esm2").run(to: folder("m.h5"))
    let model = try CacheCheck(folder("m.h5"))
    var seen: [String: [Bool]] = [:]
    try Exporter(model, companions: [("config.json", "{}"), ("vocab.txt", "")]).run(
      to: folder("out"), overwriting: false
    ) { seen[$0.temporaryPath, default: []].append(FileLock.isHeld($0.temporaryPath)) }
    let names = ["config.json", "model.safetensors", "vocab.txt"]
    #expect(seen.keys.sorted().map { $0.dropLast(16) } == names.map { folder("out/.\($0).part-")[...] })
    for (path, held) in seen {
      // Announced, but not created; written afterwards.
      #expect(held.first == false && held.dropFirst().allSatisfy { $0 }, "\(path)")
    }
    #expect((seen.first { $0.key.contains("safetensors") }?.value.count ?? 0) > 10)
    #expect(TemporaryFolder.names(folder("out")) == names)
  }

  @Test("A locked file survives every cleanup") func living() throws {
    let names = [".m.h5.part-1", ".m.h5.part-2", ".n.h5.part-1"]
    for name in names { try folder.write("cache/\(name)", "x") }
    try importer().run(to: folder("out.h5"))
    let cache = CacheFolder(path: folder("cache"))
    try withExtendedLifetime(FileLock(folder("cache/.m.h5.part-1"))) {
      #expect(cache.leftovers().map(\.path) == names.dropFirst().map { folder("cache/\($0)") })
      try importer().run(to: folder("cache/m.h5"))
      #expect(self.names() == [".m.h5.part-1", ".n.h5.part-1", "m.h5"])
      cache.removeLeftovers()
      #expect(self.names() == [".m.h5.part-1", "m.h5"])
      let removed = try cache.remove("m")
      #expect(self.names() == [".m.h5.part-1"] && removed.bytes > 0)
    }
    try importer().run(to: folder("cache/m.h5"))
    #expect(self.names() == ["m.h5"])
  }

  @Test("A final rename that fails is an error, and the file is removed") func rename() throws {
    let target = folder("cache/m.h5"), importer = try importer()
    let error = failure { () throws(WeightError) in
      try importer.run(to: target) { if $0.bytesDone == $0.bytesTotal { mkdir(target, 0o755) } }
    }
    #expect(error == .system(path: target, action: "rename the finished file", code: EISDIR))
    #expect(names() == ["m.h5"] && TemporaryFolder.names(target).isEmpty)
  }

  /// As a disk that loses data would: a byte changes after it was written.
  @Test("An import that is not read back as it was written is an error, and the old model stays") func readBack() throws
  {
    let target = folder("cache/m.h5"), importer = try importer()
    try importer.run(to: target)
    let before = try content(target)
    let error = failure { () throws(WeightError) in
      try importer.run(to: target) { progress in
        guard progress.bytesDone == progress.bytesTotal else { return }
        let other = open(progress.temporaryPath, O_RDWR | O_CLOEXEC)
        var byte: UInt8 = 0
        // Data begin at the first multiple of 64 behind the superblock.
        pread(other, &byte, 1, 64)
        byte ^= 1
        #expect(pwrite(other, &byte, 1, 64) == 1)
        close(other)
      }
    }
    guard case .digest? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(names() == ["m.h5"])
    #expect(try content(target) == before)
  }

  @Test("Only files of the same target are removed") func others() throws {
    let stay = [".mm.h5.part-1", ".m.h5.parts", "m.h5.part-1", ".m.h5", ".m.part-1"]
    for name in stay + [".m.h5.part-1"] { try folder.write("cache/\(name)", "x") }
    try importer().run(to: folder("cache/m.h5"))
    #expect(names() == (stay + ["m.h5"]).sorted())
  }

  /// Threads that clean up continuously while others write: one that finds a file between creation and locking must
  /// give way, or its writer must notice.
  @Test("Cleaning up at any moment takes no file from its writer") func races() async throws {
    let cache = CacheFolder(path: folder("cache"))
    let source = try ModelSource(Fixtures.path("weights"))
    let writers = 4, rounds = 40
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<writers {
        group.addTask {
          for round in 0..<rounds {
            try Importer(source, modelName: "m", program: "p").run(to: "\(cache.path)/m\(writer % 2).h5") { _ in
              if round % 2 == 0 { cache.removeLeftovers() }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(names() == ["m0.h5", "m1.h5"])
    for name in names() { #expect(try WeightCache.open("\(cache.path)/\(name)").names.count == 6) }
  }

  /// Between listing leftovers and removing them, another process may take one over.
  @Test("A leftover that is locked after it was listed is kept") func lockedMeanwhile() throws {
    let cache = CacheFolder(path: folder("cache")), many = 400, attempts = 50
    for _ in 0..<attempts {
      for number in 0..<many { try folder.write("cache/.m.h5.part-\(10_000 + number)", "x") }
      let first = folder("cache/.m.h5.part-10000"), last = folder("cache/.m.h5.part-\(10_000 + many - 1)")
      let lock = FileLock(opening: last)
      let isHeld = Atomic(false), isOver = Atomic(false), done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        // The list is complete when its first file is removed.
        while access(first, F_OK) == 0, !isOver.load(ordering: .relaxed) {}
        isHeld.store(lock.take() && lock.isNamed, ordering: .sequentiallyConsistent)
        done.signal()
      }
      cache.removeLeftovers()
      isOver.store(true, ordering: .relaxed)
      done.wait()
      // Too late, or during its removal: try again.
      guard isHeld.load(ordering: .sequentiallyConsistent) else { continue }
      #expect(names() == [".m.h5.part-\(10_000 + many - 1)"])
      return withExtendedLifetime(lock) {}
    }
    Issue.record("the file was never locked in time")
  }

  /// A clean-up that takes the new file for an abandoned one, which it can until the writer has the lock. It
  /// runs in a signal handler, many times during a system call, so that some signals arrive while the file is created.
  @Test("A writer whose new file is removed creates another") func takenAway() async throws {
    let target = folder("cache/m.h5"), source = Fixtures.path("weights")
    try await Handed.over(target, source) {
      await #expect(processExitsWith: .exitCode(7)) {
        let (target, source) = try Handed.taken(String.self, String.self)
        let importer = Importer(try ModelSource(source), modelName: "m", program: "p")
        signal(SIGUSR1) { _ in Interloper.come() }
        // Threads of the system's pools block signals.
        var signals = sigset_t()
        sigaddset(&signals, SIGUSR1)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        var event = sigevent()
        event.sigev_signo = SIGUSR1
        event.sigev_notify = Int32(SIGEV_THREAD_ID)
        // To this thread, which creates the files: `PID/task/TID`.
        let thread = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        event._sigev_un._tid = try #require(thread.split(separator: "/").last.flatMap { Int32($0) })
        var timer: timer_t?
        try #require(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        let often = timespec(tv_sec: 0, tv_nsec: 20_000)
        var times = itimerspec(it_interval: often, it_value: often)
        let enough = 3, most = 2000
        for _ in 0..<most where Interloper.taken.load(ordering: .relaxed) < enough {
          var first: String?
          try importer.run(to: target) { progress in
            // The second file of an import is left to its writer: on a busy machine he would get none.
            if first == nil { first = progress.temporaryPath }
            Interloper.path.store(UInt(bitPattern: strdup(progress.temporaryPath)), ordering: .relaxed)
            // Only while the file is made: an import of signals would take long.
            times.it_value = progress.bytesDone == 0 && progress.temporaryPath == first ? often : timespec()
            timer_settime(timer, 0, &times, nil)
          }
        }
        timer_delete(timer)
        exit(Interloper.taken.load(ordering: .relaxed) >= enough ? 7 : 8)
      }
    }
    #expect(names() == ["m.h5"])
  }

  @Test("Files are readable by all, and a name without a folder is in the current one") func relative()
    async throws
  {
    let path = folder.path, source = Fixtures.path("weights")
    try await Handed.over(path, source) {
      await #expect(processExitsWith: .success) {
        let (path, source) = try Handed.taken(String.self, String.self)
        umask(0o022)
        try #require(chdir(path) == 0)
        try Importer(try ModelSource(source), modelName: "m", program: "p").run(to: "m.h5")
        var status = stat()
        try #require(stat("m.h5", &status) == 0 && status.st_mode & 0o777 == 0o644)
        try CacheFolder(path: "a/b").create()
        try #require(stat("a/b", &status) == 0 && status.st_mode & 0o777 == 0o755)
        try #require(CacheFolder(path: "a").leftovers().isEmpty)
      }
    }
    #expect(folder.names() == ["a", "cache", "m.h5"])
  }
}

/// What a signal does: takes an unfinished file that nobody has locked, as `UnfinishedFile` takes abandoned ones.
private enum Interloper {
  static let path = Atomic<UInt>(0), taken = Atomic(0)

  static func come() {
    guard let path = UnsafePointer<CChar>(bitPattern: path.load(ordering: .relaxed)) else { return }
    let code = errno
    defer { errno = code }
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    if withUnsafeMutablePointer(to: &request, { fcntl(descriptor, FileLock.take, $0) }) == 0, unlink(path) == 0 {
      taken.add(1, ordering: .relaxed)
    }
  }
}
