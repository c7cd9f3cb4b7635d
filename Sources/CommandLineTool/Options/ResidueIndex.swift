// The value of --residue-index: numbers for all records, or a file with those of some.

import Platform

/// Where the numbers of residues come from.
package enum ResidueIndex: Sendable {
  /// The numbers of the residues of each chain, the same for every record.
  case same([[Int]])
  case file(String)

  /// Reads the value of the option: a list, or else the name of a file.
  init(_ text: String) throws(InvalidValue) {
    if let numbers = Self.numbers(text[...]) {
      self = .same(numbers)
    } else {
      guard text.exists else {
        throw InvalidValue(
          "numbers from -\(Self.largest) to \(Self.largest) such as 1-50,61-120, or a file that exists")
      }
      self = .file(text)
    }
  }

  /// Far beyond the columns of any format.
  private static let largest = 1_000_000

  /// `1-50,61-120:1-30` as the numbers of each chain; nil for other texts.
  static func numbers(_ text: Substring) -> [[Int]]? {
    var chains: [[Int]] = []
    for list in text.split(separator: ":", omittingEmptySubsequences: false) {
      var numbers: [Int] = []
      for range in list.split(separator: ",", omittingEmptySubsequences: false) {
        guard let match = range.trimmed.wholeMatch(of: #/(-?[0-9]{1,7})(?:-(-?[0-9]{1,7}))?/#),
          let first = Int(match.1), let last = match.2.map({ Int($0) }) ?? first, first <= last,
          abs(first) <= largest, abs(last) <= largest, numbers.count <= largest
        else { return nil }
        numbers += first...last
      }
      chains.append(numbers)
    }
    return chains
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    guard let last = lastIndex(where: { !isBlank($0) }) else { return "" }
    return self[...last].drop(while: isBlank)
  }
}

/// The numbers of the residues of records, by the record's name.
struct ResidueNumbers: Sendable {
  private var same: [[Int]]?
  private var named: [String: [[Int]]] = [:]

  /// No numbers.
  init() {}

  /// Reads the file, if there is one.
  ///
  /// - Throws: `ResidueNumbersError`, or `InputError` when the file cannot be read.
  init(_ index: ResidueIndex?) throws {
    switch index {
    case nil: break
    case .same(let numbers): same = numbers
    case .file(let path):
      var bytes: [UInt8] = []
      try InputFile.read(path) { bytes += $0 }
      if bytes.starts(with: "\u{FEFF}".utf8) { bytes.removeFirst(3) }
      let lines = String(decoding: bytes, as: UTF8.self).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (number, line) in zip(1..., lines) {
        if line.isEmpty || line.hasPrefix("#") { continue }
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 2, let numbers = ResidueIndex.numbers(fields[1]) else {
          throw ResidueNumbersError.line(path: path, line: number)
        }
        guard named.updateValue(numbers, forKey: String(fields[0])) == nil else {
          throw ResidueNumbersError.twice(path: path, line: number, name: String(fields[0]))
        }
      }
    }
  }

  /// The numbers of a record's residues, by chain; nil if they are consecutive.
  func of(_ name: String) -> [[Int]]? { named[name] ?? same }

  /// Names in the file that no record has.
  func surplus(_ names: Set<String>) -> [String] { named.keys.filter { !names.contains($0) }.sorted() }
}

/// Why a file of residue numbers cannot be used.
enum ResidueNumbersError: Error, CustomStringConvertible {
  case line(path: String, line: Int)
  case twice(path: String, line: Int, name: String)

  var description: String {
    switch self {
    case .line(let path, let line):
      "\(visible(path)):\(line): residue numbers: found something else, expected NAME, a tab, and numbers such as "
        + "1-50,61-120"
    case .twice(let path, let line, let name):
      "\(visible(path)):\(line): record: found \(quoted(name)) again, expected each name once"
    }
  }
}
