// Headers of tar archives as bytes: POSIX.1-2001, the ustar format with pax records where that is too narrow.

/// What a tar archive is made of: for each member a header and its content, each padded to whole blocks.
///
/// Nothing in a header depends on the machine, the user or the moment, so that the same members give the same bytes.
package enum TarHeader {
  package static let blockSize = 512
  /// What ends an archive: two blocks of zeros.
  package static let end = [UInt8](repeating: 0, count: 2 * blockSize)
  /// Seconds since 1970 that every member has: the beginning of 1980, the first time that all archives and file systems know.
  static let modified = 315_532_800
  /// Names that fit into the header. The field has 100 bytes, but some readers want a zero at its end.
  static let longestName = 99
  /// Sizes above this, 8 GiB, do not fit into the eleven octal digits of the header.
  static let largestSize = 0o77777777777

  enum Kind: UInt8 {
    case file = 0x30
    /// Pax records for the next member, or for no member at all.
    case extended = 0x78, global = 0x67
  }

  /// How many zeros follow a content of this size.
  package static func padding(after size: Int) -> Int { (blockSize - size % blockSize) % blockSize }

  /// What comes before the content of a file: a block, or three and more for a name or a size that it cannot hold.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - size: Bytes of its content.
  /// - Returns: Whole blocks.
  package static func file(_ name: String, size: Int) -> [UInt8] {
    let bytes = Array(name.utf8)
    var records: [UInt8] = []
    let isPlain = bytes.count <= longestName && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if !isPlain { records += record("path", bytes) }
    if size > largestSize { records += record("size", Array("\(size)".utf8)) }
    var blocks: [UInt8] = []
    if !records.isEmpty {
      let payload = filled(records, comment: [])
      blocks = block(.extended, name: Array("PaxHeader".utf8), size: payload.count) + payload
    }
    return blocks + block(.file, name: isPlain ? bytes : shortened(bytes), size: size <= largestSize ? size : 0)
  }

  /// A comment, which all readers pass over: pax records that belong to no member.
  package static func comment(_ text: [UInt8]) -> [UInt8] {
    let payload = filled([], comment: text)
    return block(.global, name: Array("pax_global_header".utf8), size: payload.count) + payload
  }

  static let commentKey = "comment"

  /// A name for readers that know no pax records, of which some take structures by the ending: the beginning, a hash, the
  /// ending.
  private static func shortened(_ name: [UInt8]) -> [UInt8] {
    let plain = name.map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "_") }
    let dot = plain.lastIndex(of: UInt8(ascii: ".")) ?? plain.endIndex
    let ending = Array(plain[dot...].prefix(20)), hash = Array("~\(hexadecimal(shortHash(name)))".utf8)
    return Array(plain[..<dot].prefix(longestName - hash.count - ending.count)) + hash + ending
  }

  /// `LENGTH KEY=VALUE` and a line end; the length counts its own digits.
  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = [UInt8(ascii: " ")] + Array(key.utf8) + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
    var length = rest.count
    while rest.count + "\(length)".utf8.count != length { length = rest.count + "\(length)".utf8.count }
    return Array("\(length)".utf8) + rest
  }

  /// Records and a comment that fill whole blocks, by blanks at the end of the comment. Some readers (Foldseek) go through
  /// what they do not know block by block, and take one with a zero in the place of a checksum for the end.
  private static func filled(_ records: [UInt8], comment: [UInt8]) -> [UInt8] {
    let key = Array(" \(commentKey)=".utf8)
    var length = blockSize - records.count % blockSize, blanks = -1
    while true {
      blanks = length - "\(length)".utf8.count - key.count - comment.count - 1
      if blanks >= 0 { break }
      length += blockSize
    }
    let end = [UInt8](repeating: UInt8(ascii: " "), count: blanks) + [UInt8(ascii: "\n")]
    return records + Array("\(length)".utf8) + key + comment + end
  }

  /// A header block.
  private static func block(_ kind: Kind, name: [UInt8], size: Int) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: blockSize)
    func put(_ text: [UInt8], at place: Int) { block.replaceSubrange(place..<place + text.count, with: text) }
    func octal(_ number: Int, digits: Int) -> [UInt8] {
      let text = String(number, radix: 8)
      return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
    put(name, at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(size, digits: 11), at: 124)
    put(octal(modified, digits: 11), at: 136)
    // The checksum counts as blanks.
    put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
    block[156] = kind.rawValue
    put(Array("ustar\u{0}00".utf8), at: 257)
    put(octal(0, digits: 7), at: 329)
    put(octal(0, digits: 7), at: 337)
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + [0], at: 148)
    return block
  }
}
