// Attention of one head against its definition.

import Glibc
import Tensors
import TestSupport
import Testing

/// Scores, exponentials and sums of float32 over up to 150 keys.
private let tolerance: Float = 2e-5

@Suite("Attention") struct AttentionTests {
  @Test("Against the definition", arguments: KernelTests.sets, [1, 2, 47, 49, 150])
  func definition(_ kernels: Kernels, _ length: Int) {
    var random = RandomNumbers(seed: UInt64(length))
    for width in [3, 16, 32] {
      let q = random.floats(length * width), k = random.floats(length * width), v = random.floats(length * width)
      let bias = random.floats(length * length, in: -3...3)
      let shape: [2 of Int] = [length, width]
      let (qTensor, kTensor, vTensor) = (Tensor(shape, q), Tensor(shape, k), Tensor(shape, v))
      let biasTensor = Tensor<2>([length, length], bias)
      let scratch = Scratch(
        workers: 1, floats: Attention.scratchFloats(keys: length, width: width, kernels: kernels))
      defer { withExtendedLifetime((qTensor, kTensor, vTensor, biasTensor, scratch)) {} }
      for isBiased in [false, true] {
        var taker = scratch.taker(0)
        let out = Tensor<2>(shape)
        Attention.attend(
          q: Rows(qTensor), k: Rows(kTensor), v: Rows(vTensor), bias: isBiased ? Rows(biasTensor) : nil, scale: 0.4,
          into: Rows(out), scratch: &taker,
          kernels: kernels)
        let scores = ScalarKernels.product(q, k, rows: length, columns: length, depth: width).map(Float.init)
        var expected: [Float] = []
        for i in 0..<length {
          let range = i * length..<(i + 1) * length
          let a = ScalarKernels.softmax(
            Array(scores[range]), scale: 0.4, bias: isBiased ? Array(bias[range]) : nil)
          for c in 0..<width { expected.append((0..<length).reduce(0) { $0 + a[$1] * v[$1 * width + c] }) }
        }
        let closeness = Closeness(out.values, expected)
        #expect(closeness.isWithin(relative: tolerance), "\(kernels.name) width \(width) \(closeness)")
      }
    }
  }
}
