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

  /// Makes the present value the highest, where the system can do that (man proc_pid_clear_refs).
  package static func resetPeak() {
    try? WholeFile.write(Array("5".utf8), to: "/proc/self/clear_refs")
  }
}
