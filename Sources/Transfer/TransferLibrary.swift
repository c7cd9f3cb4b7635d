// libcurl itself: prepared once, and its version.

internal import CCurl

/// The library that speaks HTTP.
package enum TransferLibrary {
  /// Whether libcurl is ready; asking prepares it.
  static let isReady = ccurl_start() == CURLE_OK

  /// The version of libcurl, `7.88.1`.
  package static var version: String { ccurl_version().map { String(cString: $0) } ?? "unknown" }
}
