// A digest that takes in bytes as they come, through libcrypto, which uses the processor's own instructions where it has
// them.

internal import CCrypto

/// A digest under way.
package struct RunningDigest: ~Copyable {
  private let algorithm: Digest.Algorithm
  // Only that of the algorithm is used.
  private var sha256 = SHA256_CTX(), md5 = MD5_CTX()

  private static let blockByteCount = 1 << 20

  /// The version of libcrypto that the program was built with, `3.0.17`.
  package static let libraryVersion = OPENSSL_VERSION_STR

  /// The digest of nothing yet.
  package init(_ algorithm: Digest.Algorithm = .sha256) {
    self.algorithm = algorithm
    switch algorithm {
    case .sha256: SHA256_Init(&sha256)
    case .md5: MD5_Init(&md5)
    }
  }

  /// Takes in `bytes`.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch algorithm {
    case .sha256: SHA256_Update(&sha256, bytes.baseAddress, bytes.count)
    case .md5: MD5_Update(&md5, bytes.baseAddress, bytes.count)
    }
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
    switch algorithm {
    case .sha256: SHA256_Final(&bytes, &sha256)
    case .md5: MD5_Final(&bytes, &md5)
    }
    return Digest(algorithm, bytes: bytes)
  }
}
