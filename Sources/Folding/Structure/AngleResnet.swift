// Torsion angles from the single state (AlphaFold 2, algorithm 20, lines 11 to 14).

import Tensors
package import Weights

/// The residual network that predicts sine and cosine of seven torsion angles (transformers: EsmFoldAngleResnet).
package struct AngleResnet: Sendable {
  private let linearIn: Linear, linearInitial: Linear, linearOut: Linear
  private let layers: [(Linear, Linear)]
  private let epsilon: Float

  package init(_ w: WeightScope, configuration: StructureModuleConfiguration) throws(WeightError) {
    let c = configuration.sequenceWidth, hidden = configuration.resnetWidth
    linearIn = try Linear(w["linear_in"], c, hidden)
    linearInitial = try Linear(w["linear_initial"], c, hidden)
    var layers: [(Linear, Linear)] = []
    for index in 0..<configuration.resnetBlocks {
      let layer = w["layers"][index]
      layers.append((try Linear(layer["linear_1"], hidden, hidden), try Linear(layer["linear_2"], hidden, hidden)))
    }
    self.layers = layers
    linearOut = try Linear(w["linear_out"], hidden, 14)
    epsilon = configuration.epsilon
  }

  /// Predicts (sin, cos) pairs, [L, 14] = [L, 7, 2], from the workspace's s and its initial state: as they come in
  /// `unnormalizedAngles`, of unit length in `angles`.
  ///
  /// The ReLUs on the inputs are not in the supplement but in the code that the weights were trained with.
  func callAsFunction(work: borrowing StructureWorkspace, threads: Threads) {
    let scratch = work.scratch, input = work.single  // [L, c]
    let a = work.resnet, x = work.resnetInput, y = work.resnetHidden  // [L, resnet]
    // Line 11: a = linear(s) + linear(s_initial).
    input.assign(work.initial, relu: true)
    linearInitial(input, into: a, scratch: scratch, threads: threads)
    input.assign(work.s, relu: true)
    linearIn(input, into: a, adding: true, scratch: scratch, threads: threads)
    // Lines 12 and 13: a += linear(relu(linear(relu(a)))).
    for (linear1, linear2) in layers {
      x.assign(a, relu: true)
      linear1(x, into: y, activation: .relu, scratch: scratch, threads: threads)
      linear2(y, into: a, adding: true, scratch: scratch, threads: threads)
    }
    // Line 14: α = linear(relu(a)).
    x.assign(a, relu: true)
    linearOut(x, into: work.unnormalizedAngles, scratch: scratch, threads: threads)
    let from = work.unnormalizedAngles.pointer, to = work.angles.pointer
    for i in 0..<work.angles.count / 2 {
      let (sine, cosine) = (from[2 * i], from[2 * i + 1])
      let length = max(sine * sine + cosine * cosine, epsilon).squareRoot()
      to[2 * i] = sine / length
      to[2 * i + 1] = cosine / length
    }
  }
}

extension Tensor where rank == 2 {
  /// Copies the values of a tensor of the same shape, or their positive parts.
  func assign(_ other: Tensor<2>, relu: Bool = false) {
    precondition(count == other.count)
    let from = other.pointer, to = pointer
    for i in 0..<count { to[i] = relu ? max(from[i], 0) : from[i] }
  }
}
