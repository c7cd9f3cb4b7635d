// Digests of downloads, computed by libcrypto as the data arrives.

internal import CCrypto

/// The expected hash of a file's bytes.
package struct Digest: Equatable, Sendable {
  package enum Algorithm: String, Sendable {
    case sha256
    /// Only to detect damage: some publishers provide nothing better.
    case md5

    /// Digits of such a digest in hexadecimal.
    var digits: Int { self == .sha256 ? 64 : 32 }
  }

  package let algorithm: Algorithm
  /// Hexadecimal digits, in lower case.
  package let hexadecimal: String

  /// nil unless `text` has exactly as many hexadecimal digits as the algorithm produces.
  package init?(_ algorithm: Algorithm, _ text: String) {
    guard text.utf8.count == algorithm.digits, text.utf8.allSatisfy(Self.isDigit) else { return nil }
    self.algorithm = algorithm
    hexadecimal = text.lowercased()
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// The digest of the file at `path`.
  ///
  /// - Throws: `TransferError.system`.
  package static func of(_ path: String, _ algorithm: Algorithm) throws(TransferError) -> Digest {
    try PartialFile(existing: path, algorithm).digest()
  }

  init(_ algorithm: Algorithm, bytes: [UInt8]) {
    self.algorithm = algorithm
    let digits = Array("0123456789abcdef".utf8)
    hexadecimal = String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
