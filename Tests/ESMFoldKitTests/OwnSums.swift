// Tests of bits that OpenBLAS does not promise.

import Tensors
import Testing

extension Trait where Self == ConditionTrait {
  /// For tests that compare what is read together with what is read alone, bit for bit.
  static var needsOwnSums: Self {
    .enabled(if: !Kernels.active.sumsDependOnPlace, "OpenBLAS sums by a row's place")
  }
}
