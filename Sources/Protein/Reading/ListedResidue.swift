// A residue as a file of results lists it.

/// A residue of a structure that was read back.
package struct ListedResidue: Equatable, Sendable {
  /// The name of its chain.
  package let chain: String
  /// Its number in the file.
  package let number: Int
  package let type: ResidueType
  /// pLDDT of the alpha carbon, 0-100; nil for a residue without atoms.
  package var plddt: Float?

  package init(chain: String, number: Int, type: ResidueType, plddt: Float?) {
    (self.chain, self.number, self.type, self.plddt) = (chain, number, type, plddt)
  }
}

extension [ListedResidue] {
  /// The residues with those that have no atoms, and no lines in a PDB file, put into the gaps of the numbers as X.
  ///
  /// - Parameter length: How many residues there must be.
  /// - Returns: `length` residues, each chain numbered from 1 without gaps; nil when no such list follows from the numbers:
  ///   they may have gaps because they were given so.
  package func filled(to length: Int) -> [ListedResidue]? {
    if count == length { return self }
    guard count < length else { return nil }
    var filled: [ListedResidue] = []
    for (place, residue) in enumerated() {
      let isFirst = place == 0 || self[place - 1].chain != residue.chain
      let next = isFirst ? 1 : self[place - 1].number.addingReportingOverflow(1).partialValue
      guard residue.number >= next, residue.number - next <= length - filled.count else { return nil }
      filled += (next..<residue.number).map { .unknown($0, residue.chain) }
      filled.append(residue)
    }
    // What is missing at the end of a chain can be told where there is but one.
    if let last, last.chain == first?.chain, filled.count < length {
      let missing = length - filled.count
      guard last.number <= Int.max - missing else { return nil }
      filled += (1...missing).map { .unknown(last.number + $0, last.chain) }
    }
    return filled.count == length ? filled : nil
  }
}

extension ListedResidue {
  fileprivate static func unknown(_ number: Int, _ chain: String) -> ListedResidue {
    ListedResidue(chain: chain, number: number, type: .unknown, plddt: nil)
  }
}
