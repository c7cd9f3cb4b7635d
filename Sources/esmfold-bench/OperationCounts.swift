// Floating-point operations of the network's parts: two for every multiplication of a matrix product; norms, softmax,
// gates and distances are not counted, nor is work that a faster implementation would avoid.

import ESM2
import Folding

extension TrunkConfiguration {
  private var cS: Double { Double(sequenceWidth) }
  private var cZ: Double { Double(pairWidth) }

  func pairToSequence(_ l: Double) -> Double { 2 * l * l * cZ * Double(sequenceHeads) }

  /// q, k, v, gate and output projections; scores and weighted values.
  func sequenceAttention(_ l: Double) -> Double { 10 * l * cS * cS + 4 * l * l * cS }

  func sequenceTransition(_ l: Double) -> Double { 16 * l * cS * cS }

  func sequenceToPair(_ l: Double) -> Double { 2 * l * cS * cZ + 2 * l * l * cZ * cZ }

  /// Six projections and the contraction.
  func triangleMultiplication(_ l: Double) -> Double { l * l * (12 * cZ * cZ + 2 * l * cZ) }

  /// Five projections, the bias, scores and weighted values.
  func triangleAttention(_ l: Double) -> Double {
    l * l * (10 * cZ * cZ + 2 * cZ * Double(pairHeads) + 4 * l * cZ)
  }

  func pairTransition(_ l: Double) -> Double { 16 * l * l * cZ * cZ }

  /// One block.
  func block(_ l: Double) -> Double {
    pairToSequence(l) + sequenceAttention(l) + sequenceTransition(l) + sequenceToPair(l) + pairTransition(l)
      + 2 * triangleMultiplication(l) + 2 * triangleAttention(l)
  }

  /// The structure module with all its iterations.
  func structure(_ l: Double) -> Double {
    let own = structureModule
    let c = Double(own.sequenceWidth), h = Double(own.heads), pairs = Double(own.pairWidth)
    let hidden = Double(own.resnetWidth)
    let inputs = 2 * l * l * (cZ * pairs + pairs * h) + 2 * l * (cS * c + c * c)
    let transition = 6 * l * c * c * Double(own.transitionLayers) + 12 * l * c
    let angles = 2 * l * hidden * (2 * c + 2 * hidden * Double(own.resnetBlocks) + 14)
    return inputs + Double(own.blocks) * (own.attention(l) + transition) + angles
  }
}

extension StructureModuleConfiguration {
  /// Invariant point attention: projections, scores, weighted values, points and pairs.
  func attention(_ l: Double) -> Double {
    let c = Double(sequenceWidth), h = Double(heads), d = Double(headWidth), pairs = Double(pairWidth)
    let queries = Double(queryPoints), values = Double(valuePoints)
    let projections = c * h * (3 * d + 6 * queries + 3 * values) + c * h * (d + 4 * values + pairs)
    return 2 * l * projections + 2 * l * l * h * (2 * d + 3 * values + pairs)
  }
}

extension LanguageModelConfiguration {
  /// One layer on `t` tokens.
  func layer(_ t: Double) -> Double {
    let c = Double(hiddenSize)
    return 2 * t * (4 * c * c + 2 * c * Double(intermediateSize)) + 4 * t * t * c
  }
}
