// A digest computed incrementally as bytes arrive.

internal import CCrypto

/// An incremental digest.
struct RunningDigest: ~Copyable {
  private let context: OpaquePointer?
  private let algorithm: Digest.Algorithm

  init(_ algorithm: Digest.Algorithm) {
    self.algorithm = algorithm
    context = EVP_MD_CTX_new()
    let kind = algorithm == .sha256 ? EVP_sha256() : EVP_md5()
    // MD5 is missing where the system allows approved algorithms only.
    precondition(
      context != nil && EVP_DigestInit_ex(context, kind, nil) == 1, "libcrypto without \(algorithm.rawValue)")
  }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(status == 1, "EVP_DigestUpdate failed")
  }

  consuming func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: algorithm.digits / 2)
    let status = EVP_DigestFinal_ex(context, &bytes, nil)
    precondition(status == 1, "EVP_DigestFinal_ex failed")
    return Digest(algorithm, bytes: bytes)
  }
}
