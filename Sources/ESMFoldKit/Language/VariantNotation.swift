// Reads variants: the short notation, and the protein notation of the HGVS (hgvs-nomenclature.org,
// recommendations for proteins).

import Protein

/// A reader of one text. What it does not know is an error: a misread variant would get the score of another one.
struct VariantNotation {
  /// The whole text, for messages.
  private let text: String

  static func read(_ text: String) throws(VariantError) -> (reference: String?, changes: [Variant.Change]) {
    let reader = VariantNotation(text: text)
    let (reference, body, isProtein) = try reader.parts()
    let changes = try isProtein ? reader.allele(body) : reader.list(body)
    try reader.checkOverlaps(changes)
    return (reference, changes)
  }

  // MARK: Around the changes

  /// The name of the sequence, what is changed, and whether that stands behind `p.`.
  private func parts() throws(VariantError) -> (reference: String?, body: Substring, isProtein: Bool) {
    var body = text[...], reference: Substring?
    if let range = text.ranges(of: " (p.").last, text.hasSuffix(")") {
      // As in ClinVar: NM_000546.6(TP53):c.524G>A (p.Arg175His).
      (reference, body) = (text[..<range.lowerBound], text[text.index(range.lowerBound, offsetBy: 2)...].dropLast())
    } else if let range = text.ranges(of: ":p.").last {
      (reference, body) = (text[..<range.lowerBound], text[text.index(after: range.lowerBound)...])
    }
    let isProtein = body.hasPrefix("p.")
    if !isProtein, let word = text.split(separator: ":").last, Self.nucleotides.contains(where: word.hasPrefix) {
      throw .unsupported(text, .nucleotides)
    }
    for word in reference?.split(separator: ":", omittingEmptySubsequences: false) ?? [] {
      // What could be a change must not be dropped as if it were a name.
      let isChange = (try? change(word)) != nil
      guard !word.isEmpty, !word.hasPrefix("p."), !isChange else { throw .malformed(text) }
    }
    let name = reference?.prefix { $0 != ":" && !$0.isWhitespace }
    return (name.map(String.init), isProtein ? body.dropFirst(2) : body, isProtein)
  }

  /// What the coordinates of other kinds of sequences begin with.
  private static let nucleotides = ["c.", "g.", "m.", "n.", "o.", "r."]

  /// Changes with colons between them; none for `=`.
  private func list(_ body: Substring) throws(VariantError) -> [Variant.Change] {
    if Self.isIdentity(body) { return [] }
    var changes: [Variant.Change] = []
    for part in body.split(separator: ":", omittingEmptySubsequences: false) { changes.append(try change(part)) }
    return changes
  }

  /// What stands behind `p.`: one change, or several in brackets; parentheses say that it was not observed but predicted.
  private func allele(_ body: Substring) throws(VariantError) -> [Variant.Change] {
    if body.contains("(;)") || body.contains("];[") || body.contains("/") || body.contains("^") {
      throw .unsupported(text, .alternatives)
    }
    let whole = Self.unwrapped(body, "(", ")")
    guard whole.hasPrefix("["), whole.hasSuffix("]") else {
      return Self.isIdentity(whole) ? [] : [try change(whole)]
    }
    let inside = Self.unwrapped(Self.unwrapped(whole, "[", "]"), "(", ")")
    var changes: [Variant.Change] = []
    for part in inside.split(separator: ";", omittingEmptySubsequences: false) {
      changes.append(try change(Self.unwrapped(part, "(", ")")))
    }
    return changes
  }

  /// VEP writes `%3D` in place of `=`.
  private static func isIdentity(_ text: Substring) -> Bool { text == "=" || text == "%3D" }

  /// The text between a pair of brackets around all of it; else the text.
  private static func unwrapped(_ text: Substring, _ open: Character, _ close: Character) -> Substring {
    guard text.first == open, text.last == close, text.count > 1 else { return text }
    let inside = text.dropFirst().dropLast()
    return inside.contains(open) || inside.contains(close) ? text : inside
  }

  // MARK: One change

  /// `Ala24Gly`, `A24G`, `Lys23_Val25del` and so on.
  private func change(_ part: Substring) throws(VariantError) -> Variant.Change {
    var rest = part
    switch rest {
    case "?", "(?)": throw .unsupported(text, .unknown)
    case "0", "0?": throw .unsupported(text, .noProtein)
    default: break
    }
    let first = try residue(&rest)
    guard rest.first == "_" else { return try change(of: first, rest) }
    rest.removeFirst()
    if rest.hasPrefix("?") || rest.hasPrefix("(") { throw .unsupported(text, .unknown) }
    let last = try residue(&rest)
    guard first.number < last.number else { throw .order(text, first.number, last.number) }
    if rest.hasPrefix("ins") {
      guard last.number - 1 == first.number else { throw .notNeighbours(text, first.number, last.number) }
      return .insertion(first, last, try letters(rest.dropFirst(3)))
    }
    return try change(from: first, to: last, rest)
  }

  /// What happens to one residue.
  private func change(of residue: Variant.Residue, _ rest: Substring) throws(VariantError) -> Variant.Change {
    if Self.isIdentity(rest) { return .substitution(residue, by: residue.letter) }
    if rest.hasPrefix("ins") { throw .oneNeighbour(text, residue.number) }
    if let letter = Self.letter(ofCode: rest) { return .substitution(residue, by: letter) }
    return try change(from: residue, to: residue, rest)
  }

  private func change(
    from first: Variant.Residue, to last: Variant.Residue, _ rest: Substring
  ) throws(VariantError) -> Variant.Change {
    switch rest {
    case "del": return .deletion(first, last)
    case "dup": return .duplication(first, last)
    default: break
    }
    if rest.hasPrefix("delins") { return .replacement(first, last, by: try letters(rest.dropFirst(6))) }
    try checkSupport(rest)
    if rest.hasPrefix("del") || rest.hasPrefix("dup") { throw .unsupported(text, .namedResidues) }
    if rest.count == 3, rest.allSatisfy(\.isASCIILetter), Self.letter(ofCode: rest) == nil {
      throw .code(text, String(rest))
    }
    throw .malformed(text)
  }

  /// Throws what is known of HGVS and has no score.
  private func checkSupport(_ rest: Substring) throws(VariantError) {
    if rest.contains("fs") { throw .unsupported(text, .frameshift) }
    if rest.contains("ext") { throw .unsupported(text, .extension) }
    if rest.contains("Ter") || rest.contains("*") || rest.uppercased() == "TER" { throw .unsupported(text, .stop) }
    if rest.contains("[") { throw .unsupported(text, .repeats) }
    if rest.contains("?") { throw .unsupported(text, .unknown) }
  }

  /// A residue and its number at the beginning of `rest`, which is moved behind them.
  private func residue(_ rest: inout Substring) throws(VariantError) -> Variant.Residue {
    let code = rest.prefix { $0.isASCIILetter || $0 == "*" }
    let behind = rest[code.endIndex...]
    let number = (behind.first == "-" ? "-" : "") + behind.drop { $0 == "-" }.prefix(while: \.isASCIIDigit)
    guard !code.isEmpty, behind.hasPrefix(number), let value = Int(number) else { throw .malformed(text) }
    rest = behind.dropFirst(number.count)
    if code == "*" || code.uppercased() == "TER" {
      throw .unsupported(text, rest.contains("ext") ? .extension : .stop)
    }
    guard let letter = Self.letter(ofCode: code) else {
      throw code.count == 3 ? .code(text, String(code)) : .malformed(text)
    }
    return Variant.Residue(letter, value)
  }

  // MARK: Letters

  /// Inserted residues: codes of three letters as in `GlnSerLys`, or letters as in `QSK`.
  private func letters(_ word: Substring) throws(VariantError) -> [Character] {
    try checkSupport(word)
    guard !word.isEmpty, word.allSatisfy(\.isASCIILetter) else {
      throw word.contains(where: \.isNumber) ? .unsupported(text, .unnamedResidues) : .malformed(text)
    }
    if word.allSatisfy(\.isUppercase) { return Array(word) }
    var letters: [Character] = [], rest = word
    while !rest.isEmpty {
      let code = rest.prefix(3)
      guard code.first?.isUppercase == true, code.dropFirst().allSatisfy(\.isLowercase),
        let letter = Self.letter(ofCode: code), code.count == 3
      else { throw .code(text, String(code)) }
      letters.append(letter)
      rest = rest.dropFirst(3)
    }
    return letters
  }

  /// The letter of a residue: of itself, or of its code of three letters.
  private static func letter(ofCode code: Substring) -> Character? {
    let upper = code.uppercased()
    if code.count == 1, let letter = upper.first, letter.isASCIILetter { return letter }
    return code.count == 3 ? threeLetterCodes[upper] : nil
  }

  private static let threeLetterCodes: [String: Character] = {
    let others: [String: Character] = ["ASX": "B", "GLX": "Z", "XLE": "J", "SEC": "U", "PYL": "O", "XAA": "X"]
    let twenty = ResidueType.all.filter { $0.aminoAcid != nil }.map { ($0.threeLetter, $0.oneLetter) }
    return others.merging(twenty) { other, _ in other }
  }()

  // MARK: Several changes

  /// Throws when two changes affect the same residue, or insert at the same place.
  private func checkOverlaps(_ changes: [Variant.Change]) throws(VariantError) {
    let sorted = changes.map { (change: $0, span: Self.span($0)) }.sorted { $0.span.first < $1.span.first }
    for (one, next) in zip(sorted, sorted.dropFirst()) where next.span.first <= one.span.last {
      throw .repeated(text, number: next.change.named[0].number)
    }
  }

  /// What a change affects, in halves of residues: an insertion is between two, and so is the copy of a duplication.
  private static func span(_ change: Variant.Change) -> (first: Double, last: Double) {
    let first = Double(change.named[0].number), last = Double(change.named.last?.number ?? change.named[0].number)
    switch change {
    case .insertion: return (first + 0.5, first + 0.5)
    case .duplication: return (first, last + 0.5)
    case .substitution, .deletion, .replacement: return (first, last)
    }
  }
}

extension Character {
  fileprivate var isASCIILetter: Bool { isASCII && isLetter }
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
