// What a download is: source, destination, what is known about it beforehand, and how patient it is.

package import Platform

/// One URL that shall become one file.
package struct Download: Sendable {
  /// `http`, `https` or `file`.
  package let url: String
  /// The file, which exists if and only if the download is complete and verified. Until then its bytes are in
  /// `PATH.part`, and what is needed to resume in `PATH.part.resume`.
  package let path: String
  /// The expected size, if known.
  package var bytes: Int?
  /// The expected digest, if known; else the one that the server states (`X-Linked-ETag`).
  package var digest: Digest?
  /// The most bytes that the file can have. More are refused, also where the server does not state a size.
  package var largest = Int.max
  /// Looks at the complete file at a path before it gets its name: what it holds in place of what was expected, `nil` where
  /// it is of the right kind. Whatever digest is known, a server may have stated that of another file.
  package var inspect: @Sendable (_ path: String) -> (found: String, expected: String)? = { _ in nil }
  /// A token for the host of `url`; it is not sent to hosts that it redirects to.
  package var bearer: String?
  package var policy = TransferPolicy()
  package var trust = CertificateTrust()
  /// The user agent sent to the server.
  package var agent = "libcurl"

  package init(_ url: String, to path: String) {
    self.url = url
    self.path = path
  }

  /// Where the bytes are kept until the file is complete.
  package var partPath: String { Self.partPath(of: path) }

  /// The name of an unfinished file.
  package static func partPath(of path: String) -> String { path + ".part" }
}
