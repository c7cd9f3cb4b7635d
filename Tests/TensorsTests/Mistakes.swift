// Calls that violate one precondition, and the same calls that satisfy it.

import Tensors
import Testing

/// Each call differs from a valid one by one number.
enum Mistakes {
  /// One call, with the valid or the invalid number.
  static func make(_ mistake: ScratchTests.Mistake, isAllowed: Bool) {
    let extra = isAllowed ? 0 : 1
    if !views(mistake, extra), !kernels(mistake, extra) { layers(mistake, extra) }
  }

  private static func matrix(_ rows: Int, _ columns: Int) -> Tensor<2> { Tensor(zeros: [rows, columns]) }

  private static func views(_ mistake: ScratchTests.Mistake, _ extra: Int) -> Bool {
    // Space on all sides, so that only the check can detect it.
    let storage = Tensor<1>(zeros: [4096]), tensor = storage.viewed(as: [4, 6], from: 1024)
    let pairs = storage.viewed(as: [3, 4, 2], from: 1024)
    defer { withExtendedLifetime(storage) {} }
    let rows = Rows(tensor), buffer = Buffer(byteCount: 64)
    func operand(stride: Int) -> Operand {
      Operand(base: storage.pointer + 1024, precision: .bfloat16, count: 3, columns: 7, stride: stride)
    }
    func stored(_ count: Int, at offset: Int) {
      _ = StoredTensor(name: "x", elementType: .float32, shape: [count], buffer: buffer, byteOffset: offset)
    }
    switch mistake {
    case .rowsBelow: _ = rows.rows(-extra..<2)
    case .rowsBeyond: _ = rows.rows(1..<4 + extra)
    case .columnsBelow: _ = rows.columns(-extra..<2)
    case .columnsBeyond: _ = rows.columns(1..<6 + extra)
    case .operandRows: _ = operand(stride: 8).rows(0..<3 + extra)
    case .operandColumns: _ = operand(stride: 16).columns(2..<7 + extra)
    case .oddOperandColumn: _ = operand(stride: 8).columns(2 + extra..<5)
    case .oddStride: _ = operand(stride: 8 + extra)
    case .narrowStride: _ = operand(stride: 8 - 2 * extra)
    case .row: _ = pairs.row(2 + extra)
    case .column: _ = pairs.column(3 + extra)
    case .viewBeyond: _ = tensor.viewed(as: [20 + extra], from: 4)
    case .viewBefore: _ = tensor.viewed(as: [3], from: -extra)
    case .tensorBeyond: _ = Tensor<1>([15 + extra], buffer: buffer, offset: 1)
    case .tensorBefore: _ = Tensor<1>([4], buffer: buffer, offset: -extra)
    case .tensorValues: _ = Tensor<2>([2, 3], [Float](repeating: 0, count: 6 + extra))
    case .negativeExtent: _ = Tensor<2>([-extra, -extra])
    case .subscriptBeyond: _ = Tensor<1>([1, 2] as [Float])[1 + extra]
    case .subscriptBefore: _ = storage.viewed(as: [3], from: 9)[-extra]
    case .storedBeyond: stored(15 + extra, at: 4)
    case .storedBefore: stored(3, at: -4 * extra)
    case .storedMisaligned: stored(3, at: 4 + 2 * extra)
    case .storedIntegers:
      let type: ElementType = extra == 0 ? .float32 : .int64
      _ = StoredTensor(name: "x", elementType: type, shape: [2], buffer: buffer, byteOffset: 0).floats()
    case .copyRows: rows.rows(0..<2).copy(rows.rows(1..<3 + extra))
    case .copyColumns: rows.columns(0..<2).copy(rows.columns(1..<3 + extra))
    case .scratchBeyond:
      let scratch = Scratch(workers: 2, floats: 48)
      var taker = scratch.taker(0)
      _ = taker.rows(1, 48)
      // A block is a cache line longer than requested.
      _ = taker.rows(1, 16 + extra)
      withExtendedLifetime(scratch) {}
    case .worker: _ = Scratch(workers: 2, floats: 16).taker(1 + extra)
    default: return false
    }
    return true
  }

  private static func kernels(_ mistake: ScratchTests.Mistake, _ extra: Int) -> Bool {
    let kernels = Kernels.active, scratch = Scratch(workers: 1, floats: 4096)
    var taker = scratch.taker(0)
    // Larger than every window taken from them.
    let (a, b, c) = (matrix(16, 16), matrix(16, 16), matrix(16, 32))
    defer { withExtendedLifetime((a, b, c, scratch)) {} }
    func left(_ rows: Int, _ columns: Int) -> Rows { Rows(a).rows(0..<rows).columns(0..<columns) }
    func right(_ rows: Int, _ columns: Int) -> Rows { Rows(b).rows(0..<rows).columns(0..<columns) }
    func out(_ rows: Int, _ columns: Int) -> Rows { Rows(c).rows(0..<rows).columns(0..<columns) }
    func dense(_ rows: Int, _ columns: Int) -> Rows { Rows(b.viewed(as: [rows, columns])) }
    switch mistake {
    case .gemmDepth: kernels.multiply(left(3, 5 + extra), kernels.pack(right(5, 4), scratch: &taker), into: out(3, 4))
    case .gemmRows: kernels.multiply(left(3 + extra, 5), kernels.pack(right(5, 4), scratch: &taker), into: out(3, 4))
    case .gemmColumns:
      kernels.multiply(left(3, 5), kernels.pack(right(5, 4 + extra), scratch: &taker), into: out(3, 4))
    case .gemmPrecision:
      let packed = kernels.pack(right(5, 4), extra == 0 ? .bfloat16 : .float32, scratch: &taker)
      kernels.multiply(taker.operand(left(3, 5), .bfloat16), packed, into: out(3, 4))
    case .narrowAccumulates:
      let packed = kernels.pack(right(5, 4), .bfloat16, scratch: &taker)
      kernels.multiply(
        taker.operand(left(3, 5), .bfloat16), packed, into: taker.operand(3, 4, .bfloat16),
        Epilogue(accumulates: extra == 1))
    case .transposeRows: kernels.transpose(left(3 + extra, 4), into: out(4, 3))
    case .transposeColumns: kernels.transpose(left(3, 4 + extra), into: out(4, 3))
    case .gateRows: kernels.gate(left(3, 4), by: right(3 + extra, 4))
    case .gateColumns: kernels.gate(left(3, 4), by: right(3, 4 + extra))
    case .addGatedRows: kernels.addGated(left(3, 4), by: right(3, 4), to: out(3 + extra, 4))
    case .addColumns: kernels.add(left(3, 4 + extra), to: out(3, 4))
    case .softmaxBias: kernels.softmax(left(3, 4), bias: right(3, 4 + extra), scratch: &taker)
    case .rotateWidth:
      kernels.rotate(left(2, 8 + extra), heads: 2, scale: 1, cosines: dense(2, 2), sines: dense(2, 2))
    case .rotateStride:
      let cosines = extra == 0 ? dense(2, 2) : right(2, 2)
      kernels.rotate(left(2, 8), heads: 2, scale: 1, cosines: cosines, sines: dense(2, 2))
    case .distances: kernels.addSquaredDistances(left(1, 3), right(3 + extra, 7), scaledBy: 1, to: out(1, 7))
    case .features: kernels.productsAndDifferences(left(2, 5), right(1, 5), into: out(2, 10 + extra))
    default: return attention(mistake, extra)
    }
    return true
  }

  private static func attention(_ mistake: ScratchTests.Mistake, _ extra: Int) -> Bool {
    let (q, k, v) = (matrix(3, 4), matrix(5, 4), matrix(6, 4)), out = matrix(3, 8)
    let scratch = Scratch(workers: 1, floats: Attention.scratchFloats(keys: 8, width: 8))
    let attention = Attention(scale: 1)
    var taker = scratch.taker(0)
    defer { withExtendedLifetime((q, k, v, out, scratch)) {} }
    let into = Rows(out).columns(0..<4)
    switch mistake {
    case .attentionKeys:
      let keys = Rows(k).columns(0..<4 - extra)
      attention.attend(q: Rows(q), k: keys, v: Rows(v).rows(0..<5), bias: nil, into: into, scratch: &taker)
    case .attentionValues:
      attention.attend(
        q: Rows(q), k: Rows(k), v: Rows(v).rows(0..<5 + extra), bias: nil, into: into, scratch: &taker)
    case .weightsColumns:
      attention.weights(q: Rows(q), k: Rows(k), into: Rows(out).columns(0..<5 + extra), scratch: &taker)
    default: return false
    }
    return true
  }

  private static func layers(_ mistake: ScratchTests.Mistake, _ extra: Int) {
    let ones = Tensor<1>(zeros: [4]), norm = LayerNorm(weight: ones, bias: ones, epsilon: 1)
    let (x, y) = (matrix(5, 6), matrix(5, 9))
    defer { withExtendedLifetime((x, y)) {} }
    func linear(
      bias: Int = 3, precision: Precision = .float32, x: Tensor<2>, columns: Range<Int>, shared: Int = 0
    ) {
      let weight = ProductTests.stored([Float](repeating: 0, count: 18), as: .float32, shape: [3, 6])
      let layer = Linear(weight: weight, bias: Tensor(zeros: [bias]), precision: precision)
      let scratch = Scratch(workers: 1, floats: Linear.scratchFloats, shared: shared)
      layer(x, into: y.columns(columns), scratch: scratch, threads: Threads(1))
    }
    switch mistake {
    case .layerNormColumns: norm(Rows(x).columns(0..<4 + extra), into: Rows(y).columns(0..<4))
    case .layerNormRows: norm(Rows(x).rows(0..<2).columns(0..<4), into: Rows(y).rows(0..<2 + extra).columns(0..<4))
    case .layerNormPair: _ = LayerNorm(weight: ones, bias: Tensor(zeros: [4 + extra]), epsilon: 1)
    case .linearRows: linear(x: extra == 0 ? x : matrix(4, 6), columns: 2..<5)
    case .linearInputs: linear(x: extra == 0 ? x : matrix(5, 5), columns: 2..<5)
    case .linearColumns: linear(x: x, columns: 2..<5 + extra)
    case .linearBias: linear(bias: 3 + extra, x: x, columns: 2..<5)
    case .linearShared: linear(precision: .bfloat16, x: x, columns: 2..<5, shared: 15 - extra)
    case .packedWeights:
      let layer = PackedLinear.Layer(weight: [Float](repeating: 0, count: 18 + extra), bias: nil, outputs: 3)
      _ = PackedLinear(inputs: 6, [layer])
    case .threads: _ = Threads(1 - extra)
    case .tiles: Threads(1).forEachTile(of: 3, size: 1 - extra) { _, _ in }
    default: Issue.record("\(mistake) is nobody's")
    }
  }
}
