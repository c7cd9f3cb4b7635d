// Linear layers over sequences: the weights stay as stored and are widened panel by panel during the product.

/// y = x · weightᵀ + bias for x of a few hundred rows and weights of many megabytes.
///
/// The weight [outputs, inputs] stays in its mapped file in its stored type. Each task transposes one panel of it into
/// scratch, widened to float32 or rounded to bfloat16, and multiplies every row of x by it, so that a weight is read
/// from memory once per call and costs no load time and no second copy; in float32 the conversion is hidden from about
/// thirty rows of x upwards. A layer that is used repeatedly on few rows can be packed at load, with bit-identical
/// results.
package struct Linear: Sendable {
  private let weight: StoredTensor
  /// The whole weight, panel after panel in order of use; `nil` if panels are packed on demand.
  private let packed: Tensor<1>?
  private let bias: Tensor<1>?
  private let precision: Precision
  /// Extents of the weight [outputs, inputs].
  package let inputs: Int, outputs: Int

  /// Wraps a stored weight [outputs, inputs] and its bias [outputs].
  ///
  /// - Parameters:
  ///   - weight: In any float type.
  ///   - bias: Added to the product; `nil` for none.
  ///   - precision: What the operands are rounded to.
  ///   - packing: Whether the weight is converted once, now, into its own memory. Worth it for a layer that every block
  ///     of every pass uses on few rows, where conversion takes as long as the product; the stored pages are released.
  package init(weight: StoredTensor, bias: Tensor<1>?, precision: Precision = .float32, packing: Bool = false) {
    precondition(weight.shape.count == 2 && weight.elementType.isFloat)
    outputs = weight.shape[0]
    inputs = weight.shape[1]
    precondition(bias?.count ?? outputs == outputs)
    self.weight = weight
    self.bias = bias
    self.precision = precision
    packed = packing ? Linear.pack(weight, precision) : nil
    if packing { weight.discardPages() }
  }

  /// y = activation(x · weightᵀ + bias), or that plus y.
  ///
  /// - Parameters:
  ///   - x: [M, inputs].
  ///   - y: `outputs` columns of a matrix of M rows, which must not overlap x.
  ///   - activation: Applied last.
  ///   - adding: Whether the product is added to y.
  ///   - scratch: At least `scratchFloats` per thread, and space for x in the shared block.
  ///   - threads: The threads to use.
  package func callAsFunction(
    _ x: Tensor<2>, into y: MatrixColumns, activation: Epilogue.Activation = .identity, adding: Bool = false,
    scratch: Scratch, threads: Threads
  ) {
    precondition(x.shape[1] == inputs && x.shape[0] == y.matrix.shape[0] && y.range.count == outputs)
    if precision == .bfloat16 {
      threads.forEachTile(of: x.shape[0], size: Linear.narrowedRows) { tile, _ in
        Kernels.active.narrow(Rows(x).rows(tile), into: operand(x, scratch).rows(tile))
      }
    }
    // Several tasks may share a panel that is already packed; smaller tasks balance the threads better.
    let width = Kernels.active.panelWidth(precision), rows = x.shape[0]
    let parts = packed == nil ? 1 : max(1, rows / Linear.taskRows)
    threads.forEach((outputs + width - 1) / width * parts) { index, worker in
      let start = index / parts * width, part = index % parts
      let panel = start..<min(outputs, start + width)
      let tile = rows * part / parts..<rows * (part + 1) / parts
      let output = Rows(y).columns(panel)  // [M, up to panelWidth]
      multiply(
        operand(x, scratch).rows(tile), panel, into: output.rows(tile), activation, adding, scratch.taker(worker))
    }
  }

  /// The same into all columns of y, [M, outputs].
  package func callAsFunction(
    _ x: Tensor<2>, into y: Tensor<2>, activation: Epilogue.Activation = .identity, adding: Bool = false,
    scratch: Scratch, threads: Threads
  ) {
    let all = y.columns(0..<y.shape[1])
    self(x, into: all, activation: activation, adding: adding, scratch: scratch, threads: threads)
  }

  /// Every panel of a weight, each over the whole depth.
  private static func pack(_ weight: StoredTensor, _ precision: Precision) -> Tensor<1> {
    let kernels = Kernels.active, outputs = weight.shape[0], inputs = weight.shape[1]
    let packed = Tensor<1>([kernels.packedCount(columns: outputs, depth: inputs, precision)])
    kernels.packTransposed(
      StoredRows(
        base: weight.bytes.baseAddress, type: weight.elementType, count: outputs, columns: inputs, stride: inputs),
      into: PackedMatrix(base: packed.pointer, precision: precision, depth: inputs, columns: outputs))
    return packed
  }

  /// x in the format of the products: itself, or the copy in the shared block.
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
    let converted = taker.floats(Linear.scratchFloats)
    let step = Linear.panelFloats * 4 / precision.byteCount
    for start in stride(from: 0, to: inputs, by: step) {
      let depth = min(step, inputs - start)
      let isLast = start + depth == inputs
      let place =
        packed.map {
          $0.pointer + kernels.packedCount(columns: panel.lowerBound, depth: inputs, precision)
            + kernels.packedCount(columns: 1, depth: start, precision)
        } ?? converted
      let values = PackedMatrix(base: place, precision: precision, depth: depth, columns: panel.count)
      if packed == nil {
        let corner = weight.bytes.baseAddress.map {
          $0 + (panel.lowerBound * inputs + start) * weight.elementType.byteCount
        }
        kernels.packTransposed(
          StoredRows(base: corner, type: weight.elementType, count: panel.count, columns: depth, stride: inputs),
          into: values)
      }
      kernels.multiply(
        x.columns(start..<start + depth), values, into: output,
        Epilogue(
          bias: isLast ? bias.map { UnsafePointer($0.pointer + panel.lowerBound) } : nil,
          activation: isLast ? activation : .identity, accumulates: adding || start > 0))
    }
  }

  /// Drops the weight's pages from the process until they are next read.
  package func discardPages() { weight.discardPages() }

  /// Scratch floats that a call needs per thread.
  package static var scratchFloats: Int {
    max(Kernels.active.panelWidth(.float32), Kernels.active.panelWidth(.bfloat16)) * panelFloats
  }

  /// Floats of memory for each column of a panel that is converted at once: 512 float32 or 1024 bfloat16 values. 64 columns
  /// are 128 KiB, and with the same depth of 128 rows of x (256 KiB) stay in the L2 cache.
  private static let panelFloats = 512

  /// Minimum rows of x that one task multiplies by a packed panel.
  private static let taskRows = 48

  /// Rows that one task rounds to bfloat16.
  private static let narrowedRows = 16
}
