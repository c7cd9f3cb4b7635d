// What the machine can do: our own product on data that stays in cache, and OpenBLAS as a reference from outside.

import COpenBLAS
import Tensors

/// The ceiling of a row: our product of 256 × 256 matrices on each of the threads at once.
struct Peak {
  private let team: KernelTeam
  private let operations: Double
  /// Seconds of a call of all threads, to know how many fill a time.
  private let callSeconds: Double

  init(_ kernels: KernelTable, _ precision: Precision, threads: Threads) {
    let product = KernelCase.product(256, 256, 256, precision)
    let team = KernelTeam(product, kernels, threads: threads)
    self.team = team
    operations = product.operations * Double(threads.count)
    team.run(calls: 2)
    callSeconds = Stopwatch.seconds { team.run(calls: 4) } / 4
  }

  /// GFLOP/s over about `seconds`.
  func rate(seconds: Double) -> Double {
    let calls = max(1, Int(seconds / callSeconds))
    return Double(calls) * operations / Stopwatch.seconds { team.run(calls: calls) } / 1e9
  }
}

/// Float32 products of 2048 × 2048 matrices in OpenBLAS.
enum OpenBLAS {
  static let side = 2048

  /// Calls to measure; the memory is theirs.
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
