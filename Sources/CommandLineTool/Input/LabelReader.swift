// From the text of a label to what a model should have said.

package import ESMFoldKit
import Platform

/// Reads the labels of one model.
package struct LabelReader: Sendable {
  /// What a text should have been.
  package struct Mistake: Error {
    package let found: String, expected: String
  }

  package let labels: [String]
  package let isPerToken: Bool
  private let indices: [String: Int]

  package init(labels: [String], isPerToken: Bool) {
    self.labels = labels
    self.isPerToken = isPerToken
    indices = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// What stands for a label that is not known.
  private static let unknown: Set<String> = ["", "na", "n/a", "nan", "null"]

  /// What is known of a record.
  ///
  /// - Parameters:
  ///   - texts: one text, or one for each label.
  ///   - problem: what the outputs mean; those of tokens have one label each.
  /// - Returns: what the outputs should be; nil where that is not known.
  /// - Throws: `Mistake`.
  package func target(_ texts: [String], _ problem: Classification.Problem) throws(Mistake) -> Classification.Target? {
    let isUnknown = texts.allSatisfy { text in
      // Letters of residues may happen to spell NA.
      let isSpelt = isPerToken && !text.isEmpty && text.allSatisfy { index(of: String($0)) != nil }
      return Self.unknown.contains(text.lowercased()) && indices[text] == nil && !isSpelt
    }
    if isUnknown, problem != .multiLabel || texts.contains(where: { !$0.isEmpty }) { return nil }
    if isPerToken { return .tokens(try tokens(texts.joined(separator: " "))) }
    switch problem {
    case .singleLabel: return .label(try label(texts))
    case .multiLabel: return .values(texts.count > 1 ? try numbers(texts, in: 0...1) : try flags(texts[0]))
    case .regression:
      let words = texts.count == 1 && labels.count > 1 ? Self.words(texts[0], Self.separators) : texts
      return .values(try numbers(words, in: -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude))
    }
  }

  /// Whether a text names several labels, so that it is none of a problem with one label each.
  package func hasSeveral(_ text: String) -> Bool {
    guard index(of: text) == nil else { return false }
    let words = Self.parts(text)
    return words.count > 1 && words.allSatisfy { index(of: $0) != nil } || text.lowercased() == "none"
  }

  // === Labels ===

  /// The index of a label's name, or a number that is one itself; `Loss.ignoredIndex` is none.
  private func index(of text: String) -> Int? {
    if let index = indices[text] { return index }
    if text == "\(Loss.ignoredIndex)" { return Loss.ignoredIndex }
    guard let number = Int(text), "\(number)" == text else { return nil }
    return labels.indices.contains(number) ? number : nil
  }

  private func label(_ texts: [String]) throws(Mistake) -> Int {
    if texts.count == 1 {
      guard let index = index(of: texts[0]) else { throw mistake(texts[0]) }
      return index
    }
    let flags = try numbers(texts, in: 0...1)
    guard let index = flags.firstIndex(of: 1), flags.reduce(0, +) == 1 else {
      throw Mistake(found: texts.joined(separator: " "), expected: "a 1 for one label, and 0 for the others")
    }
    return index
  }

  /// 1 for each label that a text names, or the numbers 0 and 1 themselves.
  private func flags(_ text: String) throws(Mistake) -> [Float] {
    var flags = [Float](repeating: 0, count: labels.count)
    let words = indices[text] == nil ? Self.parts(text) : [text]
    guard !words.isEmpty else {
      throw Mistake(found: "nothing", expected: "labels, none where none holds, or NA where they are not known")
    }
    if words.map({ $0.lowercased() }) == ["none"], indices[text] == nil { return flags }
    if words.count == labels.count, words.count > 1, words.allSatisfy({ $0 == "0" || $0 == "1" }) {
      return words.map { $0 == "1" ? 1 : 0 }
    }
    for word in words {
      guard let index = index(of: word), index >= 0 else { throw mistake(word) }
      flags[index] = 1
    }
    return flags
  }

  /// One index for each residue: of words, or of the letters of one word.
  private func tokens(_ text: String) throws(Mistake) -> [Int] {
    let words = indices[text] == nil ? Self.words(text, Self.separators) : [text]
    let isSpelt = words.count == 1 && indices[words[0]] == nil && words[0] != "\(Loss.ignoredIndex)"
    let parts = isSpelt ? words[0].map { String($0) } : words
    var found: [Int] = []
    for (position, part) in parts.enumerated() {
      // Where a label is called so, it is that label.
      guard let index = index(of: part) ?? (part == "-" ? Loss.ignoredIndex : nil) else {
        throw mistake(part, at: " at residue \(position + 1)", or: ", - or \(Loss.ignoredIndex) for none")
      }
      found.append(index)
    }
    return found
  }

  private func mistake(_ text: String, at place: String = "", or others: String = "") -> Mistake {
    let names = labels.prefix(8).map(quoted).joined(separator: ", ") + (labels.count > 8 ? ", …" : "")
    let guess = nearest(to: text, among: labels).map { "\nhint: did you mean \(quoted($0))?" } ?? ""
    return Mistake(
      found: (text.isEmpty ? "nothing" : quoted(text)) + place,
      expected: "\(names), or 0 to \(labels.count - 1)\(others)\(guess)")
  }

  // === Numbers ===

  private func numbers(_ texts: [String], in range: ClosedRange<Float>) throws(Mistake) -> [Float] {
    guard texts.count == labels.count else {
      throw Mistake(found: "\(texts.count) numbers", expected: "\(labels.count), one for each output of the model")
    }
    var numbers: [Float] = []
    for text in texts {
      let isNumber = text.utf8.allSatisfy { (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) }
      let truth: Float? = range.upperBound == 1 ? ["true": 1, "false": 0][text.lowercased()] : nil
      guard let number = truth ?? (isNumber ? Float(text) : nil), range.contains(number) else {
        throw Mistake(
          found: text.isEmpty ? "nothing" : quoted(text),
          expected: range.upperBound == 1 ? "a number from 0 to 1" : "a number")
      }
      numbers.append(number)
    }
    return numbers
  }

  // === Words ===

  private static let separators: Set<Character> = [",", ";", "|"]

  /// The names in a text: separated by commas, semicolons or bars, else by blanks.
  private static func parts(_ text: String) -> [String] {
    let parts = text.split(whereSeparator: separators.contains).map { unquoted($0.trimmedOfBlanks) }.filter {
      !$0.isEmpty
    }
    return parts.count > 1 || text.contains(where: separators.contains) ? parts : words(text, separators)
  }

  /// The words of a text, which may be a list in brackets as Python writes it.
  private static func words(_ text: String, _ separators: Set<Character>) -> [String] {
    text.split { separators.contains($0) || $0.isWhitespace }.map { unquoted(String($0)) }.filter { !$0.isEmpty }
  }

  private static func unquoted(_ word: String) -> String {
    let marks: Set<Character> = ["[", "]", "'", "\""]
    guard let first = word.first, let last = word.last, marks.contains(first) || marks.contains(last) else {
      return word
    }
    var body = Substring(word)
    while let mark = body.first, marks.contains(mark) { body.removeFirst() }
    while let mark = body.last, marks.contains(mark) { body.removeLast() }
    return body.trimmedOfBlanks
  }
}
