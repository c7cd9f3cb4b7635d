// What is needed to resume a download: a small text file beside the part file, written before its first byte.

import Glibc
import Platform

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
    guard let bytes = try? WholeFile.read(Self.path(besides: part), atMost: Self.maximumBytes),
      !bytes.isEmpty, bytes.count < Self.maximumBytes
    else { return nil }
    var isWhole = false
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
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
    try TransferError.wrapping(try WholeFile.write(Array(text.utf8), to: Self.path(besides: part)))
  }

  static func remove(besides part: String) { unlink(path(besides: part)) }
}
