// Attention of one head against its definition.

import Glibc
import Tensors
import TestSupport
import Testing

/// Scores, exponentials and sums of float32 over up to 1030 keys.
private let tolerance: Float = 2e-5
/// By how much of itself a numerator can be off, scores of up to 20 included; one that is so close to a tie may be rounded to the
/// other neighbour, 1/128 of itself away at most.
private let nearTie = 1e-5

@Suite("Attention") struct AttentionTests {
  init() { Buffer.isPoisoned = true }

  /// Queries and keys: around the block of 48 queries, one and several whole blocks, keys beyond every panel and beyond
  /// what a panel step of a linear layer would take.
  struct Shape: CustomTestStringConvertible {
    let queries: Int, keys: Int, width: Int
    var testDescription: String { "\(queries) × \(keys) × \(width)" }

    static let all = [
      Shape(queries: 1, keys: 1, width: 3), Shape(queries: 2, keys: 5, width: 16),
      Shape(queries: 47, keys: 47, width: 32), Shape(queries: 48, keys: 33, width: 32),
      Shape(queries: 49, keys: 150, width: 3), Shape(queries: 96, keys: 64, width: 17),
      Shape(queries: 97, keys: 270, width: 32), Shape(queries: 150, keys: 257, width: 20),
      Shape(queries: 51, keys: 1030, width: 64),
    ]
  }

  /// Operands of one head inside wider rows, as from a projection of several heads.
  private struct Head {
    let shape: Shape
    let q: [Float], k: [Float], v: [Float], bias: [Float]
    let scale: Float = 0.4

    init(_ shape: Shape) {
      var random = RandomNumbers(seed: UInt64(shape.queries * 10_000 + shape.keys))
      self.shape = shape
      q = random.floats(shape.queries * shape.width, in: -2...2)
      k = random.floats(shape.keys * shape.width, in: -2...2)
      v = random.floats(shape.keys * shape.width)
      bias = random.floats(shape.queries * shape.keys, in: -3...3)
    }

    /// softmax(scale · q kᵀ + bias), with numerators rounded as for the product, and its product with v.
    /// `slack` is what the roundings of numerators near a tie can change in each value of the product.
    func expected(_ precision: Precision, isBiased: Bool) -> (weights: [Float], o: [Float], slack: [Float]) {
      let rounded = { (x: Float) in Double(precision == .float32 ? x : BFloat16.rounded(x)) }
      let (q, k, v) = (q.map(rounded), k.map(rounded), v.map(rounded)), width = shape.width, keys = shape.keys
      var weights: [Float] = [], o: [Float] = [], slack: [Float] = []
      for i in 0..<shape.queries {
        let scores = (0..<keys).map { (j: Int) -> Double in
          let product = (0..<width).reduce(Double(0)) { (sum: Double, c: Int) in
            sum + q[i * width + c] * k[j * width + c]
          }
          return product * Double(scale) + (isBiased ? Double(bias[i * keys + j]) : 0)
        }
        let top = scores.max() ?? 0
        let numerators = scores.map { exp($0 - top) }, sum = numerators.reduce(0, +)
        weights += numerators.map { Float($0 / sum) }
        let narrow = numerators.map { rounded(Float($0)) }
        let isNearTie = numerators.map {
          precision == .bfloat16 && rounded(Float($0 * (1 - nearTie))) != rounded(Float($0 * (1 + nearTie)))
        }
        for c in 0..<width {
          let weighted = (0..<keys).reduce(Double(0)) { (sum: Double, j: Int) in sum + narrow[j] * v[j * width + c] }
          o.append(Float(weighted / sum))
          slack.append(
            (0..<keys).reduce(0) { $0 + (isNearTie[$1] ? Float(abs(narrow[$1] * v[$1 * width + c]) / 128 / sum) : 0) })
        }
      }
      return (weights, o, slack)
    }
  }

  @Test("Against the definition", arguments: KernelTests.sets, Shape.all)
  func definition(_ kernels: Kernels, _ shape: Shape) {
    let head = Head(shape)
    for precision in Precision.allCases {
      for isBiased in [false, true] {
        let arena = Arena(), note: Comment = "\(kernels.name) \(precision), biased: \(isBiased)"
        let q = arena.window(shape.queries, shape.width, shift: 5, head.q)
        let k = arena.window(shape.keys, shape.width, shift: 2, head.k)
        let v = arena.window(shape.keys, shape.width, shift: 3, head.v)
        let bias = arena.window(shape.queries, shape.keys, shift: 1, head.bias)
        let scratch = Scratch(
          workers: 1,
          floats: Attention.scratchFloats(
            keys: shape.keys, width: shape.width, precision: precision, kernels: kernels))
        defer { withExtendedLifetime(scratch) {} }
        let (_, expected, slack) = head.expected(precision, isBiased: isBiased)
        let room = tolerance * (expected.map(abs).max() ?? 0)
        // Into separate rows, and over the queries.
        for o in [arena.window(shape.queries, shape.width, shift: 7), q] {
          var taker = scratch.taker(0)
          Attention(scale: head.scale, precision: precision, kernels: kernels)
            .attend(q: q, k: k, v: v, bias: isBiased ? bias : nil, into: o, scratch: &taker)
          let found = o.values
          let far = expected.indices.first { !(abs(found[$0] - expected[$0]) <= room + slack[$0]) }
          #expect(far == nil, "\(note): \(Closeness(found, expected))")
        }
        expectEqual(k.values + v.values + bias.values, head.k + head.v + head.bias, note)
        #expect(arena.isIntact, note)
      }
    }
  }

  @Test("The weights themselves", arguments: KernelTests.sets, Shape.all)
  func weights(_ kernels: Kernels, _ shape: Shape) {
    let head = Head(shape)
    for precision in Precision.allCases {
      let arena = Arena(), note: Comment = "\(kernels.name) \(precision)"
      let q = arena.window(shape.queries, shape.width, shift: 5, head.q)
      let k = arena.window(shape.keys, shape.width, shift: 2, head.k)
      let weights = arena.window(shape.queries, shape.keys, shift: 3)
      let scratch = Scratch(
        workers: 1,
        floats: Attention.scratchFloats(keys: shape.keys, width: shape.width, precision: precision, kernels: kernels))
      defer { withExtendedLifetime(scratch) {} }
      var taker = scratch.taker(0)
      Attention(scale: head.scale, precision: precision, kernels: kernels)
        .weights(q: q, k: k, into: weights, scratch: &taker)
      let closeness = Closeness(weights.values, head.expected(precision, isBiased: false).weights)
      #expect(closeness.isWithin(relative: tolerance), "\(note): \(closeness)")
      expectEqual(q.values + k.values, head.q + head.k, note)
      #expect(arena.isIntact, note)
    }
  }

  @Test(
    "The scratch that is promised is enough and all of it is needed", arguments: KernelTests.sets, Precision.allCases)
  func scratch(_ kernels: Kernels, _ precision: Precision) {
    for shape in Shape.all {
      let floats = Attention.scratchFloats(
        keys: shape.keys, width: shape.width, precision: precision, kernels: kernels)
      // Both operands in panels, scores and reciprocal sums of 48 queries; in bfloat16 also their queries and weights.
      let panel = kernels.panelWidth(precision), panels = { (count: Int) in (count + panel - 1) / panel * panel }
      let units = { (depth: Int) in precision == .float32 ? depth : (depth + 1) / 2 }
      let operands = [panels(shape.keys) * units(shape.width), panels(shape.width) * units(shape.keys)]
      let narrow = precision == .float32 ? [] : [48 * ((shape.width + 1) / 2), 48 * ((shape.keys + 1) / 2)]
      let windows = operands + narrow + [48 * shape.keys, 48]
      #expect(floats == windows.reduce(0) { $0 + ($1 + 15) / 16 * 16 }, "\(kernels.name) \(shape.testDescription)")
    }
  }
}
