// What a worker is doing, in memory that it shares with its supervisor: when the worker is gone, the input that ended it is
// still there.

import Glibc
import Platform

/// Counters and the current input of a worker.
///
/// `@unchecked Sendable`: one process writes, another one reads, each number by itself.
package final class Status: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let numbers: UnsafeMutablePointer<Int>
  private static let inputStart = 4096
  private static let byteCount = inputStart + 2 * Subject.largestInput

  /// Counters by place.
  enum Counter: Int {
    /// Inputs that were read, refused, and the processor's time for the slowest in nanoseconds.
    case inputs, refused, slowest
    /// When the current input was begun, in nanoseconds of this process; 0 between inputs.
    case started
    /// Bytes of the current input.
    case length
    /// The largest resident memory so far, in bytes.
    case memory
  }

  /// Maps `path`, which is made if it is not there.
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

  /// Notes that an input is being read.
  func begin(_ input: [UInt8]) {
    let count = min(input.count, Self.byteCount - Self.inputStart)
    input.withUnsafeBytes { bytes in
      if let from = bytes.baseAddress { (base + Self.inputStart).copyMemory(from: from, byteCount: count) }
    }
    self[.length] = count
    self[.started] = Self.now(CLOCK_PROCESS_CPUTIME_ID)
  }

  /// Notes how it went.
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
