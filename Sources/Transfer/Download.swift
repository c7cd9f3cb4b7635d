// What a download is: from where, to where, what is known of it beforehand, and how patient it is.

package import Platform

/// One URL that shall become one file.
package struct Download: Sendable {
  /// `http`, `https` or `file`.
  package let url: String
  /// The file that is there when, and only when, the download is complete and verified. Until then its bytes are in
  /// `PATH.part`, and what a continuation must know in `PATH.part.resume`.
  package let path: String
  /// The size that it must have, if that is known.
  package var bytes: Int?
  /// The digest that it must have, if that is known; else that which the server states (`X-Linked-ETag`).
  package var digest: Digest?
  /// A token for the host of `url`; hosts that it redirects to do not get it.
  package var bearer: String?
  package var policy = TransferPolicy()
  package var trust = CertificateTrust()
  /// What the server is told that it speaks with.
  package var agent = "libcurl"

  package init(_ url: String, to path: String) {
    self.url = url
    self.path = path
  }

  /// Where the bytes are until the file is complete.
  package var partPath: String { Self.partPath(of: path) }

  /// The name of an unfinished file.
  package static func partPath(of path: String) -> String { path + ".part" }
}
