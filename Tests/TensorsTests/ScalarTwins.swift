// Scalar twins of the elementary functions in the kernels' own arithmetic, float32 step by step: they match bits, while
// `ScalarKernels` matches values. The coefficients are those printed by Scripts/fit-kernels.py.

/// A coefficient that is wrong by a hundred-thousandth may be within every accuracy bound, but changes bits.
struct ScalarTwins {
  /// Whether a product and a sum are rounded once.
  let isFused: Bool

  /// a · b + c.
  func fma(_ a: Float, _ b: Float, _ c: Float) -> Float { isFused ? c.addingProduct(a, b) : a * b + c }

  private func polynomial(_ coefficients: [Float], _ x: Float) -> Float {
    coefficients.dropFirst().reduce(coefficients[0]) { fma($0, x, $1) }
  }

  /// x · log₂ e = n + r; e^x = 2ⁿ · (1 + r · P(r)).
  func exp(_ x: Float) -> Float {
    let x = min(max(x, -87), 88)
    let n = fma(x, 1.442_695_04, 12_583_039) - 12_583_039
    let r = fma(x, 1.442_695_04, -n)
    let p = polynomial([1.3264653e-3, 9.671526e-3, 5.5507343e-2, 2.4022242e-1, 6.93147e-1], r)
    let power = Float(sign: .plus, exponent: Int(n), significand: 1)
    return fma(p * r, power, power)
  }

  func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  /// erf |x| = 1 − exp(|x| · P(|x|)).
  func erf(_ x: Float) -> Float {
    let u = min(abs(x), 4)
    let p = polynomial(
      [
        9.946278e-8, -2.518737e-6, 2.8390294e-5, -1.8635794e-4, 7.667068e-4, -1.813417e-3, 2.4718273e-4, 1.9128649e-2,
        -1.02775835e-1, -6.366192e-1, -1.1283792,
      ], u)
    let magnitude = 1 - exp(p * u)
    return x.sign == .minus ? -magnitude : magnitude
  }

  func gelu(_ x: Float) -> Float { 0.5 * x * (1 + erf(x * 0.707_106_78)) }
}
