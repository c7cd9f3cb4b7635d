// The instruction set in use: one table of C kernels, chosen once.

import CKernels
import Glibc

/// The table of SIMD kernels for one instruction set.
///
/// `@unchecked Sendable`: the table is a constant of the C module.
package struct Kernels: @unchecked Sendable {
  let table: UnsafePointer<ck_kernels>

  /// The kernels of an instruction set ("base", "v3", "v4", "v4bf16"), or "blas", whose float32 products are OpenBLAS's; `nil` if
  /// this machine cannot run them, or has no OpenBLAS.
  package init?(named name: String) {
    guard let table = ck_find(name) else { return nil }
    self.table = table
  }

  private init(best: Void) { table = ck_best() }

  /// The best set for this machine, or the one named by the environment variable `ESMFOLD_ISA`.
  package static let active: Kernels = requested.flatMap(Kernels.init(named:)) ?? Kernels(best: ())

  /// The value of `ESMFOLD_ISA` if this machine cannot run it.
  package static var unavailableRequest: String? {
    requested.flatMap { Kernels(named: $0) == nil ? $0 : nil }
  }

  /// The names of all instruction sets that this machine can run, best first.
  package static var available: [String] { ["v4bf16", "v4", "v3", "base"].filter { Kernels(named: $0) != nil } }

  /// Loads OpenBLAS: its version and kernels, or why it cannot be loaded.
  package static var blasDescription: String {
    var words: UnsafePointer<CChar>?
    _ = ck_blas(&words)
    return words.map { String(cString: $0) } ?? ""
  }

  /// "base", "v3", "v4", "v4bf16" or "blas".
  package var name: String { String(cString: table.pointee.name) }

  /// Whether bfloat16 products are faster than float32 ones. Without the instruction they are correct, but slower.
  package var hasFastBFloat16: Bool { table.pointee.has_fast_bf16 }

  /// Whether a sum may depend on how many rows are multiplied at once, and on a row's place among them: what is read together
  /// then differs in its last bits from what is read alone.
  package var sumsDependOnPlace: Bool { name == "blas" }

  /// Columns of a packed panel.
  package func panelWidth(_ precision: Precision) -> Int {
    Int(precision == .float32 ? table.pointee.panel_width : table.pointee.panel_width_bf16)
  }

  private static var requested: String? {
    guard let value = getenv("ESMFOLD_ISA"), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
