// What is needed to resume a download: a small text file beside the part file, written before its first byte.

import Glibc

/// What the server said about the partially downloaded file.
struct ResumeRecord: Equatable {
  /// Without a password: anyone may read the record.
  var url = ""
  /// A strong entity tag with its quotation marks.
  var etag: String?
  var lastModified: String?
  /// The size of the whole file.
  var total: Int?
  /// The digest that the server stated.
  var sha256: String?

  /// What `If-Range` takes (RFC 9110, 13.1.5): a strong entity tag, else a date.
  var validator: String? { etag ?? lastModified }

  /// Far larger than any record.
  private static let maximumBytes = 64 << 10

  static func path(besides part: String) -> String { part + ".resume" }

  /// What is known before any answer.
  init(_ download: Download) { url = shownURL(download.url) }

  /// The record beside a part file; nil if it is missing or damaged.
  init?(besides part: String) {
    let descriptor = open(Self.path(besides: part), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Self.maximumBytes)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0, count < Self.maximumBytes else { return nil }
    var isWhole = false
    for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      let value = parts.count > 1 ? parts[1] : ""
      switch parts[0] {
      case "url": url = value
      case "etag": etag = value
      case "last-modified": lastModified = value
      case "bytes": total = Int(value)
      case "sha256": sha256 = value
      case "end": isWhole = true
      default: return nil
      }
    }
    guard isWhole else { return nil }
  }

  /// Writes the record, replacing an existing one.
  func write(besides part: String) throws(TransferError) {
    var text = "url \(url)\n"
    if let etag { text += "etag \(etag)\n" }
    if let lastModified { text += "last-modified \(lastModified)\n" }
    if let total { text += "bytes \(total)\n" }
    if let sha256 { text += "sha256 \(sha256)\n" }
    text += "end\n"
    let path = Self.path(besides: part)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(path: path, call: "create", code: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
      throw .system(path: path, call: "write", code: errno == 0 ? ENOSPC : errno)
    }
  }

  static func remove(besides part: String) { unlink(path(besides: part)) }
}
