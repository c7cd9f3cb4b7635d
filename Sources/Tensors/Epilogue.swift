// What happens to a product before it is stored.

import CKernels

/// What happens to a product before it is stored.
package struct Epilogue {
  /// The function applied last.
  package enum Activation: Sendable {
    case identity, relu, gelu

    var code: ck_activation {
      switch self {
      case .identity: ck_identity
      case .relu: ck_relu
      case .gelu: ck_gelu
      }
    }
  }

  /// One value per column, added before the activation.
  let bias: UnsafePointer<Float>?
  let activation: Activation
  /// Whether the product is added to the output's current contents.
  let accumulates: Bool

  package init(activation: Activation = .identity, accumulates: Bool = false) {
    self.init(bias: nil, activation: activation, accumulates: accumulates)
  }

  init(bias: UnsafePointer<Float>?, activation: Activation, accumulates: Bool) {
    self.bias = bias
    self.activation = activation
    self.accumulates = accumulates
  }

  var code: ck_epilogue { ck_epilogue(bias: bias, activation: activation.code, accumulate: accumulates) }
}
