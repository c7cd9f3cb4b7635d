// Whole reads and writes: in parts, at places, into pipes, on a full disk.

import Foundation
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@Suite struct WholeTransferTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// Bytes that repeat nowhere within a few hundred kilobytes.
  private static func content(_ count: Int) -> [UInt8] {
    var random = SplitMix64(seed: 1)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// A pipe takes 64 KiB at a time, and none while nobody reads, so that there is more than one part.
  @Test("A non-blocking pipe receives everything, in parts") func pipeInParts() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    try #require(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
    let content = Self.content(300_001)
    // A thread of its own: a task would wait for a processor that this test holds, where there is only one.
    let written = DispatchSemaphore(value: 0), code = Mutex<Int32>(-1)
    Thread.detachNewThread {
      let found = content.withUnsafeBytes { writeAll($0, to: writing) }
      close(writing)
      code.withLock { $0 = found }
      written.signal()
    }
    // Not until the pipe ends: a process that another test has started may have inherited its other end.
    let read = try readAll(content.count, from: reading, "pipe")
    #expect(read == content)
    written.wait()
    #expect(code.withLock { $0 } == 0)
    close(reading)
  }

  @Test func atPlaces() throws {
    let path = try scratch.write("a", "0123456789"), descriptor = open(path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    let parts = [(12, "xyz"), (0, "AB"), (4, "")]
    for (offset, text) in parts {
      #expect(Array(text.utf8).withUnsafeBytes { writeAll($0, to: descriptor, at: offset) } == 0)
    }
    #expect(scratch.text("a") == "AB23456789\0\0xyz")
    #expect(try readAll(4, at: 1, from: descriptor, path) == Array("B234".utf8))
    #expect(try readAll(100, at: 12, from: descriptor, path) == Array("xyz".utf8))
    #expect(try readAll(100, at: 15, from: descriptor, path).isEmpty)
    // Where the last write ended did not change.
    #expect(
      Array("cd".utf8).withUnsafeBytes { writeAll($0, to: descriptor) } == 0 && scratch.text("a")?.prefix(3) == "cd2")
  }

  /// More than `write` takes at once on Linux (0x7ffff000 bytes), as a hole that takes no memory.
  @Test("More than the system writes in one call") func beyondOneCall() throws {
    let count = 0x7fff_f000 + 4097
    let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    let zeros = try #require(memory != MAP_FAILED ? memory : nil)
    defer { munmap(zeros, count) }
    // This is where bytes go that nobody wants: each call says how many it has taken.
    let descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(descriptor) }
    #expect(write(descriptor, zeros, count) == 0x7fff_f000)
    #expect(writeAll(UnsafeRawBufferPointer(start: zeros, count: count), to: descriptor) == 0)
    #expect(writeAll(UnsafeRawBufferPointer(start: zeros, count: count), to: descriptor, at: 0) == 0)
  }

  /// The kernel gives files of /proc in parts of a few pages.
  @Test("A read at a place continues where the last part ended") func readInParts() throws {
    let path = "/proc/kallsyms", descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let all = try WholeFile.read(path, atMost: 200_000)
    #expect(try readAll(all.count - 11, at: 11, from: descriptor, path) == Array(all.dropFirst(11)))
  }

  /// A process whose files may have ten bytes writes ten, and cannot write the rest.
  @Test("A write at a place continues where the last part ended") func writeInParts() async throws {
    let path = try scratch.write("a", "")
    try await Handed.over(path) {
      await #expect(processExitsWith: .success) {
        let path = try Handed.taken(String.self)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 10, rlim_max: 10)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        let code = Array("0123456789abcd".utf8).withUnsafeBytes { writeAll($0, to: descriptor, at: 0) }
        precondition(code == EFBIG, "\(code)")
      }
    }
    #expect(scratch.text("a") == "0123456789")
  }

  @Test("A signal does not end a transfer") func interrupted() async {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [-1, -1]
      precondition(pipe(&ends) == 0)
      let (reading, writing) = (ends[0], ends[1]), bytes = [UInt8](repeating: 7, count: 200_000)
      // The pipe is empty first, then full.
      let reader = InterruptedThread { precondition((try? readAll(bytes.count, from: reading, "pipe")) == bytes) }
      precondition(bytes.withUnsafeBytes { writeAll($0, to: writing) } == 0)
      reader.wait()
      let writer = InterruptedThread { precondition(bytes.withUnsafeBytes { writeAll($0, to: writing) } == 0) }
      precondition((try? readAll(bytes.count, from: reading, "pipe")) == bytes)
      writer.wait()
    }
  }

  @Test func aFullDisk() throws {
    let descriptor = open("/dev/full", O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    #expect([UInt8]([1]).withUnsafeBytes { writeAll($0, to: descriptor) } == ENOSPC)
    #expect([UInt8]([1]).withUnsafeBytes { writeAll($0, to: descriptor, at: 5) } == ENOSPC)
    #expect([UInt8]().withUnsafeBytes { writeAll($0, to: descriptor) } == 0)
    let error = SystemError(path: "/dev/full", action: "write", code: ENOSPC)
    #expect(failure(try WholeFile.write([1], to: "/dev/full")) == error && error.isDiskFull)
    #expect("\(error)" == "/dev/full: write: No space left on device")
    #expect(error.sentence == "/dev/full: cannot write: No space left on device")
  }

  @Test func wholeFiles() throws {
    let content = Self.content(200_001)
    try WholeFile.write(content, to: scratch("a"))
    #expect(try WholeFile.read(scratch("a")) == content)
    #expect(try WholeFile.read(scratch("a"), atMost: 65_537) == Array(content[..<65_537]))
    try WholeFile.write(Array("x\ny\n".utf8), to: scratch("a"))
    #expect(WholeFile.lines(scratch("a")) == ["x", "y"] && WholeFile.lines(scratch("no")).isEmpty)
    #expect(
      failure(try WholeFile.read(scratch("no"))) == SystemError(path: scratch("no"), action: "open", code: ENOENT))
    #expect(failure(try WholeFile.write([], to: scratch.path))?.action == "create")
    #expect(WholeFile.lines("/proc/self/status").contains { $0.hasPrefix("VmHWM:") } && ProcessMemory.peak > 1 << 20)
  }
}

/// A thread that has received many signals, each of which interrupts a system call, when its initialiser returns.
private final class InterruptedThread: Sendable {
  private let thread = Mutex<pthread_t?>(nil)
  private let isDone = Mutex(false)

  init(_ body: @escaping @Sendable () -> Void) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGUSR1, &action, nil)
    Thread.detachNewThread { [self] in
      // Threads of tests block signals.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGUSR1)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      thread.withLock { $0 = pthread_self() }
      body()
      isDone.withLock { $0 = true }
    }
    for _ in 0..<50 {
      thread.withLock { if let thread = $0 { pthread_kill(thread, SIGUSR1) } }
      usleep(1000)
    }
  }

  func wait() {
    while !isDone.withLock({ $0 }) { usleep(1000) }
  }
}
