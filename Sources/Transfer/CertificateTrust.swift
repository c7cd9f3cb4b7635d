// Which certificates are trusted.

/// Certificates to trust in place of those that libcurl was built with.
package struct CertificateTrust: Sendable {
  /// A file of certificates in PEM.
  package var file: String?
  /// A folder of certificates, named by their hashes.
  package var folder: String?

  package init(file: String? = nil, folder: String? = nil) {
    self.file = file
    self.folder = folder
  }
}
