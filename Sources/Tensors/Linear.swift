// Linear layers over sequences: the weights stay as stored and are widened panel by panel while they are multiplied.

import CKernels

/// y = x · weightᵀ + bias for x of a few hundred rows and weights of many megabytes.
///
/// The weight [outputs, inputs] stays in its mapped file in its stored type. Each task transposes and widens one panel of
/// it into scratch and multiplies every row of x with it, so that a weight is read from memory once per call and costs
/// no load time and no second copy; the widening is hidden from some thirty rows of x on.
package struct Linear: Sendable {
  private let weight: StoredTensor
  private let bias: Tensor<1>?
  /// Extents of the weight [outputs, inputs].
  package let inputs: Int, outputs: Int

  /// Wraps a stored weight [outputs, inputs] and its bias [outputs].
  package init(weight: StoredTensor, bias: Tensor<1>?) {
    precondition(
      weight.shape.count == 2 && weight.elementType != .int64 && bias?.count ?? weight.shape[0] == weight.shape[0])
    self.weight = weight
    self.bias = bias
    outputs = weight.shape[0]
    inputs = weight.shape[1]
  }

  /// y = activation(x · weightᵀ + bias), or that plus what y holds.
  ///
  /// - Parameters:
  ///   - x: [M, inputs].
  ///   - y: [M, at least outputs]; must not overlap x.
  ///   - columns: The `outputs` columns of y to write; all of them by default.
  ///   - activation: Applied last.
  ///   - adding: Whether the product is added to what y holds.
  ///   - scratch: At least `scratchFloats` per thread.
  ///   - threads: Who does the work.
  package func callAsFunction(
    _ x: Tensor<2>, into y: Tensor<2>, columns: Range<Int>? = nil, activation: Epilogue.Activation = .identity,
    adding: Bool = false, scratch: Scratch, threads: Threads
  ) {
    let kernels = Kernels.active
    let width = kernels.panelWidth
    let columns = columns ?? 0..<y.shape[1]
    precondition(x.shape[1] == inputs && x.shape[0] == y.shape[0] && columns.count == outputs)
    threads.forEachTile(of: outputs, size: width) { panel, worker in
      var taker = scratch.taker(worker)
      let packed = taker.floats(width * Linear.depthStep)
      let output = Rows(y).columns(columns.lowerBound + panel.lowerBound..<columns.lowerBound + panel.upperBound)
      for start in stride(from: 0, to: inputs, by: Linear.depthStep) {
        let depth = min(Linear.depthStep, inputs - start)
        let isLast = start + depth == inputs
        let corner = weight.bytes.baseAddress.map {
          $0 + (panel.lowerBound * inputs + start) * weight.elementType.byteCount
        }
        kernels.table.pointee.pack_transposed(
          Int64(panel.count), Int64(depth), corner, Int64(inputs), weight.elementType.code, packed)
        kernels.multiply(
          Rows(x).columns(start..<start + depth),
          PackedMatrix(base: packed, depth: depth, columns: panel.count), into: output,
          Epilogue(
            bias: isLast ? bias.map { UnsafePointer($0.pointer + panel.lowerBound) } : nil,
            activation: isLast ? activation : .identity, accumulates: adding || start > 0))
      }
    }
  }

  /// Drops the weight's pages from the process until they are next read.
  package func discardPages() { weight.discardPages() }

  /// Scratch floats that a call takes per thread.
  package static var scratchFloats: Int { Kernels.active.panelWidth * depthStep }

  /// Rows of a panel that are widened at once: 64 columns × 512 rows of float32 are 128 KiB, and with the same columns of
  /// 128 rows of x (256 KiB) stay in a second-level cache.
  private static let depthStep = 512
}

extension ElementType {
  var code: ck_type {
    switch self {
    case .float32: ck_float32
    case .float16: ck_float16
    case .bfloat16: ck_bfloat16
    case .int64: preconditionFailure("int64 is not a number format of the kernels")
    }
  }
}

extension StoredTensor {
  /// The values widened to float32, row-major. Integers are not numbers of a model and have no float form.
  package func floats() -> [Float] {
    precondition(elementType != .int64, "\(name) holds integers")
    return [Float](unsafeUninitializedCapacity: count) { values, initialized in
      if let to = values.baseAddress {
        Kernels.active.table.pointee.widen(Int64(count), bytes.baseAddress, elementType.code, to)
      }
      initialized = count
    }
  }

  /// The values of an int64 tensor.
  package func integers() -> [Int] {
    precondition(elementType == .int64, "\(name) does not hold integers")
    return (0..<count).map { Int(bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)) }
  }
}
