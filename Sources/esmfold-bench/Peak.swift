// The machine's peak: our own product on data that stays in cache, and OpenBLAS as an external reference.

import COpenBLAS
import Tensors

/// The upper limit for a row: a kernel that only multiplies, or only moves data, on all threads at
/// once.
///
/// There are two because a busy sibling thread on a core may take more of its load and store units than of its
/// multipliers, or vice versa.
struct Peak {
  private let team: KernelTeam
  /// Operations or bytes of one call on all threads.
  private let work: Double
  /// Seconds of one call on all threads, to compute how many fill a given time.
  private let callSeconds: Double

  /// GFLOP/s of our product of 256 × 256 matrices.
  static func product(_ kernels: KernelTable, _ precision: Precision, _ threads: Threads) -> Peak {
    Peak(.product((256, 256, 256), precision), kernels, threads)
  }

  /// GB/s of y += x · factor on a tile of pairs.
  static func movement(_ kernels: KernelTable, _ threads: Threads) -> Peak {
    Peak(.addScaled(96 * 128), kernels, threads)
  }

  private init(_ kernelCase: KernelCase, _ kernels: KernelTable, _ threads: Threads) {
    let team = KernelTeam(kernelCase, kernels, threads: threads)
    self.team = team
    work = kernelCase.work * Double(threads.count)
    team.run(calls: 2)
    callSeconds = Stopwatch.seconds { team.run(calls: 4) } / 4
  }

  /// Operations or bytes per nanosecond over about `seconds`.
  func rate(seconds: Double) -> Double {
    let calls = max(1, Int(seconds / max(callSeconds, 1e-9)))
    return Double(calls) * work / Stopwatch.seconds { team.run(calls: calls) } / 1e9
  }
}

/// Float32 products of 2048 × 2048 matrices in OpenBLAS.
enum OpenBLAS {
  static let side = 2048

  /// Calls to measure, with their own memory.
  static func product(threads: Int) -> (_ calls: Int) -> Void {
    let memory = KernelMemory()
    let a = memory.floats(side * side), b = memory.floats(side * side), c = memory.floats(side * side)
    openblas_set_num_threads(Int32(threads))
    return { calls in
      let n = Int32(side)
      withExtendedLifetime(memory) {
        for _ in 0..<calls {
          cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, c, n)
        }
      }
    }
  }
}
