// Names of records within one file of results, where much more is allowed than in names of files.

/// Rules by which a header becomes the name of a record in an HDF5 file or a table.
package enum RecordIdentifier {
  /// Far more than any name, and little enough for every reader.
  package static let longestBytes = 1000

  /// The first word of a header as it is, `sp|Q12345|ABC1`, as far as HDF5 allows it.
  ///
  /// A slash, which would begin another group, and a control character become `_`, and so does every dot of a word that has
  /// nothing else. A word is cut at `longestBytes` bytes. Never empty. Different headers may give the same name: see
  /// ``UniqueNames``.
  package static func of(header: String) -> String {
    let words = header.unicodeScalars.split { $0.properties.isWhitespace || $0.value < 0x20 }
    guard let word = words.first else { return FileName.sanitized("") }
    let hasOnlyDots = word.allSatisfy { $0 == "." }
    var name = "", bytes = 0
    for scalar in word {
      let isAllowed = scalar != "/" && scalar.properties.generalCategory != .control && !hasOnlyDots
      let kept: Unicode.Scalar = isAllowed ? scalar : "_"
      bytes += UTF8.width(kept)
      guard bytes <= longestBytes else { break }
      name.unicodeScalars.append(kept)
    }
    return name
  }
}
