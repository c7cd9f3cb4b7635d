// Which records of an input are to be computed again, so that each gets the name that it has in the whole input.

import Platform
import Protein

/// The records that are not finished and, where several records have the same name, those before them: `a_2` is the second
/// `a`, and must be that in the rest, too.
struct RestOfInput {
  private let foldsCase: Bool
  /// A bit for each record.
  private var wanted: [UInt64] = []
  private var count = 0
  private var place = 0
  /// The largest number that is wanted of a name, `a`: 3 for `a_3`.
  private var numbered: [String: Int] = [:]
  /// The names that records were to have which got another one, by the hash of that.
  private var renamed: [UInt64: String] = [:]
  /// Hashes of the names of records that come before numbered ones.
  private var earlier: Set<UInt64> = []
  private(set) var firstRenamed: String?
  /// The texts of all wanted records; nil where they are too many, so that the input must be read again.
  private var texts: [UInt8]? = []
  private static let mostKept = 32 << 20

  /// The whole rest, if it is known after the first reading.
  var kept: [UInt8]? { firstRenamed == nil ? texts : nil }

  /// Takes the text of the record that was noted last.
  mutating func keep(_ text: [UInt8]) {
    guard let size = texts?.count else { return }
    if size + text.count > Self.mostKept { texts = nil } else { texts? += text }
  }

  init(_ input: AskedInput) {
    foldsCase = input.naming == .files
  }

  private func folded(_ name: String) -> String { foldsCase ? name.lowercased() : name }

  /// Takes the next record of the first reading.
  mutating func note(_ record: AskedRecord, isWanted: Bool) {
    if count % 64 == 0 { wanted.append(0) }
    if isWanted {
      wanted[count / 64] |= 1 << UInt64(count % 64)
    }
    noteNumber(of: record, isWanted: isWanted)
    count += 1
  }

  private mutating func noteNumber(of record: AskedRecord, isWanted: Bool) {
    guard let given = record.record?.name, given != record.name else { return }
    let base = foldsCase ? FileName.sanitized(given) : RecordIdentifier.of(header: given)
    guard base != record.name, let number = Self.number(of: record.name) else { return }
    renamed[hash(record.name)] = base
    guard isWanted else { return }
    firstRenamed = firstRenamed ?? record.name
    numbered[base] = max(numbered[base] ?? 0, number)
  }

  /// The number at the end of a name.
  private static func number(of name: String) -> Int? {
    name.lastIndex(of: "_").flatMap { Int(name[$0...].dropFirst()) }
  }

  private func hash(_ name: String) -> UInt64 { shortHash(folded(name).utf8) }

  /// Begins the second reading.
  mutating func begin() {
    place = 0
    var waiting = numbered
    while let (base, number) = waiting.popFirst() {
      let first = hash(base)
      // The first of that name may itself be the second of another.
      if earlier.insert(first).inserted, let other = renamed[first], let place = Self.number(of: base) {
        waiting[other] = max(waiting[other] ?? 0, place)
      }
      for suffix in 2..<max(2, min(number, count + 2)) {
        let ending = "_\(suffix)"
        earlier.insert(hash(base.prefix(max(FileName.longest - ending.count, 1)) + ending))
      }
    }
    (numbered, renamed) = ([:], [:])
  }

  /// Whether the next record of the second reading belongs to the rest.
  mutating func takes(_ record: AskedRecord) -> Bool {
    defer { place += 1 }
    // A file may have grown meanwhile.
    guard place < count else { return false }
    if wanted[place / 64] & 1 << UInt64(place % 64) != 0 { return true }
    return !earlier.isEmpty && earlier.contains(shortHash(folded(record.name).utf8))
  }

  /// A record as FASTA: its header and its sequence, with `:` between chains. One that cannot be read is its name alone, which no
  /// other record gets then, and nothing to compute.
  static func text(of asked: AskedRecord) -> [UInt8] {
    guard let record = asked.record else { return Array(">\(asked.name)\n".utf8) }
    var text = Array(">\(record.header)\n".utf8), start = 0
    text.reserveCapacity(text.count + record.sequence.count + record.chainLengths.count)
    for (number, length) in record.chainLengths.enumerated() {
      if number > 0 { text.append(UInt8(ascii: ":")) }
      text += record.sequence[start..<min(start + length, record.sequence.count)]
      start += length
    }
    return text + [UInt8(ascii: "\n")]
  }
}
