// What a worker is doing, in memory shared with its supervisor: after the worker has died, the input that killed it is
// still available.

import Glibc
import Platform

/// Counters and the current input of a worker.
///
/// `@unchecked Sendable`: one process writes, another reads, each number separately.
package final class Status: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let numbers: UnsafeMutablePointer<Int>
  private static let inputStart = 4096
  private static let byteCount = inputStart + 2 * Subject.largestInput

  /// Indexes of the counters.
  enum Counter: Int {
    /// Inputs read, inputs refused, and the processor time of the slowest in nanoseconds.
    case inputs, refused, slowest
    /// When the current input was started, in nanoseconds of this process; 0 between inputs.
    case started
    /// Bytes of the current input.
    case length
    /// The largest resident memory so far, in bytes.
    case memory
  }

  /// Maps `path`, creating it if necessary.
  init(_ path: String) throws(FuzzError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0, ftruncate(descriptor, Self.byteCount) == 0 else {
      throw .system(path: path, action: "open", code: errno)
    }
    defer { close(descriptor) }
    let address = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw .system(path: path, action: "mmap", code: errno) }
    base = address
    numbers = address.assumingMemoryBound(to: Int.self)
  }

  deinit { munmap(base, Self.byteCount) }

  subscript(_ counter: Counter) -> Int {
    get { numbers[counter.rawValue] }
    set { numbers[counter.rawValue] = newValue }
  }

  /// Records that an input is being read.
  func begin(_ input: [UInt8]) {
    let count = min(input.count, Self.byteCount - Self.inputStart)
    input.withUnsafeBytes { bytes in
      if let from = bytes.baseAddress { (base + Self.inputStart).copyMemory(from: from, byteCount: count) }
    }
    self[.length] = count
    self[.started] = Self.now(CLOCK_PROCESS_CPUTIME_ID)
  }

  /// Records the outcome.
  func end(isAccepted: Bool) {
    self[.slowest] = max(self[.slowest], Self.now(CLOCK_PROCESS_CPUTIME_ID) - self[.started])
    self[.started] = 0
    self[.inputs] += 1
    if !isAccepted { self[.refused] += 1 }
    var usage = rusage()
    if self[.inputs] % 16 == 0, getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      self[.memory] = usage.ru_maxrss * 1024
    }
  }

  /// The current input, or the last one.
  var input: [UInt8] { Array(UnsafeRawBufferPointer(start: base + Self.inputStart, count: self[.length])) }

  /// A clock's time in nanoseconds.
  static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
