// Names of chains in the order in which programs give them.

/// A–Z, a–z, 0–9, then pairs of these, then triples, and so on.
package enum ChainName {
  private static let letters: [Character] = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

  /// How many names have one letter, which is all that a PDB file has room for.
  package static var singleLetters: Int { letters.count }

  /// The name of the chain at `index`, counted from 0.
  package static func of(_ index: Int) -> String {
    var rest = index, name = ""
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: letters.count)
      name.insert(letters[digit], at: name.startIndex)
      rest = quotient - 1
    } while rest >= 0
    return name
  }
}
