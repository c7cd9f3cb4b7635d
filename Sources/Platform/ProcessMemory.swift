// Memory of this process that is in RAM.

import Glibc

/// Memory of this process that is in RAM.
package enum ProcessMemory {
  /// The highest value since the start or the last `resetPeak`, in bytes.
  package static var peak: Int {
    // `ru_maxrss` starts with the memory of the parent process; this line does not.
    let line = WholeFile.lines("/proc/self/status").first { $0.hasPrefix("VmHWM:") }
    if let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) {
      return kilobytes * 1024
    }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let (bytes, overflow) = usage.ru_maxrss.multipliedReportingOverflow(by: 1024)
    return overflow ? Int.max : bytes
  }

  /// The present value, in bytes; 0 where the system does not say.
  package static var resident: Int {
    // Pages: all, resident, …
    let fields = WholeFile.lines("/proc/self/statm").first?.split(separator: " ") ?? []
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    let (bytes, overflow) = pages.multipliedReportingOverflow(by: Int(getpagesize()))
    return overflow ? 0 : bytes
  }

  /// The present value without pages of files, which the system can drop, in bytes; 0 where the system does not say.
  package static var own: Int {
    let line = WholeFile.lines("/proc/self/status").first { $0.hasPrefix("RssAnon:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 } ?? 0
  }

  /// How much of `bytes` the system would give this process now: less where the address space or the data of a process are
  /// limited (`ulimit -v`, `-d`), or where the system promises no more memory than it has.
  package static func reservable(upTo bytes: Int) -> Int {
    func isGiven(_ bytes: Int) -> Bool {
      guard bytes > 0 else { return true }
      let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let pages, pages != MAP_FAILED else { return false }
      munmap(pages, bytes)
      return true
    }
    guard !isGiven(bytes) else { return bytes }
    var low = 0, high = bytes
    while high - low > 1 << 16 {
      let middle = low + (high - low) / 2
      if isGiven(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// Lets all threads of this process allocate from one heap: each heap more takes 64 MiB of the address space, which may be
  /// limited (`ulimit -v`). For programs whose threads allocate little; to be called before there are threads.
  package static func useOneHeap() {
    // Swift's module of the C library lacks <malloc.h>.
    typealias MallocOption = @convention(c) (_ option: CInt, _ value: CInt) -> CInt
    let arenaMaximum: CInt = -8
    guard let symbol = dlsym(nil, "mallopt") else { return }
    _ = unsafeBitCast(symbol, to: MallocOption.self)(arenaMaximum, 1)
  }

  /// Makes the present value the highest, where the system can do that (man proc_pid_clear_refs).
  package static func resetPeak() {
    try? WholeFile.write(Array("5".utf8), to: "/proc/self/clear_refs")
  }
}
