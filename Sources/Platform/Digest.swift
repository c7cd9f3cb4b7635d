// What the bytes of a file hash to.

import Glibc

/// A digest of bytes.
package struct Digest: Equatable, Sendable {
  package enum Algorithm: String, Sendable {
    case sha256
    /// Only to find damage: some publishers state nothing better.
    case md5

    /// Digits of such a digest in hexadecimal.
    package var digitCount: Int { self == .sha256 ? 64 : 32 }
  }

  package let algorithm: Algorithm
  /// Hexadecimal digits, in lower case.
  package let hexadecimal: String

  /// The digest as bytes.
  package var bytes: [UInt8] {
    let digits = hexadecimal.utf8.map { UInt8(Character(Unicode.Scalar($0)).hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// nil unless `text` is as many hexadecimal digits as the algorithm gives.
  package init?(_ algorithm: Algorithm, _ text: String) {
    guard text.utf8.count == algorithm.digitCount, text.utf8.allSatisfy(isHexadecimalDigit) else { return nil }
    self.algorithm = algorithm
    hexadecimal = text.lowercased()
  }

  init(_ algorithm: Algorithm, bytes: [UInt8]) {
    self.algorithm = algorithm
    hexadecimal = Platform.hexadecimal(bytes)
  }

  /// The SHA-256 of the UTF-8 bytes of `text`.
  package init(of text: String) {
    var digest = RunningDigest(.sha256), text = text
    text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
    self = digest.finish()
  }

  /// The digest of the file at `path`.
  ///
  /// - Throws: `SystemError` when it cannot be read, or is no regular file (action `open`, `EISDIR`).
  package init(ofFile path: String, _ algorithm: Algorithm = .sha256) throws(SystemError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SystemError(path: path, action: "open") }
    defer { close(descriptor) }
    guard try FileStatus(descriptor: descriptor, path: path).kind == .file else {
      throw SystemError(path: path, action: "open", code: EISDIR)
    }
    var digest = RunningDigest(algorithm)
    try digest.update(fromFile: descriptor, path)
    self = digest.finish()
  }
}
