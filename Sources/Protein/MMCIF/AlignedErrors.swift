// The predicted aligned errors of a model.

/// Expected errors of the position of residue j when residue i is superposed, Å, [L, L], in the order of the structure's
/// residues.
package struct AlignedErrors: Sendable {
  /// L.
  package let count: Int
  /// Row-major.
  package let values: [Float]

  /// - Parameters:
  ///   - values: [L, L].
  ///   - count: L.
  package init(_ values: [Float], count: Int) {
    precondition(values.count == count * count, "\(values.count) errors for [\(count), \(count)]")
    self.values = values
    self.count = count
  }
}
