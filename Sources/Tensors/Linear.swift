// Linear layers over sequences: the weights stay as stored and are widened panel by panel while they are multiplied.

/// y = x · weightᵀ + bias for x of a few hundred rows and weights of many megabytes.
///
/// The weight [outputs, inputs] stays in its mapped file in its stored type. Each task transposes one panel of it into
/// scratch, widened to float32 or rounded to bfloat16, and multiplies every row of x with it, so that a weight is read
/// from memory once per call and costs no load time and no second copy; the conversion is hidden from some thirty rows
/// of x on.
package struct Linear: Sendable {
  private let weight: StoredTensor
  private let bias: Tensor<1>?
  private let precision: Precision
  /// Extents of the weight [outputs, inputs].
  package let inputs: Int, outputs: Int

  /// Wraps a stored weight [outputs, inputs] and its bias [outputs].
  package init(weight: StoredTensor, bias: Tensor<1>?, precision: Precision = .float32) {
    precondition(weight.shape.count == 2 && weight.elementType != .int64)
    outputs = weight.shape[0]
    inputs = weight.shape[1]
    precondition(bias?.count ?? outputs == outputs)
    self.weight = weight
    self.bias = bias
    self.precision = precision
  }

  /// y = activation(x · weightᵀ + bias), or that plus what y holds.
  ///
  /// - Parameters:
  ///   - x: [M, inputs].
  ///   - y: [M, at least outputs]; must not overlap x.
  ///   - columns: The `outputs` columns of y to write; all of them by default.
  ///   - activation: Applied last.
  ///   - adding: Whether the product is added to what y holds.
  ///   - scratch: At least `scratchFloats` per thread, and room for x in the shared block.
  ///   - threads: Who does the work.
  package func callAsFunction(
    _ x: Tensor<2>, into y: Tensor<2>, columns: Range<Int>? = nil, activation: Epilogue.Activation = .identity,
    adding: Bool = false, scratch: Scratch, threads: Threads
  ) {
    let columns = columns ?? 0..<y.shape[1]
    precondition(x.shape[1] == inputs && x.shape[0] == y.shape[0] && columns.count == outputs)
    if precision == .bfloat16 {
      threads.forEachTile(of: x.shape[0], size: Linear.narrowedRows) { tile, _ in
        Kernels.active.narrow(Rows(x).rows(tile), into: operand(x, scratch).rows(tile))
      }
    }
    threads.forEachTile(of: outputs, size: Kernels.active.panelWidth) { panel, worker in
      let output = Rows(y).columns(columns.lowerBound + panel.lowerBound..<columns.lowerBound + panel.upperBound)
      multiply(operand(x, scratch), panel, into: output, activation, adding, scratch.taker(worker))
    }
  }

  /// x as the products take it: itself, or what the shared block holds.
  private func operand(_ x: Tensor<2>, _ scratch: Scratch) -> Operand {
    guard precision == .bfloat16 else { return Operand(Rows(x)) }
    return scratch.shared(x.shape[0], x.shape[1], precision)
  }

  /// One panel of outputs for every row of x.
  private func multiply(
    _ x: Operand, _ panel: Range<Int>, into output: Rows, _ activation: Epilogue.Activation, _ adding: Bool,
    _ scratch: Scratch.Taker
  ) {
    var taker = scratch
    let kernels = Kernels.active
    let packed = taker.floats(Linear.scratchFloats)
    let step = Linear.panelFloats * 4 / precision.byteCount
    for start in stride(from: 0, to: inputs, by: step) {
      let depth = min(step, inputs - start)
      let isLast = start + depth == inputs
      let corner = weight.bytes.baseAddress.map {
        $0 + (panel.lowerBound * inputs + start) * weight.elementType.byteCount
      }
      kernels.pack(
        corner, weight.elementType, columns: panel.count, depth: depth, stride: inputs, precision, into: packed)
      kernels.multiply(
        x.columns(start..<start + depth),
        PackedMatrix(base: packed, precision: precision, depth: depth, columns: panel.count), into: output,
        Epilogue(
          bias: isLast ? bias.map { UnsafePointer($0.pointer + panel.lowerBound) } : nil,
          activation: isLast ? activation : .identity, accumulates: adding || start > 0))
    }
  }

  /// Drops the weight's pages from the process until they are next read.
  package func discardPages() { weight.discardPages() }

  /// Scratch floats that a call takes per thread.
  package static var scratchFloats: Int { Kernels.active.panelWidth * panelFloats }

  /// Floats of memory for each column of a panel that is converted at once: 512 float32 or 1024 bfloat16 values. 64 columns
  /// are 128 KiB, and with the same depth of 128 rows of x (256 KiB) stay in a second-level cache.
  private static let panelFloats = 512

  /// Rows that one task rounds to bfloat16.
  private static let narrowedRows = 16
}
