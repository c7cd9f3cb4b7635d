// Scalar twins of the SIMD kernels: the definition of each, in double precision.

import Glibc

/// Readable forms of the kernels in `CKernels.h`, on dense arrays.
enum ScalarKernels {
  static func product(_ a: [Float], _ b: [Float], rows: Int, columns: Int, depth: Int) -> [Double] {
    var c: [Double] = []
    for i in 0..<rows {
      for j in 0..<columns {
        var sum = 0.0
        for k in 0..<depth { sum += Double(a[i * depth + k]) * Double(b[j * depth + k]) }
        c.append(sum)
      }
    }
    return c
  }

  static func layerNorm(_ x: [Float], gain: [Float], offset: [Float], epsilon: Double) -> [Float] {
    let n = Double(x.count)
    let mean = x.reduce(0) { $0 + Double($1) } / n
    let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
    return x.indices.map {
      Float((Double(x[$0]) - mean) / (variance + epsilon).squareRoot() * Double(gain[$0]) + Double(offset[$0]))
    }
  }

  static func softmax(_ x: [Float], scale: Float, bias: [Float]?) -> [Float] {
    let scores = x.indices.map { Double(x[$0]) * Double(scale) + Double(bias?[$0] ?? 0) }
    let top = scores.max() ?? 0
    let numerators = scores.map { exp($0 - top) }
    let sum = numerators.reduce(0, +)
    return numerators.map { Float($0 / sum) }
  }

  static func sigmoid(_ x: Float) -> Float { Float(1 / (1 + exp(-Double(x)))) }

  static func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }
}
