// Which tables there are: how the name of a record is found in a line, and how it is written there.

import Platform
import Protein

/// A kind of table.
enum TableKind: Equatable {
  case summary
  /// Of a folder of NumPy files.
  case index
  /// With a column of names first.
  case table(TableText.Form)
  /// An object on each line, which begins with the name.
  case json

  /// The kind that the name of a file tells, or else its first bytes: commands take other names, too. Nil for other files.
  init?(_ path: String) {
    let name = path.lastComponent
    let whole = ShardName(name)?.whole ?? name
    if whole == "summary.tsv" {
      self = .summary
    } else if whole == "index.tsv" {
      self = .index
    } else if whole.hasSuffix(".tsv") {
      self = .table(.tabs)
    } else if whole.hasSuffix(".csv") {
      self = .table(.commas)
    } else if whole.hasSuffix(".json") || whole.hasSuffix(".jsonl") {
      self = .json
    } else if let start = WholeFile.start(of: path, Self.jsonStart.count) {
      let kinds = [TableKind.table(.tabs), .table(.commas), .json]
      // Of a shard without records, only lines of JSON have nothing at all.
      guard let kind = start.isEmpty ? .json : kinds.first(where: { start.starts(with: $0.start) }) else { return nil }
      self = kind
    } else {
      return nil
    }
  }

  /// How a file begins: with the column of names, or the name of the first object.
  private var start: [UInt8] {
    switch self {
    case .summary, .index, .table(.tabs): Array("name\t".utf8)
    case .table(.commas): Array("name,".utf8)
    case .json: Self.jsonStart
    }
  }

  var hasHead: Bool { self != .json }

  /// Whether a record may have several lines, which follow each other.
  var hasSeveralLines: Bool { self != .summary }

  /// For messages.
  var words: String {
    switch self {
    case .summary: "the summary of a run"
    case .index: "the index of NumPy files"
    case .table: "a table with a column name"
    case .json: "lines of JSON with names"
    }
  }

  func isHead(_ line: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .summary: SummaryLayout(line) != nil
    case .index: line.text + "\n" == NumpyStore.header
    case .table: line.starts(with: start)
    case .json: false
    }
  }

  private static let jsonStart = Array("{\"name\": ".utf8)

  /// The name in a line as it is written there.
  func name(ofLine line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var start = 0, separator = UInt8(ascii: "\t")
    switch self {
    case .summary, .index, .table(.tabs): break
    case .table(.commas): separator = UInt8(ascii: ",")
    case .json:
      guard line.count > Self.jsonStart.count, line.starts(with: Self.jsonStart) else { return nil }
      start = Self.jsonStart.count
    }
    var place = start, isQuoted = false
    let hasQuotes = self == .json || self == .table(.commas)
    while place < line.count {
      let byte = line[place]
      if hasQuotes, byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      // A quotation mark within JSON.
      if self == .json, byte == UInt8(ascii: "\\") { place += 1 }
      if !isQuoted, byte == (self == .json ? UInt8(ascii: ",") : separator) { break }
      place += 1
    }
    place = min(place, line.count)
    return place > start ? UnsafeRawBufferPointer(rebasing: line[start..<place]) : nil
  }

  /// A name as it is written in lines.
  func written(_ name: String) -> String {
    switch self {
    case .json: jsonString(name)
    case .table(.commas): String(TableText.line([name], .commas).dropLast())
    case .summary, .index, .table(.tabs): TableField.escaped(name)
    }
  }

  /// The records whose results such a table has; nil if the input is not given.
  func input(_ options: MergeOptions, isVectors: Bool) -> AskedInput? {
    options.asked(isVectors ? .identifiers : .files, self == .summary ? .residues : .tokens)
  }
}
