// What the program finds on the machine: processor, threads, memory, libraries.

import Glibc
import Tensors
import Weights

/// Facts about this machine and this program.
public struct SystemInfo: Sendable {
  /// The SIMD kernels in use: "v4" (AVX-512), "v3" (AVX2 + FMA) or "base".
  public let instructionSet: String
  /// All instruction sets that this machine can run, best first.
  public let instructionSets: [String]
  /// The value of `ESMFOLD_ISA` when this machine cannot run it.
  public let unavailableInstructionSet: String?
  /// Processors that this process may use, by its affinity and its control group's limit; at least 1.
  public let availableThreads: Int
  /// Memory that can be allocated now without swapping, within the control group's limit, in bytes.
  public let availableMemory: Int
  /// The version of the HDF5 library.
  public let hdf5: String

  /// Looks at the machine.
  public static var current: SystemInfo {
    SystemInfo(
      instructionSet: Kernels.active.name, instructionSets: Kernels.available,
      unavailableInstructionSet: Kernels.unavailableRequest, availableThreads: processors(),
      availableMemory: memory(), hdf5: HDF5.version())
  }

  // === Processors ===

  private static func processors() -> Int {
    var count = Threads.availableProcessors
    // "max 100000" or "200000 100000": microseconds of processor time for each period.
    if let fields = firstLine("/sys/fs/cgroup/cpu.max")?.split(separator: " "), fields.count == 2,
      let quota = Int(fields[0]), let period = Int(fields[1]), period > 0, quota > 0
    {
      count = min(count, (quota + period - 1) / period)
    }
    return max(1, count)
  }

  // === Memory ===

  private static func memory() -> Int {
    var available = Int(sysconf(Int32(_SC_AVPHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    if let line = lines("/proc/meminfo").first(where: { $0.hasPrefix("MemAvailable:") }),
      let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    {
      available = kibibytes * 1024
    }
    if let limit = firstLine("/sys/fs/cgroup/memory.max").flatMap(Int.init),
      let used = firstLine("/sys/fs/cgroup/memory.current").flatMap(Int.init)
    {
      // Pages of files count as used but give way.
      let reclaimable =
        lines("/sys/fs/cgroup/memory.stat").first { $0.hasPrefix("inactive_file ") }
        .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
      available = min(available, max(0, limit - used + reclaimable))
    }
    return available
  }

  private static func firstLine(_ path: String) -> String? { lines(path).first }

  private static func lines(_ path: String) -> [String] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
