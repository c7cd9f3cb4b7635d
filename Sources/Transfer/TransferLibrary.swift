// libcurl itself: loaded and prepared once, and its version.

internal import CCurl

/// The library that speaks HTTP: the system's, loaded when it is first asked for.
package enum TransferLibrary {
  /// Why libcurl cannot be used; nil if it is ready. Asking prepares it.
  package static let whyNotReady = ccurl_load().map { String(cString: $0) }

  /// The version of libcurl, `7.88.1`; nil if there is none.
  package static var version: String? { whyNotReady == nil ? String(cString: ccurl_version()) : nil }
}
