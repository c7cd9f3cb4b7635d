// Files of labels: tables with a line for each record, with or without a line of column names, or FASTA with labels in
// place of residues.

/// The lines of a file of labels, not yet compared with what the model's labels are.
package struct LabelFile: Sendable {
  /// What a file says of one name.
  package struct Line: Sendable {
    package let number: Int
    package let name: String
    /// One field, or of a wide file one for each label.
    package let texts: [String]
  }

  /// For messages.
  package let path: String
  package let lines: [Line]
  /// Whether each line has a field for each of the model's labels, in their order.
  package let isWide: Bool

  /// First words of a line of column names.
  private static let nameWords: Set<String> = [
    "name", "id", "identifier", "entry", "accession", "protein", "protein_id", "protein_name", "record", "record_id",
    "seq_id", "seqid", "sequence_id", "sequence_name", "header", "uniprot", "uniprot_id",
  ]
  /// Names of the column with the labels.
  private static let labelWords: Set<String> = [
    "label", "labels", "class", "classes", "target", "targets", "y", "value", "values", "category", "expected", "truth",
    "annotation", "annotations",
  ]

  /// Reads the text of a file.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - path: for messages.
  ///   - labels: the model's labels, after which the columns of a wide file may be called.
  /// - Throws: `LabelFileError`.
  package init(_ bytes: [UInt8], path: String, labels: [String]) throws(LabelFileError) {
    self.path = path
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw .notText(path: path, found: "text in UTF-16")
    }
    guard !text.contains(0), String(validating: text, as: UTF8.self) != nil else {
      throw .notText(path: path, found: "other bytes")
    }
    if text.first(where: { !Self.isBlank($0) }) == UInt8(ascii: ">") {
      lines = try Self.fasta(text, path)
      isWide = false
    } else {
      (lines, isWide) = try Self.table(text, path, labels)
    }
    guard !lines.isEmpty else { throw .noLabels(path: path) }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  /// Names are the first words of headers; lines that hold words stay separate words.
  private static func fasta(_ text: ArraySlice<UInt8>, _ path: String) throws(LabelFileError) -> [Line] {
    var found: [(number: Int, name: String, parts: [String])] = []
    for (index, line) in String(decoding: text, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      if line.hasPrefix(">") {
        guard let name = line.dropFirst().split(whereSeparator: \.isWhitespace).first else {
          throw .noName(path: path, line: index + 1)
        }
        found.append((index + 1, String(name), []))
      } else if !found.isEmpty, case let part = line.trimmedOfBlanks, !part.isEmpty {
        found[found.count - 1].parts.append(part)
      }
    }
    return found.map { record in
      let hasWords = record.parts.contains { $0.contains(where: \.isWhitespace) }
      return Line(
        number: record.number, name: record.name, texts: [record.parts.joined(separator: hasWords ? " " : "")])
    }
  }

  private static func table(
    _ text: ArraySlice<UInt8>, _ path: String, _ labels: [String]
  ) throws(LabelFileError) -> ([Line], isWide: Bool) {
    var rows = try rows(text, path)
    guard let first = rows.first else { throw .noLabels(path: path) }
    let columns: Columns
    if let named = try Columns(header: first.fields, path: path, labels: labels) {
      columns = named
      rows.removeFirst()
    } else {
      columns = try Columns(first, path: path, labels: labels)
    }
    var lines: [Line] = []
    for row in rows {
      guard row.fields.count == columns.count else {
        throw .fields(
          path: path, line: row.line, found: row.fields.count, expected: "\(columns.count), as in the first line")
      }
      let name = row.fields[columns.name]
      guard !name.isEmpty else { throw .noName(path: path, line: row.line) }
      lines.append(Line(number: row.line, name: name, texts: columns.labels.map { row.fields[$0] }))
    }
    return (lines, columns.labels.count > 1)
  }

  /// Fields without blanks around them. Tabs separate them, or commas, or semicolons: what the first line has. Where it
  /// has none of these, the first word is one field and the rest the other.
  private static func rows(
    _ text: ArraySlice<UInt8>, _ path: String
  ) throws(LabelFileError) -> [DelimitedText.Row] {
    let body = text.drop(while: isBlank)
    let head = body.prefix { $0 != UInt8(ascii: "\n") }
    let separator = [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";")].first(where: head.contains)
    let (rows, openQuote) = DelimitedText.rows(text, separator ?? UInt8(ascii: "\t"))
    if let openQuote { throw .openQuote(path: path, line: openQuote) }
    return rows.compactMap { row in
      var fields = row.fields.map { $0.trimmedOfBlanks }
      if separator == nil, let line = fields.first {
        let name = line.prefix { !$0.isWhitespace }
        let rest = line.dropFirst(name.count).trimmedOfBlanks
        fields = rest.isEmpty ? [String(name)] : [String(name), rest]
      }
      return fields.allSatisfy(\.isEmpty) ? nil : DelimitedText.Row(line: row.line, fields: fields)
    }
  }

  /// Where names and labels are.
  private struct Columns {
    let count: Int, name: Int, labels: [Int]

    /// The columns of a line of names; nil where the line is one of a record.
    init?(header: [String], path: String, labels: [String]) throws(LabelFileError) {
      let words = header.map { ($0.hasPrefix("#") ? $0.dropFirst().trimmedOfBlanks : $0).lowercased() }
      let isWide = labels.count > 1 && labels.allSatisfy(header.contains)
      let others = header.dropFirst()
      guard
        isWide
          || !others.contains(where: { labels.contains($0) || Double($0) != nil })
            && (nameWords.contains(words[0]) || words.dropFirst().contains(where: labelWords.contains)
              || header[0].hasPrefix("#"))
      else { return nil }
      count = header.count
      name = words.firstIndex(where: nameWords.contains) ?? 0
      if isWide {
        self.labels = labels.compactMap(header.firstIndex)
        return
      }
      let place = name
      let known = words.indices.first { $0 != place && (labelWords.contains(words[$0]) || labels == [header[$0]]) }
      guard let column = known ?? (count == 2 ? 1 - place : nil) else {
        throw .noColumn(path: path, columns: header)
      }
      self.labels = [column]
    }

    /// The columns of a file without names for them, by its first line: a name and a label, or a name and a column for
    /// each label.
    init(_ first: DelimitedText.Row, path: String, labels: [String]) throws(LabelFileError) {
      count = first.fields.count
      name = 0
      guard count == 2 || labels.count > 1 && count == labels.count + 1 else {
        throw .fields(
          path: path, line: first.line, found: count,
          expected: "2, a name and a label"
            + (labels.count > 1 ? ", or \(labels.count + 1), a name and each label" : ""))
      }
      self.labels = Array(1..<count)
    }
  }
}
