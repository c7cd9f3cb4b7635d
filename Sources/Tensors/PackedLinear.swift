// Linear layers over pairs: small weights, packed once, applied by one thread to one tile of rows.

/// y = x · weightᵀ + bias for tiles of pair rows.
///
/// The weights are a few hundred kilobytes and apply to L² rows, so they are packed once at load. Layers that share
/// their input are stacked into one, so that a tile is read once for all of them.
package struct PackedLinear: Sendable {
  private let packed: Tensor<1>
  private let bias: Tensor<1>?
  /// The number format that x must have.
  package let precision: Precision
  /// Width of x, and of y (for all stacked layers together).
  package let inputs: Int, outputs: Int

  /// One layer to stack: weight [outputs, inputs] row-major and bias [outputs] or none (zeros).
  package struct Layer {
    let weight: [Float]
    let bias: [Float]?
    let outputs: Int

    package init(weight: [Float], bias: [Float]?, outputs: Int) {
      self.weight = weight
      self.bias = bias
      self.outputs = outputs
    }
  }

  /// Packs layers side by side: their outputs follow one another in the columns of y.
  package init(inputs: Int, _ layers: [Layer], _ precision: Precision = .float32) {
    let weight = layers.flatMap(\.weight)
    let outputs = layers.reduce(0) { $0 + $1.outputs }
    precondition(weight.count == inputs * outputs)
    let packed = Tensor<1>([Kernels.active.packedCount(columns: outputs, depth: inputs, precision)])
    weight.withUnsafeBytes {
      Kernels.active.packTransposed(
        StoredRows(base: $0.baseAddress, type: .float32, count: outputs, columns: inputs, stride: inputs),
        into: PackedMatrix(base: packed.pointer, precision: precision, depth: inputs, columns: outputs))
    }
    bias =
      layers.contains { $0.bias != nil }
      ? Tensor(layers.flatMap { $0.bias ?? [Float](repeating: 0, count: $0.outputs) }) : nil
    self.packed = packed
    self.precision = precision
    self.inputs = inputs
    self.outputs = outputs
  }

  /// y = activation(x · weightᵀ + bias), or that plus y, on the calling thread. y must not overlap x.
  package func callAsFunction(
    _ x: Operand, into y: Rows, activation: Epilogue.Activation = .identity, adding: Bool = false
  ) {
    Kernels.active.multiply(x, matrix, into: y, epilogue(activation, adding))
  }

  /// The same for a float32 layer.
  package func callAsFunction(
    _ x: Rows, into y: Rows, activation: Epilogue.Activation = .identity, adding: Bool = false
  ) {
    self(Operand(x), into: y, activation: activation, adding: adding)
  }

  /// The same for a product that feeds another product of the same precision.
  package func callAsFunction(_ x: Operand, into y: Operand, activation: Epilogue.Activation = .identity) {
    Kernels.active.multiply(x, matrix, into: y, epilogue(activation, false))
  }

  private var matrix: PackedMatrix {
    PackedMatrix(base: packed.pointer, precision: precision, depth: inputs, columns: outputs)
  }

  private func epilogue(_ activation: Epilogue.Activation, _ adding: Bool) -> Epilogue {
    Epilogue(bias: bias.map { UnsafePointer($0.pointer) }, activation: activation, accumulates: adding)
  }
}
