// What a picture is of.

/// A fold: its name, its chains and what it was made of.
package struct PictureSubject: Sendable {
  /// A chain of it.
  package struct Chain: Sendable {
    /// Its name, "A".
    package let id: String
    /// Which of the fold's residues it has.
    package let residues: Range<Int>
    /// Their numbers in files.
    package let numbers: [Int]

    package init(id: String, residues: Range<Int>, numbers: [Int]) {
      precondition(residues.count == numbers.count, "\(numbers.count) numbers for \(residues.count) residues")
      (self.id, self.residues, self.numbers) = (id, residues, numbers)
    }
  }

  /// The name of the files.
  package let name: String
  /// The header of the record: a text of others.
  package let header: String
  /// The chains, which have all residues, in order.
  package let chains: [Chain]
  /// SHA-256 of what the fold was made of, in hexadecimal digits.
  package let digest: String
  /// What made it: name and version.
  package let program: String

  package init(name: String, header: String, chains: [Chain], digest: String, program: String) {
    (self.name, self.header, self.chains) = (name, header, chains)
    (self.digest, self.program) = (digest, program)
  }

  /// Residues of all chains.
  var length: Int { chains.reduce(0) { $0 + $1.residues.count } }

  /// `46 residues`, or `92 residues in 2 chains`.
  var size: String {
    let residues = "\(length) \(length == 1 ? "residue" : "residues")"
    return chains.count > 1 ? "\(residues) in \(chains.count) chains" : residues
  }

  /// How the digest is called in files.
  static let digestKey = "request_sha256"
  /// How much of a picture's file tells what it was made of.
  package static let headByteCount = 256

  /// Whether this is the text of a digest.
  static func isDigest(_ text: ArraySlice<UInt8>) -> Bool {
    text.count == 64 && text.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
