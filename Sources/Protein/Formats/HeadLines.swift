// The first lines of a text.

/// The lines of the first bytes of a text.
struct HeadLines {
  /// All lines without their ends, blank ones too.
  let all: [String]
  /// Those that have more than blanks.
  let filled: [String]
  /// Whether the text ends with the last of them.
  let isWhole: Bool
  /// The first that has more than blanks, without the blanks before it.
  var first: String? { filled.first?.withoutBlanks }

  /// - Parameters:
  ///   - bytes: the first bytes, which may end within a line.
  ///   - isWhole: whether they are the whole text.
  init(_ bytes: [UInt8], isWhole: Bool) {
    self.isWhole = isWhole
    let text = bytes.starts(with: InputHead.byteOrderMark) ? bytes[3...] : bytes[...]
    var lines: [String] = []
    var start = text.startIndex, place = start
    func take(_ end: Int) { lines.append(String(decoding: text[start..<end], as: UTF8.self)) }
    while place < text.endIndex {
      let byte = text[place]
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        take(place)
        if byte == UInt8(ascii: "\r"), place + 1 < text.endIndex, text[place + 1] == UInt8(ascii: "\n") { place += 1 }
        start = place + 1
      }
      place += 1
    }
    // A line that was cut off is of use only if there is no other.
    if start < text.endIndex, isWhole || lines.isEmpty { take(text.endIndex) }
    all = lines
    filled = lines.filter { !$0.withoutBlanks.isEmpty }
  }

  /// The lines with content that are no comments of FASTA.
  var withoutComments: [String] {
    filled.filter { line in !(line.withoutBlanks.hasPrefix("#") || line.withoutBlanks.hasPrefix(";")) }
  }

  /// Whether any line contains a text.
  func contain(_ text: String) -> Bool { filled.contains { $0.contains(text) } }
}

extension StringProtocol {
  /// Without blanks at either end.
  var withoutBlanks: String {
    let scalars = unicodeScalars
    guard let start = scalars.firstIndex(where: { !$0.isBlankInLine }),
      let end = scalars.lastIndex(where: { !$0.isBlankInLine })
    else { return "" }
    return String(self[start...end])
  }

  /// The words between blanks.
  var blankSeparated: [String] {
    unicodeScalars.split { $0.isBlankInLine }.map { String(String.UnicodeScalarView($0)) }
  }
}

extension UnicodeScalar {
  fileprivate var isBlankInLine: Bool { value <= 0x20 }
}
