// A tensor of a checkpoint under the name that the models know.

package import Tensors
package import Weights

/// A tensor of a source.
package struct SourceTensor: Sendable {
  /// The name that the models know.
  package let name: String
  /// Which of the files it is in.
  package let file: Int
  /// Where it is there.
  package let entry: CheckpointEntry
  /// Its element type.
  package let elementType: ElementType
  /// A row that counts as zero whatever the file says.
  package var zeroedRow: Int?
}
