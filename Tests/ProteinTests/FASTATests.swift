// FASTA text: what is tolerated, and what is refused with which message.

import Protein
import Testing

private func parse(_ text: String) -> [Result<FASTARecord, FASTAError>] {
  FASTAParser.records(in: text.utf8, file: "p.fa")
}

/// `name=SEQUENCE` for valid records, the first line of the message for invalid ones.
func summary(_ results: [Result<FASTARecord, FASTAError>]) -> [String] {
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
