// Errors of this target.

package import Platform

/// Why a download has failed.
package enum TransferError: SystemErrorWrapping, Sendable {
  /// The server answered, but not with the file.
  case status(url: String, code: Int)
  /// The proxy could not establish a connection.
  case proxy(url: String, code: Int)
  /// The server asks to retry later than the limit allows.
  case busy(url: String, code: Int, seconds: Int)
  /// No server could be reached; `reason` is libcurl's message.
  case unreachable(url: String, reason: String)
  /// The connection broke or stalled.
  case broken(url: String, reason: String)
  /// The server's certificate is not trusted, or there are no trusted certificates.
  case certificate(url: String, reason: String)
  /// The request cannot be carried out: a bad URL, a protocol that is not allowed, too many redirects, no such file.
  case request(url: String, reason: String)
  /// The file does not have the expected size.
  case size(url: String, found: Int, expected: Int)
  case digest(url: String, found: Digest, expected: Digest)
  /// The file is larger than any of its kind; `isStated` if the server says so, else that many bytes have come.
  case tooLarge(url: String, bytes: Int, isStated: Bool, limit: Int)
  /// The file is of another kind; `type` is what the server calls it.
  case content(url: String, type: String?, found: String, expected: String)
  /// The server sent a different piece of the file than requested.
  case range(url: String, found: String, expected: Int)
  /// A call to the system failed.
  case system(SystemError)
  /// Another process is downloading to the same file.
  case inUse(path: String)
  /// The download was stopped by its caller.
  case cancelled(url: String)
  /// The caller refused a file of this size.
  case refused(url: String, bytes: Int)
  /// There is no libcurl that can be loaded, or it cannot be initialised.
  case library(reason: String)

  /// Whether another attempt may succeed.
  package var isTransient: Bool {
    switch self {
    case .status(_, let code), .proxy(_, let code): [408, 425, 429, 500, 502, 503, 504].contains(code)
    case .unreachable, .broken, .range: true
    default: false
    }
  }
}

extension TransferError: CustomStringConvertible {
  /// `where: what: found X, expected Y`, without a hint: the remedy depends on the caller.
  package var description: String {
    switch self {
    case .status(let url, let code):
      "\(shownURL(url)): answer: found status \(code)\(Self.meaning(code)), expected 200"
    case .proxy(let url, let code):
      "\(shownURL(url)): proxy: found status \(code)\(Self.meaning(code)), expected a connection to the server"
    case .busy(let url, let code, let seconds):
      "\(shownURL(url)): answer: found status \(code)\(Self.meaning(code)) and a request to wait \(seconds) s, "
        + "expected 200"
    case .unreachable(let url, let reason): "\(shownURL(url)): cannot be reached: \(reason)"
    case .broken(let url, let reason): "\(shownURL(url)): the connection broke: \(reason)"
    case .certificate(let url, let reason): "\(shownURL(url)): certificate: \(reason)"
    case .request(let url, let reason): "\(shownURL(url)): \(reason)"
    case .size(let url, let found, let expected):
      "\(shownURL(url)): size: found \(found) bytes, expected \(expected)"
    case .digest(let url, let found, let expected):
      "\(shownURL(url)): \(found.algorithm.rawValue): found \(found.hexadecimal), expected \(expected.hexadecimal)"
    case .tooLarge(let url, let bytes, let isStated, let limit):
      "\(shownURL(url)): size: found \(isStated ? "" : "at least ")\(bytes) bytes, expected at most \(limit)"
    case .content(let url, let type, let found, let expected):
      "\(shownURL(url)): content: found \(found)\(type.map { " (Content-Type: \(quoted($0)))" } ?? ""), expected \(expected)"
    case .range(let url, let found, let expected):
      "\(shownURL(url)): Content-Range: found \(found), expected the bytes from \(expected) on"
    case .system(let error): "\(error)"
    case .inUse(let path): "\(path): found another process writing it, expected none"
    case .cancelled(let url): "\(shownURL(url)): stopped"
    case .refused(let url, let bytes): "\(shownURL(url)): found \(bytes) bytes, which are not wanted"
    case .library(let reason): "libcurl: \(reason)"
    }
  }

  /// The usual words for a status, in parentheses.
  private static func meaning(_ code: Int) -> String {
    let words: [Int: String] = [
      401: "unauthorized", 403: "forbidden", 404: "not found", 407: "proxy authentication required",
      408: "request timeout", 410: "gone", 416: "range not satisfiable", 429: "too many requests",
      500: "internal server error", 502: "bad gateway", 503: "service unavailable", 504: "gateway timeout",
      511: "network authentication required",
    ]
    return words[code].map { " (\($0))" } ?? ""
  }
}

/// `url` without user name and password.
package func shownURL(_ url: String) -> String {
  guard let scheme = url.firstRange(of: "://") else { return url }
  let rest = url[scheme.upperBound...]
  let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  guard let at = host.lastIndex(of: "@") else { return url }
  return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
}
