// The response headers that a download needs (RFC 9110), and those that Hugging Face adds.

import Platform

/// What has been said by the response under way, and by those that redirected to it.
struct ResponseHeaders {
  /// The status of the latest response; 0 for a file.
  private(set) var status = 0
  private(set) var etag: String?
  private(set) var lastModified: String?
  private(set) var contentRange: String?
  private(set) var contentType: String?
  /// Size and SHA-256 of a large file, from the first response that states them: the hub itself, which then
  /// redirects to a storage host.
  private(set) var linkedSize: Int?
  private(set) var linkedDigest: Digest?

  /// Parses one line; a status line begins a new response.
  mutating func take(_ line: Substring) {
    if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ")
      status = words.count > 1 ? Int(words[1]) ?? 0 : 0
      (etag, lastModified, contentRange, contentType) = (nil, nil, nil, nil)
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = String(Self.trimmed(line[line.index(after: colon)...]))
    guard !value.isEmpty else { return }
    switch line[..<colon].lowercased() {
    case "etag": etag = value
    case "last-modified": lastModified = value
    case "content-range": contentRange = value
    case "content-type": contentType = value
    case "x-linked-size": if linkedSize == nil { linkedSize = Int(value) }
    case "x-linked-etag":
      // For small files it is the name of a git object, which is not a digest of their bytes.
      if linkedDigest == nil { linkedDigest = Digest(.sha256, value.filter { $0 != "\"" }) }
    default: break
    }
  }

  /// A strong entity tag: weak ones do not guarantee identical bytes.
  var strongETag: String? { etag.flatMap { $0.hasPrefix("\"") && $0.hasSuffix("\"") && $0.count > 2 ? $0 : nil } }

  /// `bytes 100-199/200` as (100, 200), `bytes */200` as (nil, 200); nil when it is anything else.
  var range: (first: Int?, total: Int?)? {
    guard let contentRange else { return nil }
    let words = contentRange.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
    let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let total = Self.number(parts[1])
    guard total != nil || parts[1] == "*" else { return nil }
    if parts[0] == "*" { return (nil, total) }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last else {
      return nil
    }
    if let total, last >= total { return nil }
    return (first, total)
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isBlank = { (byte: Character) in byte == " " || byte == "\t" || byte == "\r" || byte == "\n" || byte == "\r\n" }
    let rest = text.drop(while: isBlank)
    guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
    return rest[...last]
  }
}
