// What the program finds on this machine: processor, threads, memory, libraries.

import Glibc
import Platform
import Tensors
import Weights

/// Facts about this machine and this program.
public struct SystemInfo: Sendable {
  /// The processor as its maker calls it; "unknown" where the system does not say.
  public let processor: String
  /// The SIMD kernels in use: "v4" (AVX-512), "v3" (AVX2 + FMA) or "base".
  public let instructionSet: String
  /// All instruction sets that this machine can run, best first.
  public let instructionSets: [String]
  /// The value of `ESMFOLD_ISA` when this machine cannot run it.
  public let unavailableInstructionSet: String?
  /// Processors that this process may use, by its affinity and its control group's limit; at least 1.
  public let availableThreads: Int
  /// Memory that can be allocated now without swapping, within the limits of the control group and of this process, in
  /// bytes.
  public let availableMemory: Int

  /// Collects the facts about this machine.
  public static var current: SystemInfo {
    SystemInfo(
      processor: processorName, instructionSet: Kernels.active.name, instructionSets: Kernels.available,
      unavailableInstructionSet: Kernels.unavailableRequest, availableThreads: processors(),
      availableMemory: memory())
  }

  private static var processorName: String {
    let name = WholeFile.lines("/proc/cpuinfo").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return name.map { String($0.drop { $0 == " " }) } ?? "unknown"
  }

  private static func processors() -> Int {
    min(Threads.availableProcessors, ControlGroup().processors ?? Int.max)
  }

  private static func memory() -> Int {
    // Cached file pages are reclaimable, so they count as available; older kernels only report free pages.
    let free = Int(sysconf(Int32(_SC_AVPHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    let available = WholeFile.lines("/proc/meminfo").first { $0.hasPrefix("MemAvailable:") }
      .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map {
        $0.multipliedReportingOverflow(by: 1024)
      }
      .flatMap { $0.overflow ? nil : $0.partialValue }
    return ProcessMemory.reservable(upTo: min(available ?? free, ControlGroup().availableMemory ?? Int.max))
  }
}
