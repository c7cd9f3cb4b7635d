// A tensor of a checkpoint under the name that the models know.

package import Tensors
package import Weights

/// A tensor of a source.
package struct SourceTensor: Sendable {
  /// The name that the models know.
  package let name: String
  /// The index of the file that it is in.
  package let file: Int
  /// Its entry in the file.
  package let entry: CheckpointEntry
  /// Its element type.
  package let elementType: ElementType
  /// A row that is read as zeros, whatever the file holds.
  package var zeroedRow: Int?
}
