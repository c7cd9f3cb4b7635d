// A digest that takes in bytes as they come, through libcrypto, which uses the processor's own instructions where it has
// them.

internal import CCrypto

/// A digest under way.
package struct RunningDigest: ~Copyable {
  private let context: OpaquePointer?
  private let algorithm: Digest.Algorithm

  private static let blockByteCount = 1 << 20

  /// The digest of nothing yet.
  package init(_ algorithm: Digest.Algorithm = .sha256) {
    self.algorithm = algorithm
    context = EVP_MD_CTX_new()
    let kind = algorithm == .sha256 ? EVP_sha256() : EVP_md5()
    // MD5 is missing where the system allows approved algorithms only.
    precondition(
      context != nil && EVP_DigestInit_ex(context, kind, nil) == 1, "libcrypto without \(algorithm.rawValue)")
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes in `bytes`.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(status == 1, "EVP_DigestUpdate failed")
  }

  /// Takes in an open file from its beginning to its end; `path` is named in errors.
  ///
  /// - Returns: How many bytes there were.
  /// - Throws: `SystemError`, action `read`.
  @discardableResult
  package mutating func update(fromFile descriptor: Int32, _ path: String) throws(SystemError) -> Int {
    var position = 0
    while true {
      let block = try readAll(Self.blockByteCount, at: position, from: descriptor, path)
      if block.isEmpty { return position }
      block.withUnsafeBytes { update($0) }
      position += block.count
    }
  }

  /// Ends the digest.
  package consuming func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: algorithm.digitCount / 2)
    let status = EVP_DigestFinal_ex(context, &bytes, nil)
    precondition(status == 1, "EVP_DigestFinal_ex failed")
    return Digest(algorithm, bytes: bytes)
  }
}
