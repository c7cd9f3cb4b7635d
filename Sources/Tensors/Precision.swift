// The number format of products.

/// What the operands of matrix products are rounded to; sums are float32 in both cases.
package enum Precision: String, Sendable, CaseIterable {
  /// Float32 operands: the numbers of the reference.
  case float32 = "fp32"
  /// Bfloat16 operands: 8 bits of mantissa; products are twice as fast on processors with AVX512_BF16.
  /// Residual streams, layer norms, softmax, the structure module and the confidence heads stay float32.
  case bfloat16 = "bf16"
}
