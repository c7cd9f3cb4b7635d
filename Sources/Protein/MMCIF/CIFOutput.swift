// Categories of a CIF file: items with one value, and tables.

/// A CIF file on its way to where it is written.
struct CIFOutput {
  var text: TextPieces

  /// Begins a file with one block.
  init(block: String, _ write: @escaping ([UInt8]) throws -> Void) {
    text = TextPieces(write)
    text.append("data_\(block)\n#\n")
  }

  /// Writes a category with a single row.
  mutating func single(_ category: String, _ items: KeyValuePairs<String, CIFValue>) throws {
    let width = items.map(\.key.utf8.count).max() ?? 0
    for (item, value) in items {
      text.append("_\(category).\(item)")
      let value = value.bytes
      if value.first != .lineFeed { for _ in item.utf8.count...width { text.bytes.append(.space) } }
      text.bytes += value
      if value.last != .lineFeed { text.bytes.append(.lineFeed) }
    }
    try endCategory()
  }

  /// Writes a category as a table; one without rows is left out, as a loop needs a value.
  mutating func table(_ category: String, _ columns: [String], _ rows: some Sequence<[CIFValue]>) throws {
    var isEmpty = true
    for row in rows {
      if isEmpty { beginTable(category, columns) }
      isEmpty = false
      precondition(row.count == columns.count, "\(category): \(row.count) values for \(columns.count) columns")
      var isAtStart = true
      for value in row {
        // A text field begins on a line of its own, after which the row goes on.
        let value = value.bytes, isField = value.first == .lineFeed
        if !isAtStart, !isField { text.bytes.append(.space) }
        text.bytes += isAtStart && isField ? value[1...] : value[...]
        isAtStart = isField
      }
      if !isAtStart { text.bytes.append(.lineFeed) }
      try text.passOn()
    }
    if !isEmpty { try endCategory() }
  }

  /// Writes the head of a table.
  mutating func beginTable(_ category: String, _ columns: [String]) {
    text.append("loop_\n")
    for column in columns { text.append("_\(category).\(column)\n") }
  }

  /// Writes the line between categories.
  mutating func endCategory() throws {
    text.append("#\n")
    try text.passOn()
  }
}
