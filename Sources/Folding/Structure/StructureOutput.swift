// What the structure module makes.

package import Tensors

/// The output of the last iteration of the structure module.
package struct StructureOutput: Sendable {
  /// Backbone frames, translations in Å.
  package var frames: [BackboneFrame]
  /// (sin, cos) of seven torsion angles, [L, 7, 2].
  package var angles: [Float]
  /// Positions of the 14 atom slots, Å, [L, 14, 3].
  package var positions: [Float]
  /// The module's single state, [L, c].
  package var states: Tensor<2>
}
