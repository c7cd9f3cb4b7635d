// The extents that the shapes of outputs are made of.

package import Folding

/// The extents of one fold.
package struct FieldSizes: Sendable {
  /// Residues.
  package let length: Int
  /// Iterations of the structure module.
  package let iterations: Int
  /// Channels of the trunk's states and of the structure module's.
  package let singleWidth: Int, pairWidth: Int, structureWidth: Int

  package init(length: Int, _ trunk: TrunkConfiguration) {
    self.length = length
    iterations = trunk.structureModule.blocks
    singleWidth = trunk.sequenceWidth
    pairWidth = trunk.pairWidth
    structureWidth = trunk.structureModule.sequenceWidth
  }

  /// The extents of a field.
  package func shape(of field: FoldField) -> [Int] {
    field.axes.map { axis in
      switch axis {
      case .iterations: iterations
      case .residues: length
      case .singleState: singleWidth
      case .pairState: pairWidth
      case .structureState: structureWidth
      case .count(let count): count
      }
    }
  }

  /// Bytes of a field. Plans count far smaller proteins than those that would overflow.
  package func bytes(of field: FoldField) -> Int { shape(of: field).reduce(field.elementType.byteCount, *) }
}
