// What the program finds on this machine: processor, threads, memory, libraries.

import Platform
import Tensors

/// Facts about this machine and this program.
public struct SystemInfo: Sendable {
  /// The processor as its maker calls it, on arm64 its core; "unknown" where the system does not say.
  public let processor: String
  /// The SIMD kernels in use: "v4bf16" (AVX512_BF16), "v4" (AVX-512), "v3" (AVX2 + FMA), "base" (SSE2 or NEON) or "blas" (those of
  /// the machine, with OpenBLAS for float32 products).
  public let instructionSet: String
  /// All instruction sets that this machine can run, best first.
  public let instructionSets: [String]
  /// The value of `ESMFOLD_ISA` when this machine cannot run it.
  public let unavailableInstructionSet: String?
  /// OpenBLAS if it is in use, "OpenBLAS 0.3.21, kernels Zen"; nil if all products are this program's own.
  public var blas: String? { instructionSet == "blas" ? Kernels.blasDescription : nil }
  /// Why OpenBLAS cannot be used, if that was asked for.
  public var blasFailure: String? { unavailableInstructionSet == "blas" ? Kernels.blasDescription : nil }
  /// Processors that this process may use, by its affinity, its control group's limit and what its job was given; at
  /// least 1.
  public let availableThreads: Int
  /// Memory that can be allocated now without swapping, within the limits of the control group, of the job and of this process,
  /// in bytes.
  public let availableMemory: Int

  /// Collects the facts about this machine.
  public static var current: SystemInfo {
    SystemInfo(
      processor: processorName, instructionSet: Kernels.active.name, instructionSets: Kernels.available,
      unavailableInstructionSet: Kernels.unavailableRequest, availableThreads: availableThreads,
      availableMemory: availableMemory)
  }

  private static var processorName: String {
    ProcessorName.read(WholeFile.lines("/proc/cpuinfo")) ?? "unknown"
  }

  // The two facts that change, alone: they are asked for before each protein, and of many processors /proc/cpuinfo is long.

  /// ``SystemInfo/availableThreads`` now.
  package static var availableThreads: Int { max(1, threadLimits.least ?? 1) }

  /// ``SystemInfo/availableMemory`` now.
  package static var availableMemory: Int { ProcessMemory.reservable(upTo: memoryLimits.left.least ?? 0) }
}
