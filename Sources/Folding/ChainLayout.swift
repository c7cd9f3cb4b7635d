// Chains side by side with linkers between them: what the model reads of a complex (esm: esmfold/v1/misc.py,
// batch_encode_sequences).

package import Protein

/// The rows of the model: the residues of all chains, and between two chains those of a linker.
///
/// The language model reads all rows as one protein. The trunk sees, by their numbers, that chains are far from each other.
/// What leaves the model has the rows of the chains alone.
package struct ChainLayout: Sendable, Equatable {
  /// Residues with linkers, [L'].
  package let residues: [ResidueType]
  /// Numbers of the rows, from 0, whose differences are the trunk's relative positions, [L'].
  package let residueIndex: [Int]
  /// The rows of each chain.
  package let chains: [Range<Int>]

  /// Lays out chains.
  ///
  /// - Parameters:
  ///   - chains: The residues of each.
  ///   - linker: What is put between two chains.
  ///   - offset: What is added to the numbers of the rows at the beginning of each further chain.
  ///   - numbers: Numbers of the residues of each chain, of which only the differences count; `nil` for consecutive ones.
  package init(_ chains: [[ResidueType]], linker: [ResidueType] = [], offset: Int = 0, numbers: [[Int]]? = nil) {
    var residues: [ResidueType] = [], index: [Int] = [], ranges: [Range<Int>] = []
    for (place, chain) in chains.enumerated() {
      if place > 0 {
        let next = (index.last ?? -1) + 1
        residues += linker
        index += next..<next + linker.count
      }
      let start = place == 0 ? 0 : (index.last ?? -1) + 1 + offset
      ranges.append(residues.count..<residues.count + chain.count)
      residues += chain
      if let own = numbers?[place], let first = own.first {
        index += own.map { start + $0 - first }
      } else {
        index += start..<start + chain.count
      }
    }
    self.residues = residues
    residueIndex = index
    self.chains = ranges
  }

  /// A single chain.
  package init(_ residues: [ResidueType]) { self.init([residues]) }

  /// Rows, linkers included: L'.
  package var count: Int { residues.count }

  /// The rows of the chains, [L]; `nil` where there are no others.
  package var kept: [Int]? { linkerCount == 0 ? nil : chains.flatMap { Array($0) } }

  /// Rows of linkers.
  package var linkerCount: Int { residues.count - chains.reduce(0) { $0 + $1.count } }

  /// The rows of the chains out of all rows.
  ///
  /// - Parameters:
  ///   - values: [L', width].
  ///   - width: Values of a row.
  /// - Returns: [L, width].
  package func rows<Value>(of values: [Value], width: Int) -> [Value] {
    guard let kept else { return values }
    return kept.flatMap { values[$0 * width..<($0 + 1) * width] }
  }

  /// The pairs of rows of the chains out of all pairs.
  ///
  /// - Parameters:
  ///   - values: [L', L', width].
  ///   - width: Values of a pair.
  /// - Returns: [L, L, width].
  package func pairs<Value>(of values: [Value], width: Int) -> [Value] {
    guard let kept else { return values }
    var result: [Value] = []
    result.reserveCapacity(kept.count * kept.count * width)
    for i in kept {
      for range in chains {
        let start = (i * count + range.lowerBound) * width
        result += values[start..<start + range.count * width]
      }
    }
    return result
  }
}
