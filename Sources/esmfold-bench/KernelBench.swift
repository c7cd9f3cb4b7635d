// The suite `kernels`: every function of the kernel table on every instruction set, each thread with its own data.

import CKernels
import Glibc
import Platform
import Tensors

struct KernelBench {
  private let options: BenchmarkOptions
  private let meter: Meter

  init(_ options: BenchmarkOptions) {
    self.options = options
    meter = Meter(seconds: options.seconds)
  }

  func run(_ emit: (Row) -> Void) {
    for count in options.threads {
      let threads = Threads(count)
      for name in Self.instructionSets {
        guard let kernels = ck_find(name) else { continue }
        let movement = Peak.movement(kernels, threads)
        for precision in options.precisions {
          let product = Peak.product(kernels, precision, threads)
          for kernelCase in KernelCase.all(precision) {
            emit(row(kernelCase, kernels, threads, kernelCase.operations > 0 ? product : movement))
          }
        }
      }
      emit(reference(threads))
    }
  }

  /// The one named by `ESMFOLD_ISA`, or all that this machine can run.
  private static var instructionSets: [String] {
    let request = getenv("ESMFOLD_ISA").map { String(cString: $0) } ?? ""
    return request.isEmpty ? Kernels.available : [Kernels.active.name]
  }

  private func row(_ kernelCase: KernelCase, _ kernels: KernelTable, _ threads: Threads, _ peak: Peak) -> Row {
    ProcessMemory.resetPeak()
    let team = KernelTeam(kernelCase, kernels, threads: threads)
    let samples = meter.measure(alongside: peak) { calls in team.run(calls: calls) }
    let count = Double(threads.count)
    let identity = Row.Identity(
      suite: "kernels", name: kernelCase.name, precision: kernelCase.precision.rawValue,
      instructionSet: String(cString: kernels.pointee.name), threads: threads.count)
    return Row(identity, samples, operations: count * kernelCase.operations, bytes: count * kernelCase.bytes)
  }

  private func reference(_ threads: Threads) -> Row {
    ProcessMemory.resetPeak()
    let side = OpenBLAS.side
    let peak = Peak.product(ck_best(), .float32, threads)
    let product = OpenBLAS.product(threads: threads.count)
    let identity = Row.Identity(
      suite: "reference", name: "OpenBLAS sgemm \(side)^3", precision: Precision.float32.rawValue,
      instructionSet: "openblas", threads: threads.count)
    return Row(
      identity, meter.measure(alongside: peak, product), operations: Double(2 * side * side * side))
  }
}
