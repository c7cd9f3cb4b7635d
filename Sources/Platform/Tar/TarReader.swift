// Tar archives as `TarHeader` writes them, read entry by entry: contents are passed over, not read.

import Glibc

/// A file or a comment of an archive.
package struct TarEntry: Sendable {
  package enum Content: Sendable, Equatable {
    /// A file with this name.
    case file(name: [UInt8])
    /// The text of a comment, which begins at this place of the archive; blanks that fill its block are part of it.
    case comment(text: [UInt8], offset: Int)
  }

  package let content: Content
  /// Where its first block is, where its content is, and where the next entry begins.
  package let start: Int, data: Int, next: Int
  /// Bytes of the content.
  package let size: Int
}

/// What is at a place where an entry may begin.
package enum TarPlace: Sendable {
  case entry(TarEntry)
  /// A block of zeros, as at the end of an archive.
  case end
  /// The file ends here, or before the entry that begins here does.
  case cut
  /// Something else, in words.
  case other(String)
}

/// An open archive.
package final class TarReader {
  package let path: String
  package let descriptor: Int32
  /// What was read last: headers often follow each other.
  private var window: [UInt8] = []
  private var windowStart = 0
  private static let windowSize = 4096
  /// Far more than a header of FASTA takes.
  private static let longestRecords = 1 << 20

  /// - Parameters:
  ///   - descriptor: The open file, which stays open.
  ///   - path: Its name in errors.
  package init(_ descriptor: Int32, _ path: String) {
    (self.descriptor, self.path) = (descriptor, path)
    // Nothing is to be read ahead: what follows a header is passed over.
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM)
  }

  /// The bytes from a place on; fewer at the end of the file.
  package func bytes(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
    let end = windowStart + window.count
    if offset >= windowStart, offset + count <= end {
      return Array(window[offset - windowStart..<offset - windowStart + count])
    }
    guard count <= Self.windowSize else { return try readAll(count, at: offset, from: descriptor, path) }
    window = try readAll(Self.windowSize, at: offset, from: descriptor, path)
    windowStart = offset
    return Array(window.prefix(count))
  }

  /// Forgets what was read before the file was written to.
  package func forget() { window = [] }

  /// What begins at a place.
  ///
  /// - Parameters:
  ///   - offset: The place, behind an entry or 0.
  ///   - fileSize: Where the file ends.
  /// - Returns: An entry, an end, or why there is none.
  /// - Throws: `SystemError`, action `read`.
  package func place(at offset: Int, fileSize: Int) throws(SystemError) -> TarPlace {
    var place = offset, extended: (name: [UInt8]?, size: Int?) = (nil, nil), hasRecords = false
    while true {
      let block = try bytes(TarHeader.blockSize, at: place)
      guard block.count == TarHeader.blockSize else { return .cut }
      if block.allSatisfy({ $0 == 0 }) { return hasRecords ? .other("a header without its file") : .end }
      guard let header = Self.parsed(block) else { return .other("no header of a tar") }
      let data = place + TarHeader.blockSize, size = header.kind == .file ? extended.size ?? header.size : header.size
      let (next, overflows) = data.addingReportingOverflow(size)
      guard size >= 0, !overflows, next <= fileSize, next + TarHeader.padding(after: size) <= fileSize else {
        return .cut
      }
      let end = next + TarHeader.padding(after: size)
      guard header.kind != .file else {
        let content = TarEntry.Content.file(name: extended.name ?? header.name)
        return .entry(TarEntry(content: content, start: offset, data: data, next: end, size: size))
      }
      guard size <= Self.longestRecords else { return .other("\(byteCount(size)) of pax records") }
      guard let records = Self.records(try bytes(size, at: data)) else { return .other("no pax records") }
      if header.kind == .global {
        guard let comment = records[TarHeader.commentKey], !hasRecords else { return .other("other pax records") }
        return .entry(
          TarEntry(
            content: .comment(text: comment.value, offset: data + comment.offset), start: offset, data: data, next: end,
            size: size))
      }
      extended.name = records["path"]?.value
      if let size = records["size"] {
        guard let number = Int(String(decoding: size.value, as: UTF8.self)) else { return .other("no size") }
        extended.size = number
      }
      hasRecords = true
      place = end
    }
  }

  /// The parts of a header; nil if its checksum is wrong, or it is none that `TarHeader` writes.
  private static func parsed(_ block: [UInt8]) -> (kind: TarHeader.Kind, name: [UInt8], size: Int)? {
    func octal(_ range: Range<Int>) -> Int? {
      let digits = block[range].prefix { (48...55).contains($0) }
      return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
    var sum = 0
    for (place, byte) in block.enumerated() { sum += (148..<156).contains(place) ? 32 : Int(byte) }
    guard block[257..<262].elementsEqual("ustar".utf8), octal(148..<156) == sum, let size = octal(124..<136),
      let kind = TarHeader.Kind(rawValue: block[156])
    else { return nil }
    return (kind, Array(block[..<100].prefix { $0 != 0 }), size)
  }

  /// Values of pax records by their keys, and where they begin; nil where it is none.
  private static func records(_ bytes: [UInt8]) -> [String: (value: [UInt8], offset: Int)]? {
    var records: [String: (value: [UInt8], offset: Int)] = [:], place = 0
    while place < bytes.count {
      let digits = bytes[place...].prefix(8).prefix { (48...57).contains($0) }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1,
        length <= bytes.count - place, bytes[place + digits.count] == UInt8(ascii: " "),
        bytes[place + length - 1] == UInt8(ascii: "\n")
      else { return nil }
      let text = bytes[place + digits.count + 1..<place + length - 1]
      guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      records[String(decoding: text[..<equals], as: UTF8.self)] = (Array(text[(equals + 1)...]), equals + 1)
      place += length
    }
    return records
  }
}
