// The page itself: its parts put into the frame, and the policy that keeps it from loading anything.

import CReport
import Platform

/// The fixed parts of a page.
package struct ReportPage {
  /// A part of the page between marks.
  private struct Piece {
    let bytes: [UInt8]
    /// What follows it; nil at the end.
    let mark: String?
  }

  private let pieces: [Piece]
  private let head: ReportHead
  private let hasFiles: Bool

  /// Whether there is a 3D viewer in this build.
  static var hasViewer: Bool { report_viewer().count > 0 }

  /// The licence of the viewer; nil in a build without it.
  package static var viewerLicence: String? {
    hasViewer ? String(decoding: bytes(report_viewer_licence()), as: UTF8.self) : nil
  }

  /// - Parameters:
  ///   - head: What the report says of itself.
  ///   - hasFiles: Whether data scripts are loaded from the folder beside the page.
  init(_ head: ReportHead, hasFiles: Bool) {
    self.head = head
    self.hasFiles = hasFiles
    var pieces: [Piece] = [], rest = String(decoding: Self.bytes(report_frame()), as: UTF8.self)[...]
    while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
      let mark = String(rest[start.upperBound..<end.lowerBound])
      pieces.append(Piece(bytes: Array(rest[..<start.lowerBound].utf8), mark: mark))
      rest = rest[end.upperBound...]
    }
    self.pieces = pieces + [Piece(bytes: Array(rest.utf8), mark: nil)]
  }

  /// Writes the page.
  ///
  /// - Parameters:
  ///   - write: Takes the next part of it.
  ///   - data: Writes the elements with data in their place.
  /// - Throws: What `write` and `data` throw.
  func write(to write: ([UInt8]) throws -> Void, data: () throws -> Void) throws {
    for piece in pieces {
      try write(piece.bytes)
      switch piece.mark {
      case "policy": try write(Array(policy.utf8))
      case "program": try write(Self.markup(head.program))
      case "title": try write(Self.markup(head.title))
      case "style": try write(Self.bytes(report_style()))
      case "script": try write(Self.bytes(report_script()))
      case "data": try data()
      default: break
      }
    }
  }

  /// Writes the viewer, packed, and its licence; nothing in a build without it.
  static func writeViewer(to write: ([UInt8]) throws -> Void) throws {
    guard let licence = viewerLicence else { return }
    var text = ReportText()
    text.append("<script type=\"application/octet-stream\" id=\"viewer-code\">")
    text.append(Packing.base64(bytes(report_viewer())))
    text.append("</script>\n<script type=\"text/plain\" id=\"viewer-licence\">")
    text.append(string: licence)
    text.append("</script>\n")
    try write(text.bytes)
  }

  /// The content security policy (W3C, Content Security Policy Level 3): the scripts and the style sheet of the page by
  /// their digests, pictures that it draws itself, and nothing else from anywhere.
  private var policy: String {
    var scripts = [Self.source(Self.digest(Self.bytes(report_script())))]
    if Self.hasViewer {
      scripts.append(Self.source(String(decoding: Self.bytes(report_viewer_digest()), as: UTF8.self)))
    }
    // Data scripts lie beside the page; browsers take that for the same origin on a disk, too.
    if hasFiles { scripts.append("'self'") }
    return [
      "default-src 'none'", "script-src \(scripts.joined(separator: " "))",
      "style-src \(Self.source(Self.digest(Self.bytes(report_style()))))", "img-src data: blob:", "base-uri 'none'",
      "form-action 'none'",
    ].joined(separator: "; ")
  }

  private static func source(_ digest: String) -> String { "'sha256-\(digest)'" }

  /// The SHA-256 of a text in base64.
  private static func digest(_ text: [UInt8]) -> String {
    var digest = RunningDigest()
    text.withUnsafeBytes { digest.update($0) }
    return String(decoding: Packing.base64(digest.finish().bytes), as: UTF8.self)
  }

  private static func bytes(_ part: report_part) -> [UInt8] {
    Array(UnsafeBufferPointer(start: part.bytes, count: part.count))
  }

  /// A text of others between tags and in attributes.
  private static func markup(_ text: String) -> [UInt8] {
    var markup: [UInt8] = []
    for byte in visible(text).utf8 {
      switch byte {
      case UInt8(ascii: "<"): markup += "&lt;".utf8
      case UInt8(ascii: ">"): markup += "&gt;".utf8
      case UInt8(ascii: "&"): markup += "&amp;".utf8
      case UInt8(ascii: "\""): markup += "&quot;".utf8
      default: markup.append(byte)
      }
    }
    return markup
  }
}
