// A folded protein as atoms: coordinates in Å and the confidence of each atom, in the atom37 layout of PDB output.

/// Atoms of one or more chains. All arrays are flat and row-major, one row for each residue.
package struct Structure: Sendable {
  /// Residue types, [L].
  package let residueTypes: [ResidueType]
  /// Coordinates in Å, [L, 37, 3]; zero where there is no atom.
  package let positions: [Float]
  /// Which atoms exist, [L, 37].
  package let atomExists: [Bool]
  /// B-factors: pLDDT on the scale 0...100, [L, 37].
  package let bFactors: [Float]
  /// Residue numbers shown in the file, [L].
  package let residueNumbers: [Int]
  /// Name of each residue's chain, [L]; residues of a chain are contiguous.
  package let chainIDs: [String]

  /// Creates a structure from atoms in the atom37 layout.
  ///
  /// - Parameters:
  ///   - residueTypes: [L].
  ///   - positions: Å, [L, 37, 3].
  ///   - atomExists: [L, 37].
  ///   - bFactors: 0...100, [L, 37].
  ///   - residueNumbers: [L]; nil numbers the residues from 1.
  ///   - chainIDs: [L]; nil puts all residues into chain A.
  package init(
    residueTypes: [ResidueType], positions: [Float], atomExists: [Bool], bFactors: [Float],
    residueNumbers: [Int]? = nil, chainIDs: [String]? = nil
  ) {
    let length = residueTypes.count
    let atoms = length * ResidueConstants.atom37Count
    precondition(positions.count == atoms * 3, "positions: \(positions.count) values for [\(length), 37, 3]")
    precondition(atomExists.count == atoms, "atomExists: \(atomExists.count) values for [\(length), 37]")
    precondition(bFactors.count == atoms, "bFactors: \(bFactors.count) values for [\(length), 37]")
    self.residueTypes = residueTypes
    self.positions = positions
    self.atomExists = atomExists
    self.bFactors = bFactors
    self.residueNumbers = residueNumbers ?? (0..<length).map { $0 + 1 }
    self.chainIDs = chainIDs ?? Array(repeating: "A", count: length)
    precondition(self.residueNumbers.count == length, "residueNumbers: \(self.residueNumbers.count) for \(length)")
    precondition(self.chainIDs.count == length, "chainIDs: \(self.chainIDs.count) for \(length)")
  }

  /// Creates a structure from the model's output; which atoms exist follows from the residue types (X has none).
  ///
  /// - Parameters:
  ///   - positions14: Å, atom14 layout, [L, 14, 3].
  ///   - plddt: Confidence of each atom type, 0...100, [L, 37].
  ///   - residueTypes: [L].
  ///   - residueNumbers: [L]; nil numbers the residues from 1.
  ///   - chainIDs: [L]; nil puts all residues into chain A.
  package init(
    positions14: [Float], plddt: [Float], residueTypes: [ResidueType],
    residueNumbers: [Int]? = nil, chainIDs: [String]? = nil
  ) {
    let (slots, types) = (ResidueConstants.atom14Count, ResidueConstants.atom37Count)
    let length = residueTypes.count
    precondition(positions14.count == length * slots * 3, "positions14: \(positions14.count) for [\(length), 14, 3]")
    var positions = [Float](repeating: 0, count: length * types * 3)
    var atomExists = [Bool](repeating: false, count: length * types)
    for (residue, residueType) in residueTypes.enumerated() {
      for type in 0..<types where ResidueConstants.exists(atomType: type, in: residueType) {
        let slot = ResidueConstants.atom37ToAtom14[residueType.index * types + type]
        let (target, source) = ((residue * types + type) * 3, (residue * slots + slot) * 3)
        for axis in 0..<3 { positions[target + axis] = positions14[source + axis] }
        atomExists[residue * types + type] = true
      }
    }
    self.init(
      residueTypes: residueTypes, positions: positions, atomExists: atomExists, bFactors: plddt,
      residueNumbers: residueNumbers, chainIDs: chainIDs)
  }

  /// Mean B-factor of the atoms that exist (mean pLDDT, 0...100), or nil when there are none.
  package var meanConfidence: Float? {
    Self.mean(of: bFactors, where: atomExists)
  }

  /// Mean pLDDT over all atoms of a protein, Σ plddt·exists / Σ exists, as the reference prints it: not the mean over Cα.
  ///
  /// - Parameters:
  ///   - plddt: [L, 37], any scale.
  ///   - residueTypes: [L].
  /// - Returns: The mean on the scale of `plddt`, or nil when no atom exists (all residues are X).
  package static func meanConfidence(plddt: [Float], residueTypes: [ResidueType]) -> Float? {
    let exists = residueTypes.flatMap { residue in
      (0..<ResidueConstants.atom37Count).map { ResidueConstants.exists(atomType: $0, in: residue) }
    }
    return mean(of: plddt, where: exists)
  }

  private static func mean(of values: [Float], where exists: [Bool]) -> Float? {
    precondition(values.count == exists.count, "\(values.count) values for \(exists.count) atoms")
    var (sum, count) = (0.0, 0)
    for (value, exists) in zip(values, exists) where exists {
      sum += Double(value)
      count += 1
    }
    return count == 0 ? nil : Float(sum / Double(count))
  }
}
