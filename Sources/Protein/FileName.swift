// Names for output files: made from FASTA headers, safe in a shell and on any file system, and all different.

/// Rules by which a header becomes a file name.
package enum FileName {
  /// Maximum length of a name in characters, so that an extension and a suffix still fit into 255 bytes.
  package static let longest = 120
  /// The name used when a header has no usable first word.
  private static let nameless = "sequence"

  /// The first word of a header as a file name without extension.
  ///
  /// Every character (Unicode scalar) outside `A-Za-z0-9._-` becomes `_`, and so does a `.` or `-` at the start (a hidden file, an option);
  /// the rest is cut at ``longest`` characters. Never empty. Different headers may give the same name: see
  /// ``UniqueNames``.
  package static func sanitized(_ header: String) -> String {
    if isSafe(header) { return header }  // Most are.
    let word = header.unicodeScalars.drop(while: isBlank).prefix { !isBlank($0) }
    return word.isEmpty ? nameless : safe(word)
  }

  /// White space or a control character of ASCII; the properties of others take long to look up.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII ? scalar.value <= 0x20 : scalar.properties.isWhitespace
  }

  /// The name of a file of sequences as a file name without folder and extension: `designs/a 1.fasta.gz` is `a_1`.
  package static func ofFile(_ path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? ""
    for ending in compressions where name.lowercased().hasSuffix(ending) { name.removeLast(ending.count) }
    if let ending = extensions.first(where: { name.lowercased().hasSuffix($0) }) { name.removeLast(ending.count) }
    return name.isEmpty ? nameless : safe(name.unicodeScalars[...])
  }

  private static let compressions = [".gz", ".bgz"]
  /// Endings of files of sequences; others, as in `design.12`, belong to the name.
  private static let extensions = [
    ".fasta", ".fa", ".faa", ".fas", ".fsa", ".mpfa", ".pep", ".prot", ".seq", ".aa", ".a3m", ".a2m", ".afa", ".aln",
    ".txt",
  ]

  private static func isSafe(_ name: String) -> Bool {
    guard (1...longest).contains(name.utf8.count), let first = name.utf8.first, !first.isUnsafeAtStart else {
      return false
    }
    return name.utf8.allSatisfy(\.isFileNameCharacter)
  }

  private static func safe(_ word: Substring.UnicodeScalarView) -> String {
    var name = word.prefix(longest).map { scalar in
      let byte = UInt8(truncatingIfNeeded: scalar.value)
      return scalar.isASCII && byte.isFileNameCharacter ? byte : .underscore
    }
    if let first = name.first, first.isUnsafeAtStart { name[0] = .underscore }
    return String(decoding: name, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate static let underscore = UInt8(ascii: "_")
  /// `.` hides a file, `-` begins an option.
  fileprivate var isUnsafeAtStart: Bool { self == UInt8(ascii: ".") || self == UInt8(ascii: "-") }
  fileprivate var isFileNameCharacter: Bool {
    isASCIILowercase || isASCIIUppercase || isASCIIDigit || self == .underscore || self == UInt8(ascii: ".")
      || self == UInt8(ascii: "-")
  }
}
