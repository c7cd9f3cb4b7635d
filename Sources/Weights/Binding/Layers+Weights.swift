// How layers are read from a checkpoint, so that `Tensors` stays free of files.

package import Tensors

extension WeightScope {
  /// A float tensor, widened to float32. Throws if it is missing, has another shape or holds integers.
  package func tensor<let rank: Int>(_ name: String, _ shape: [rank of Int]) throws(WeightError) -> Tensor<rank> {
    Tensor(shape, try floats(name, (0..<rank).map { shape[$0] }))
  }
}

extension LayerNorm {
  /// `weight` and `bias`, both [c].
  package init(_ w: WeightScope, _ c: Int, epsilon: Float = 1e-5) throws(WeightError) {
    self.init(weight: try w.tensor("weight", [c]), bias: try w.tensor("bias", [c]), epsilon: epsilon)
  }
}

extension Linear {
  /// `weight` [outputs, inputs], left as stored or packed now, and `bias` [outputs].
  package init(
    _ w: WeightScope, _ inputs: Int, _ outputs: Int, bias: Bool = true, precision: Precision = .float32,
    packing: Bool = false
  ) throws(WeightError) {
    self.init(
      weight: try w.storedFloats("weight", [outputs, inputs]), bias: bias ? try w.tensor("bias", [outputs]) : nil,
      precision: precision, packing: packing)
  }
}

extension Linear {
  /// A weight [outputs, inputs], left as stored, and a bias [outputs] that is in another place.
  package init(_ w: WeightScope, _ weight: String, _ inputs: Int, _ outputs: Int, bias: Tensor<1>) throws(WeightError) {
    self.init(weight: try w.storedFloats(weight, [outputs, inputs]), bias: bias)
  }
}

extension PackedLinear.Layer {
  /// `weight` [outputs, inputs] and `bias` [outputs].
  package init(_ w: WeightScope, _ inputs: Int, _ outputs: Int, bias: Bool = true) throws(WeightError) {
    self.init(
      weight: try w.floats("weight", [outputs, inputs]), bias: bias ? try w.floats("bias", [outputs]) : nil,
      outputs: outputs)
  }
}
