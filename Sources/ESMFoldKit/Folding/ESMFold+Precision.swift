// The number formats that a user can choose.

import Tensors

extension ESMFold {
  /// The number format of matrix products in the language model and the trunk's blocks.
  ///
  /// Sums, residual streams, layer norms, softmax, the structure module and the confidence heads are float32 in both.
  public enum Precision: String, Sendable, CaseIterable {
    /// Float32: the numbers of the reference.
    case fp32
    /// Bfloat16 operands: about twice as fast on processors with AVX512_BF16, coordinates within hundredths of an Å.
    case bf16

    /// This format, or fp32 where this processor computes nothing faster in it.
    public var supported: Precision { self == .bf16 && !Kernels.active.hasFastBFloat16 ? .fp32 : self }

    /// The kernels' format.
    var format: Tensors.Precision {
      switch self {
      case .fp32: .float32
      case .bf16: .bfloat16
      }
    }
  }
}
