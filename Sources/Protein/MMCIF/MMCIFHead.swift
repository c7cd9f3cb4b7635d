// What the head of an mmCIF file of this program says: read back to tell whether a result is there.

/// The settings and metrics in the head of a file that `MMCIFWriter` has written.
package struct MMCIFHead: Sendable {
  /// How much of a file its head takes at most.
  package static let byteCount = 16 << 10

  /// The values of the settings by their names.
  package let parameters: [String: String]
  /// The modes of the metrics, `global`, `local` and `local-pairwise`.
  package let metricModes: Set<String>
  /// The program that has written the file, with its version.
  package let program: String?

  /// Reads the head of a file; nil when it has no settings.
  ///
  /// - Parameter head: The first `byteCount` bytes of the file, or all of it.
  package init?(_ head: [UInt8]) {
    let words = Self.words(head)
    guard let first = words.first, !first.isQuoted, first.text.hasPrefix("data_") else { return nil }
    var parameters: [String: String] = [:]
    for row in Self.rows(of: "ma_software_parameter", words) {
      guard let name = row["name"], let value = row["value"] else { continue }
      parameters[name] = value
    }
    guard !parameters.isEmpty else { return nil }
    self.parameters = parameters
    metricModes = Set(Self.rows(of: "ma_qa_metric", words).compactMap { $0["mode"] })
    let name = Self.value(of: "_software.name", words), version = Self.value(of: "_software.version", words)
    program = name.map { [$0, version].compactMap { $0 }.joined(separator: " ") }
  }

  /// The value of an item that is not in a table.
  private static func value(of item: String, _ words: [Word]) -> String? {
    guard let place = words.firstIndex(where: { !$0.isQuoted && $0.text == item }), place + 1 < words.count else {
      return nil
    }
    return words[place + 1].text
  }

  private struct Word {
    var text: String
    var isQuoted: Bool
  }

  /// The rows of a table, by the names of its columns.
  private static func rows(of category: String, _ words: [Word]) -> [[String: String]] {
    let start = "_\(category)."
    func isName(_ word: Word) -> Bool { !word.isQuoted && word.text.hasPrefix(start) }
    guard let first = words.firstIndex(where: isName) else { return [] }
    let columns = words[first...].prefix(while: isName).map { $0.text.dropFirst(start.count) }
    var rows: [[String: String]] = [], row: [String: String] = [:]
    for word in words[(first + columns.count)...] {
      // The next category, or what the end of the head has cut off.
      if !word.isQuoted, word.text.hasPrefix("_") || word.text == "loop_" || word.text.hasPrefix("#") { break }
      row[String(columns[row.count])] = word.text
      if row.count == columns.count {
        rows.append(row)
        row = [:]
      }
    }
    return rows
  }

  /// The words of the file: names, values, and the lines between categories.
  private static func words(_ bytes: [UInt8]) -> [Word] {
    var words: [Word] = [], field: [UInt8]?
    let semicolon = UInt8(ascii: ";")
    for line in bytes.split(separator: .lineFeed, omittingEmptySubsequences: false) {
      if let text = field {
        guard line.first == semicolon else {
          field = text + line
          continue
        }
        words.append(Word(text: String(decoding: text, as: UTF8.self), isQuoted: true))
        field = nil
        add(line.dropFirst(), to: &words)
      } else if line.first == semicolon {
        field = Array(line.dropFirst())
      } else {
        add(line, to: &words)
      }
    }
    return words
  }

  private static func add(_ line: ArraySlice<UInt8>, to words: inout [Word]) {
    var rest = line.drop { $0 == .space }
    while let first = rest.first {
      let isQuoted = first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
      let end: UInt8 = isQuoted ? first : .space
      let content = isQuoted ? rest.dropFirst() : rest
      let word = content.prefix { $0 != end }
      words.append(Word(text: String(decoding: word, as: UTF8.self), isQuoted: isQuoted))
      rest = content[word.endIndex...].dropFirst(isQuoted ? 1 : 0).drop { $0 == .space }
    }
  }
}
