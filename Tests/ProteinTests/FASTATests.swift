// FASTA text: what is tolerated, what is refused with which message, and that pieces of any size give the same records.

import Protein
import TestSupport
import Testing

private func parse(_ text: String) -> [Result<FASTARecord, FASTAError>] {
  FASTAParser.records(in: text.utf8, file: "p.fa")
}

/// `name=SEQUENCE` for valid records, the first line of the message for invalid ones.
private func summary(_ results: [Result<FASTARecord, FASTAError>]) -> [String] {
  results.map { result in
    switch result {
    case .success(let record): "\(record.name)=\(String(decoding: record.sequence, as: UTF8.self))"
    case .failure(let error): error.description.split(separator: "\n").first.map(String.init) ?? ""
    }
  }
}

private func only(_ text: String) throws -> FASTARecord {
  let results = parse(text)
  try #require(results.count == 1)
  return try results[0].get()
}

struct FASTATests {
  @Test(arguments: [
    (">a\nMKV\n", ["a=MKV"]),
    (">a\nMKV", ["a=MKV"]),
    (">a\r\nMK\r\n\r\nV\r\n>b\r\nGG\r\n", ["a=MKV", "b=GG"]),
    (">a\rMK\rV\r\r>b\rGG\r", ["a=MKV", "b=GG"]),
    ("\n\n>a\n\nMK\n\n\nV\n\n", ["a=MKV"]),
    (">a\n  MK V\t\n10 GGH 20\n", ["a=MKVGGH"]),
    (">a\nmkvX\n", ["a=MKVX"]),
    (">a\nMKV*\n", ["a=MKV"]),
    (">a\nMKV**\n \n", ["a=MKV"]),
    (">a\nM*KV*\n", ["a=M*KV"]),
    ("; remark\n>a\n;in between\nMK\n; behind\nV\n", ["a=MKV"]),
    ("\u{FEFF}>a\nMKV\n", ["a=MKV"]),
    (">  a  b\nMKV\n", ["a=MKV"]),
    ("  >a\nMKV\n\t>b\nGG\n", ["a=MKV", "b=GG"]),
    (">a\tb\nMKV\n", ["a=MKV"]),
    (">\nMKV\n>x\nGG\n> \nHH\n", ["sequence_1=MKV", "x=GG", "sequence_3=HH"]),
    (">gap\nM-K.V\n", ["gap=M-K.V"]),
    ("MKV", ["sequence_1=MKV"]),
    ("MKV\n\nGGH\n>n\nWW\n", ["sequence_1=MKV", "sequence_2=GGH", "n=WW"]),
    ("MKV\nGGH\nWW\n", ["sequence_1=MKVGGHWW"]),
    ("MKV\nGGHH\nWW\n", ["sequence_1=MKV", "sequence_2=GGHH", "sequence_3=WW"]),
    ("MKVL\nGGH\nWWY\n\nVV\nHH\n", ["sequence_1=MKVL", "sequence_2=GGH", "sequence_3=WWY", "sequence_4=VVHH"]),
    ("  1 mkvll mkvll\n 11 ggh\n", ["sequence_1=MKVLLMKVLLGGH"]),
    ("   10    20\nMKV\n", ["sequence_1=MKV"]),
    ("MKV\n;comment\nGGH\n", ["sequence_1=MKVGGH"]),
    (">a é\nMKV\n", ["a=MKV"]),
  ])
  func tolerated(text: String, expected: [String]) {
    #expect(summary(parse(text)) == expected)
  }

  @Test(arguments: [
    ("", "p.fa: sequences: found none, expected at least one"),
    ("\n \r\n;only a comment\n", "p.fa: sequences: found none, expected at least one"),
    ("\u{FEFF}", "p.fa: sequences: found none, expected at least one"),
    (">a\n", "p.fa:1: record \"a\": sequence: found no residues, expected at least one"),
    (">a", "p.fa:1: record \"a\": sequence: found no residues, expected at least one"),
    ("\n>a b c\n 12 \n*\n", "p.fa:2: record \"a\": sequence: found no residues, expected at least one"),
    (">", "p.fa:1: record \"sequence_1\": sequence: found no residues, expected at least one"),
    ("*", "p.fa:1: record \"sequence_1\": sequence: found no residues, expected at least one"),
    (">a\nMK@V\n", "p.fa:2: record \"a\": residue 3: found '@', expected a one-letter residue code"),
    (">a\nMKV\n 10 L<mask>L\n", "p.fa:3: record \"a\": residue 5: found '<', expected a one-letter residue code"),
    (">a\nMKV>b\nGG\n", "p.fa:2: record \"a\": residue 4: found '>', expected a one-letter residue code"),
    (">a\nMKé\n", "p.fa:2: record \"a\": residue 3: found 'é', expected a one-letter residue code"),
    (">a\nM🧬\n", "p.fa:2: record \"a\": residue 2: found '🧬', expected a one-letter residue code"),
    (">a\nM\u{1B}[31mK\n", "p.fa:2: record \"a\": residue 2: found byte 0x1B, expected a one-letter residue code"),
    (">a\nM\u{7F}K\n", "p.fa:2: record \"a\": residue 2: found byte 0x7F, expected a one-letter residue code"),
    (
      ">a\nM\u{202E}K\n",
      "p.fa:2: record \"a\": residue 2: found bytes 0xE2 0x80 0xAE, expected a one-letter residue code"
    ),
    ("MKV\nMK@\n", "p.fa:2: record \"sequence_1\": residue 6: found '@', expected a one-letter residue code"),
    (">a\nMKV:\nGGH\n", "p.fa:2: record \"a\": chains: found ':' after residue 3, expected one chain"),
    ("MKV\nG/H\n", "p.fa:2: record \"sequence_1\": chains: found '/' after residue 4, expected one chain"),
    (
      ">a\nACGTACGTNN\n",
      "p.fa:1: record \"a\": sequence: found 10 nucleotides (all A, C, G, T, U, N), expected amino acids"
    ),
    (
      ">a\nacguac\ngu\n",
      "p.fa:1: record \"a\": sequence: found 8 nucleotides (all A, C, G, T, U, N), expected amino acids"
    ),
    (">a\u{7F}\u{9B}2J\n", "p.fa:1: record \"a\\u{7f}\\u{9b}2J\": sequence: found no residues, expected at least one"),
    (">a\nMK\u{0}V\n>b\nGG\n", "p.fa:2: content: found a NUL byte, expected text"),
    (">a\u{0}\nMKV\n>b\nGG\n", "p.fa:1: content: found a NUL byte, expected text"),
  ])
  func refused(text: String, message: String) {
    #expect(summary(parse(text)) == [message])
  }

  @Test func everyErrorHasAHint() {
    let texts = ["", ">a\n", ">a\n@\n", ">a\nM>\n", ">a\nM:G\n", ">a\nACGTACGT\n", "\u{0}"]
    for case .failure(let error) in texts.flatMap(parse) {
      let lines = error.description.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.last?.hasPrefix("hint: ") == true)
    }
  }

  /// Peptides are not taken for nucleotides because they lack letters.
  @Test(arguments: [
    "AAA", "GAGA", "AAAAAAAAAAAAAAAAAAAAAAAA", "GAGAGAGAGAGAGAGA", "ACGT", "GATACA", "CATGACT", "NNNNNNNNNN",
    "GATAGATAGATA",
    "CAGCAGCAGCAG", "ACGTACGTS", "ACGTACGTX",
  ])
  func peptides(sequence: String) throws {
    #expect(String(decoding: try only(">p\n\(sequence)\n").sequence, as: UTF8.self) == sequence)
  }

  @Test func recordsTellWhereTheyAre() throws {
    let results = try parse("\n>sp|P1 first protein \r\nMKV\n\n> second\nGG\n").map { try $0.get() }
    #expect(results.map(\.header) == ["sp|P1 first protein", "second"])
    #expect(results.map(\.name) == ["sp|P1", "second"])
    #expect(results.map(\.line) == [2, 5])
    #expect(results.map(\.file) == ["p.fa", "p.fa"])
    #expect(results[0].residueTypes.map(\.index) == [12, 11, 19])
    let bare = try only("\n\n10\nMKV\n")
    #expect(bare.line == 4)
    #expect(bare.header == "sequence_1")
    #expect(bare.warnings.isEmpty)
  }

  @Test func aBadRecordNeverStopsTheOthers() {
    let text = ">a\nMKV\n>b\n>c\nM@\n>d\nM:G\n>e\nACGTACGT\n>f\nWW\n"
    #expect(parse(text).map { (try? $0.get().name) ?? "-" } == ["a", "-", "-", "-", "-", "f"])
  }
}

struct FASTAWarningTests {
  @Test func unknownLettersAreOneWarningWithPositions() throws {
    let record = try only(">a\nUMXKB\nZ-UU.O*JU*\n")
    #expect(String(decoding: record.sequence, as: UTF8.self) == "UMXKBZ-UU.O*JU")
    #expect(
      record.warnings.map(\.description) == [
        "p.fa:1: record \"a\": 'U' at 1, 8, 9, 14; 'B' at 5; 'Z' at 6; '-' at 7; '.' at 10; 'O' at 11; '*' at 12; "
          + "'J' at 13: not an amino acid, folded as X (no atoms)"
      ])
    #expect(record.residueTypes.filter { $0 == .unknown }.count == 12)
  }

  @Test func manyPositionsAreCounted() throws {
    let record = try only(">a\nM" + String(repeating: "-", count: 40) + "K\n")
    #expect(
      record.warnings.map(\.description) == [
        "p.fa:1: record \"a\": '-' at 2, 3, 4, 5, 6 and 35 more: not an amino acid, folded as X (no atoms)"
      ])
  }

  @Test func knownLettersAndXGiveNone() throws {
    #expect(try only(">a\narndcqeghilkmfpstwyvX\n").warnings.isEmpty)
    #expect(try only(">a\nMKV\nGG\nHHHHH\n").warnings.isEmpty)
  }

  @Test func linesWithoutHeaderSayHowTheyWereRead() throws {
    let joined = try only("MKV\nGGH\nW\n")
    #expect(
      joined.warnings.map(\.description) == [
        "p.fa:1: record \"sequence_1\": 3 lines without a header read as one sequence; a '>name' line keeps them apart"
      ])
    let separate = try parse("MK\nGGH\nW\n").map { try $0.get() }
    #expect(separate.map(\.warnings.count) == [1, 0, 0])
    #expect(
      separate[0].warnings.map(\.description) == [
        "p.fa:1: record \"sequence_1\": lines of different lengths without a header: each read as a sequence of its own"
      ])
  }
}

struct FASTAPiecesTests {
  static let tricky: [UInt8] =
    [0xEF, 0xBB, 0xBF]
    + Array(
      "mkv\r\nGG\r\n\r\n;c\r>a é\u{1}b\r\n\r\nM K\tV*\r\r\n>\n1 U-*\n>b\n\u{00E9}🧬\nM\n>c\nM/G\n>d\n>e\nacgtacgt\n > f\nWX"
        .utf8)

  private func parse(_ pieces: [ArraySlice<UInt8>]) -> [Result<FASTARecord, FASTAError>] {
    var parser = FASTAParser(file: "p.fa")
    var results: [Result<FASTARecord, FASTAError>] = []
    for piece in pieces {
      parser.push(piece)
      while let result = parser.next() { results.append(result) }
    }
    parser.finish()
    parser.finish()
    while let result = parser.next() { results.append(result) }
    return results
  }

  @Test func everyCutGivesTheSameRecords() {
    let bytes = Self.tricky
    let whole = FASTAParser.records(in: bytes, file: "p.fa")
    #expect(summary(whole).count == 8)
    #expect(summary(whole).first == "sequence_1=MKVGG")
    #expect(summary(whole).last == "f=WX")
    for cut in 0...bytes.count {
      #expect(parse([bytes[..<cut], bytes[cut...]]) == whole, "cut at byte \(cut)")
    }
    for size in 1...9 {
      let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
      #expect(parse(pieces) == whole, "pieces of \(size)")
    }
    let lazily = FASTAParser.records(in: bytes.lazy.map { $0 }, file: "p.fa")
    #expect(lazily == whole, "a sequence without contiguous storage")
    let raw = bytes.withUnsafeBytes { FASTAParser.records(in: $0, file: "p.fa") }
    #expect(raw == whole)
  }

  @Test func everyTruncationIsReadOrRefused() {
    for end in 0...Self.tricky.count {
      let results = FASTAParser.records(in: Self.tricky[..<end], file: "p.fa")
      #expect(!results.isEmpty, "cut off at byte \(end)")
    }
  }

  @Test func recordsComeAsSoonAsTheNextBegins() throws {
    var parser = FASTAParser(file: "p.fa")
    parser.push(">a\nMKV\n".utf8)
    #expect(parser.next() == nil)
    parser.push(">".utf8)
    #expect(try parser.next()?.get().name == "a")
    #expect(parser.next() == nil)
    parser.push("b\nGG".utf8)
    #expect(parser.next() == nil)
    parser.finish()
    #expect(try parser.next()?.get().name == "b")
    #expect(parser.next() == nil)
  }

  @Test("A record longer than the limit is refused, one at the limit is not, and the next record is read")
  func tooLong() throws {
    let limit = FASTAParser.longestSequence
    #expect(limit == 16_777_216)
    let line = [UInt8](repeating: UInt8(ascii: "A"), count: limit / 16)
    for (header, excess) in [(">long\n", 0), (">long\n", 1), ("", 1)] {
      var parser = FASTAParser(file: "p.fa")
      parser.push(header.utf8)
      for _ in 0..<16 { parser.push(line) }
      if excess == 1 { parser.push("A".utf8) }
      parser.push("\n\n>b\nGG\n".utf8)
      parser.finish()
      let location = FASTALocation(
        file: "p.fa", line: header.isEmpty ? 1 : 2, record: header.isEmpty ? "sequence_1" : "long")
      switch parser.next() {
      case .success(let record): #expect(excess == 0 && record.sequence.count == limit)
      case let result: #expect(excess == 1 && result == .failure(.tooLong(limit: limit, location)))
      }
      #expect(try parser.next()?.get().name == "b")
    }
  }

  @Test("Endless wrapped lines without a header are refused before all of them have arrived")
  func tooManyLines() throws {
    let limit = FASTAParser.longestSequence
    let line = [UInt8](repeating: UInt8(ascii: "A"), count: limit / 16) + [UInt8(ascii: "\n")]
    var parser = FASTAParser(file: "p.fa")
    for _ in 0..<16 { parser.push(line) }
    #expect(parser.next() == nil)
    parser.push(line)
    let location = FASTALocation(file: "p.fa", line: 17, record: "sequence_1")
    #expect(parser.next() == .failure(.tooLong(limit: limit, location)))
    parser.push("GG\n".utf8)
    parser.finish()
    #expect(try parser.next()?.get().name == "sequence_2")
  }

  @Test("The beginning of an endless header is kept") func endlessHeader() throws {
    var parser = FASTAParser(file: "p.fa")
    parser.push(">a ".utf8)
    parser.push([UInt8](repeating: UInt8(ascii: "h"), count: 1 << 20))
    parser.push("\nMKV\n".utf8)
    parser.finish()
    let record = try #require(try parser.next()?.get())
    #expect(record.name == "a" && record.header.utf8.count == 1 << 16 && record.sequence == Array("MKV".utf8))
  }

  @Test func randomBytesNeverTrap() {
    var random = RandomNumbers(seed: 0x5EED)
    let alphabets: [[UInt8]] = [
      Array(0...255), Array(1...255),
      Array(">;\r\n\n ACGTUNMKVX*-.:/@0\u{EF}\u{BB}\u{BF}".utf8) + [0xEF, 0xBB, 0xBF, 0xC3],
    ]
    for round in 0..<3000 {
      let alphabet = alphabets[round % alphabets.count]
      let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
        alphabet[Int.random(in: alphabet.indices, using: &random)]
      }
      let results = FASTAParser.records(in: bytes, file: "p.fa")
      #expect(!results.isEmpty, "\(bytes)")
      for result in results {
        switch result {
        case .success(let record):
          #expect(!record.sequence.isEmpty && !record.name.isEmpty && record.line >= 1, "\(bytes)")
          #expect(record.residueTypes.count == record.sequence.count)
          #expect(!FileName.sanitized(record.name).isEmpty)
          for warning in record.warnings { #expect(!warning.description.contains("\n"), "\(bytes)") }
        case .failure(let error):
          #expect(error.description.split(separator: "\n").count == 2, "\(bytes)")
        }
      }
      #expect(parse(bytes.indices.map { bytes[$0...$0] }) == results, "\(bytes)")
    }
  }
}
