// Tars read by other code than the program's: every header is checked, up to the end.

import Foundation

/// The entries of a tar, in order.
struct TestTar {
  struct Entry: Equatable {
    /// `0` a file, `g` a comment.
    let kind: Character
    let name: String
    let content: Data
  }

  let entries: [Entry]
  /// Where the first block of zeros is.
  let end: Int

  private struct Wrong: Error {
    let place: Int
    let what: String
  }

  /// Throws when it is no valid tar.
  init(_ data: Data) throws {
    var entries: [Entry] = [], place = 0, longName: String?
    func text(_ range: Range<Int>) -> String { String(decoding: data[range].prefix { $0 != 0 }, as: UTF8.self) }
    while true {
      guard place + 512 <= data.count else { throw Wrong(place: place, what: "no end") }
      if data[place..<place + 512].allSatisfy({ $0 == 0 }) { break }
      let sum = data[place..<place + 512].reduce(0) { $0 + Int($1) }
      let own = data[place + 148..<place + 156].reduce(0) { $0 + Int($1) }
      guard Int(text(place + 148..<place + 154), radix: 8) == sum - own + 8 * 32,
        let size = Int(text(place + 124..<place + 135), radix: 8), place + 512 + size <= data.count
      else { throw Wrong(place: place, what: "header") }
      let kind = Character(Unicode.Scalar(data[place + 156])), name = text(place..<place + 100)
      let content = data.subdata(in: place + 512..<place + 512 + size)
      if kind == "x" {
        for record in String(decoding: content, as: UTF8.self).split(separator: "\n") {
          if let range = record.firstRange(of: " path=") { longName = String(record[range.upperBound...]) }
        }
      } else {
        entries.append(Entry(kind: kind, name: longName ?? name, content: content))
        longName = nil
      }
      place += 512 + (size + 511) / 512 * 512
    }
    guard place + 1024 <= data.count, data[place..<place + 1024].allSatisfy({ $0 == 0 }) else {
      throw Wrong(place: place, what: "end")
    }
    (self.entries, end) = (entries, place)
  }

  init(_ path: String) throws { try self.init(try Data(contentsOf: URL(fileURLWithPath: path))) }

  /// What `tar xf` makes of it: the last file of each name.
  var files: [String: Data] {
    Dictionary(entries.filter { $0.kind == "0" }.map { ($0.name, $0.content) }, uniquingKeysWith: { $1 })
  }

  /// The entries without times and without the blanks that fill their blocks.
  var withoutTimes: [[String]] {
    entries.map { entry in
      guard entry.kind == "g" || entry.name.hasPrefix("summary.") else {
        return [entry.name, entry.content.base64EncodedString()]
      }
      let text = String(decoding: entry.content, as: UTF8.self)
      // The comment's own length depends on that of the times.
      let lines = text.drop { $0 != "=" && entry.kind == "g" }.split(separator: "\n").map { line in
        var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        if fields.count > 20 { (fields[4], fields[20]) = ("", "") }
        return fields.joined(separator: "\t")
      }
      return [entry.name] + lines.filter { !$0.allSatisfy { $0 == " " } }
    }
  }
}
