// Everything that limits the threads and the memory of this process, by name.

import Glibc
import Platform
import Tensors

extension SystemInfo {
  /// Limits by what sets them.
  package struct Limits: Sendable {
    package let all: [(source: String, value: Int)]

    /// The least; nil where nothing is limited.
    package var least: Int? { all.map(\.value).min() }

    /// What sets the least limit.
    package var narrowest: String { all.min { $0.value < $1.value }?.source ?? "nothing" }
  }

  /// Processors that this process may use.
  package static var threadLimits: Limits {
    let job = SchedulerLimits().processors
    return Limits(
      all: [("affinity", Threads.availableProcessors)]
        + (ControlGroup().processors.map { [("control group", $0)] } ?? [])
        + (job.map { [($0.source, $0.value)] } ?? []))
  }

  /// Bytes that this process may still allocate, by what the machine has and what was given to the job; and the whole
  /// address space and data that it may have, in which what it has counts.
  package static var memoryLimits: (left: Limits, whole: Limits) {
    // Cached file pages are reclaimable, so they count as available; older kernels only report free pages.
    let free = Int(sysconf(Int32(_SC_AVPHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    let available = WholeFile.lines("/proc/meminfo").first { $0.hasPrefix("MemAvailable:") }
      .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map {
        $0.multipliedReportingOverflow(by: 1024)
      }
      .flatMap { $0.overflow ? nil : $0.partialValue }
    var left = [("free", available ?? free)], whole: [(String, Int)] = []
    if let group = ControlGroup().availableMemory { left.append(("control group", group)) }
    if let job = SchedulerLimits().memory { left.append((job.source, max(0, job.value - ProcessMemory.own))) }
    for (name, resource) in [("ulimit -v", RLIMIT_AS), ("ulimit -d", RLIMIT_DATA)] {
      if let limit = ResourceLimit.current(resource) { whole.append((name, limit)) }
    }
    return (Limits(all: left), Limits(all: whole))
  }
}
