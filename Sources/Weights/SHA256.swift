// SHA-256 through libcrypto, which uses the processor's own instructions where it has them.

internal import CCrypto

/// A running SHA-256 digest.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer?

  /// Hexadecimal digits of a digest.
  static let digitCount = 64

  /// The digest of nothing yet.
  package init() {
    context = EVP_MD_CTX_new()
    precondition(context != nil && EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "libcrypto without SHA-256")
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Takes in `bytes`.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(status == 1, "EVP_DigestUpdate failed")
  }

  /// Ends the digest and gives its 64 hexadecimal digits.
  package consuming func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let status = EVP_DigestFinal_ex(context, &digest, nil)
    precondition(status == 1, "EVP_DigestFinal_ex failed")
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of the UTF-8 bytes of `text`.
  package static func digest(of text: String) -> String {
    var digest = SHA256()
    var text = text
    text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
    return digest.finish()
  }
}
