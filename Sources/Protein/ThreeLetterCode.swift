// Sequences in the three-letter code, which are letters too.

enum ThreeLetterCode {
  /// Few enough for a peptide, and too many for chance: one sequence in 10¹⁰ has these codes alone at this length. Repeats
  /// of one or two codes may be a protein.
  private static let fewest = 4, fewestKinds = 3

  /// The number of residues if a sequence (upper case) is codes such as `METLYSVALALA` and nothing else; otherwise nil.
  static func count(in sequence: [UInt8]) -> Int? {
    guard sequence.count % 3 == 0, sequence.count >= 3 * fewest else { return nil }
    var kinds: Set<[UInt8]> = []
    for start in stride(from: 0, to: sequence.count, by: 3) {
      let code = Array(sequence[start..<start + 3])
      guard codes.contains(code) else { return nil }
      kinds.insert(code)
    }
    return kinds.count >= fewestKinds ? sequence.count / 3 : nil
  }

  private static let codes = Set((ResidueType.all.map(\.threeLetter) + ["SEC", "PYL", "MSE"]).map { Array($0.utf8) })
}
