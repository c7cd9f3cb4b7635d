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
  /// The file ends here, or before the entry that begins here does, of which the header is whole or not.
  case cut(hasHeader: Bool)
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
  /// Bytes that are read at once: few where contents are long, for they are passed over, and many where they are so short that
  /// reading them takes less time than another call.
  private static let windowSize = 4096, largeWindowSize = 128 << 10
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

  /// Passes on the bytes from a place on; fewer at the end of the file.
  private func withBytes<Value>(
    _ count: Int, at offset: Int, _ body: (UnsafeRawBufferPointer) -> Value
  ) throws(SystemError) -> Value {
    let end = windowStart + window.count
    if offset < windowStart || offset + count > end {
      let isNear = windowStart > 0 && offset >= windowStart && offset < end + 2 * Self.windowSize
      let size = isNear ? Self.largeWindowSize : Self.windowSize
      window = try readAll(max(size, count), at: offset, from: descriptor, path)
      windowStart = offset
    }
    return window.withUnsafeBytes { bytes in
      let start = min(offset - windowStart, bytes.count)
      return body(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + count, bytes.count)]))
    }
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
      let header: Header
      switch try withBytes(TarHeader.blockSize, at: place, Self.block) {
      case .cut: return .cut(hasHeader: hasRecords)
      case .zeros: return hasRecords ? .other("a header without its file") : .end
      case .none: return .other("no header of a tar")
      case .header(let found): header = found
      }
      let data = place + TarHeader.blockSize, size = header.kind == .file ? extended.size ?? header.size : header.size
      let (next, overflows) = data.addingReportingOverflow(size)
      guard size >= 0, !overflows, next <= fileSize, next + TarHeader.padding(after: size) <= fileSize else {
        return .cut(hasHeader: true)
      }
      let end = next + TarHeader.padding(after: size)
      guard header.kind != .file else {
        let content = TarEntry.Content.file(name: extended.name ?? header.name)
        return .entry(TarEntry(content: content, start: offset, data: data, next: end, size: size))
      }
      guard size <= Self.longestRecords else { return .other("\(byteCount(size)) of pax records") }
      guard let records = try withBytes(size, at: data, Self.records) else { return .other("no pax records") }
      if header.kind == .global {
        guard let comment = records.comment, !hasRecords else { return .other("other pax records") }
        return .entry(
          TarEntry(
            content: .comment(text: comment.value, offset: data + comment.offset), start: offset, data: data, next: end,
            size: size))
      }
      extended.name = records.path
      if let size = records.size {
        guard let number = Int(String(decoding: size, as: UTF8.self)) else { return .other("no size") }
        extended.size = number
      }
      hasRecords = true
      place = end
    }
  }

  /// The parts of a header.
  private struct Header {
    let kind: TarHeader.Kind
    let name: [UInt8]
    let size: Int
  }

  private enum Block {
    case cut, zeros, none
    case header(Header)
  }

  /// What a block is; none of a header with a wrong checksum, or one that `TarHeader` does not write.
  private static func block(_ block: UnsafeRawBufferPointer) -> Block {
    guard block.count == TarHeader.blockSize else { return .cut }
    func octal(_ range: Range<Int>) -> Int? {
      var number = 0, place = range.lowerBound
      while place < range.upperBound, (48...55).contains(block[place]) {
        number = number << 3 | Int(block[place] - 48)
        place += 1
      }
      return place > range.lowerBound ? number : nil
    }
    // Cannot overflow, and is many times faster where it is not checked.
    var sum = 0
    for byte in block { sum &+= Int(byte) }
    if sum == 0 { return .zeros }
    // The checksum itself counts as blanks.
    for place in 148..<156 { sum += 32 - Int(block[place]) }
    guard block[257..<262].elementsEqual("ustar".utf8), octal(148..<156) == sum, let size = octal(124..<136),
      let kind = TarHeader.Kind(rawValue: block[156])
    else { return .none }
    return .header(Header(kind: kind, name: Array(block[..<100].prefix { $0 != 0 }), size: size))
  }

  /// Values of the pax records that are of interest, and where in the records the comment begins.
  private struct Records {
    var path: [UInt8]?, size: [UInt8]?, comment: (value: [UInt8], offset: Int)?
  }

  /// Pax records; nil where there are none.
  private static func records(_ bytes: UnsafeRawBufferPointer) -> Records? {
    var records = Records(), place = 0
    while place < bytes.count {
      var length = 0, start = place
      while start < bytes.count, start - place < 8, (48...57).contains(bytes[start]) {
        length = length * 10 + Int(bytes[start] - 48)
        start += 1
      }
      guard length > start - place + 1, length <= bytes.count - place, bytes[start] == UInt8(ascii: " "),
        bytes[place + length - 1] == UInt8(ascii: "\n")
      else { return nil }
      let text = bytes[start + 1..<place + length - 1]
      guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let key = text[..<equals], value = Array(text[(equals + 1)...])
      if key.elementsEqual("path".utf8) {
        records.path = value
      } else if key.elementsEqual("size".utf8) {
        records.size = value
      } else if key.elementsEqual(TarHeader.commentKey.utf8) {
        records.comment = (value, equals + 1)
      }
      place += length
    }
    return records
  }
}
