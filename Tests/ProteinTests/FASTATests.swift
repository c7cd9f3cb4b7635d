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
    (">gap\nM-K.V\n", ["gap=MKV"]),
    ("# remark\n#20\t1\n>a\nMKV\n", ["a=MKV"]),
    ("#only\nMKV\n", ["sequence_1=MKV"]),
    (">a\nMKV\n\u{FEFF}>b\nGG\n \u{FEFF}\u{FEFF}HH\n", ["a=MKV", "b=GGHH"]),
    (">a\nMKV\u{FEFF}>b\nGG\n", ["a=MKV", "b=GG"]),
    ("MKV\u{FEFF}>b\u{FEFF}>c\nGG\n", ["sequence_1=MKV", "b\u{FEFF}>c=GG"]),
    (">a\nNLYIQ\n--\n>b\nGIVEQ\n-- \t\n", ["a=NLYIQ", "b=GIVEQ"]),
    (">a\nNLYIQ\n--\nGIVEQ\n", ["a=NLYIQ", "sequence_2=GIVEQ"]),
    ("NLYIQ\n--\nGIVEQ\n", ["sequence_1=NLYIQ", "sequence_2=GIVEQ"]),
    (">a\nN-LYIQ\n--\n>b\nGI\n--\nVEQ\n", ["a=NLYIQ", "b=GIVEQ"]),
    (">a\nMKV\n---\nGG\n", ["a=MKVGG"]),
    (">a\nMKV\n--G\n - -\n", ["a=MKVG"]),
    ("MKV", ["sequence_1=MKV"]),
    ("MKV\n\nGGH\n>n\nWW\n", ["sequence_1=MKV", "sequence_2=GGH", "n=WW"]),
    ("MKV\nGGH\nWW\n", ["sequence_1=MKVGGHWW"]),
    ("MKV\nGGHH\nWW\n", ["sequence_1=MKV", "sequence_2=GGHH", "sequence_3=WW"]),
    (
      "MKVL\nGGH\nWWY\n\nVV\nHH\n",
      ["sequence_1=MKVL", "sequence_2=GGH", "sequence_3=WWY", "sequence_4=VV", "sequence_5=HH"]
    ),
    ("  1 mkvll mkvll\n 11 ggh\n", ["sequence_1=MKVLLMKVLLGGH"]),
    ("   10    20\nMKV\n", ["sequence_1=MKV"]),
    ("MKV\n;comment\nGG\n", ["sequence_1=MKVGG"]),
    (
      "NLYIQWLKDGGPSSGRPPPS\nNLYIQWLKDGGPSSGRPPPS\n",
      ["sequence_1=NLYIQWLKDGGPSSGRPPPS", "sequence_2=NLYIQWLKDGGPSSGRPPPS"]
    ),
    ("MKVL\nMGH\n", ["sequence_1=MKVL", "sequence_2=MGH"]),
    ("1 mkv\n4 mgh\n", ["sequence_1=MKVMGH"]),
    ("mkv 3\nmgh 6\n", ["sequence_1=MKVMGH"]),
    ("1 gkv\n2 ggh\n", ["sequence_1=GKV", "sequence_2=GGH"]),
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
    (">a\nMKé\n", "p.fa:2: record \"a\": residue 3: found 'é' (U+00E9), expected a one-letter residue code"),
    (">a\nM🧬\n", "p.fa:2: record \"a\": residue 2: found '🧬' (U+1F9EC), expected a one-letter residue code"),
    (
      ">a\nM\u{1B}[31mK\n",
      "p.fa:2: record \"a\": residue 2: found U+001B (control character), expected a one-letter residue code"
    ),
    (
      ">a\nM\u{7F}K\n",
      "p.fa:2: record \"a\": residue 2: found U+007F (control character), expected a one-letter residue code"
    ),
    (
      ">a\nM\u{202E}K\n",
      "p.fa:2: record \"a\": residue 2: found U+202E (right-to-left override), expected a one-letter residue code"
    ),
    ("GKV\nMK@\n", "p.fa:2: record \"sequence_1\": residue 6: found '@', expected a one-letter residue code"),
    (
      ">a\nACGTACGTNN\n",
      "p.fa:1: record \"a\": sequence: found 10 nucleotides (all A, C, G, T, U, N), expected amino acids"
    ),
    (
      ">a\nacguac\ngu\n",
      "p.fa:1: record \"a\": sequence: found 8 nucleotides (all A, C, G, T, U, N), expected amino acids"
    ),
    (
      ">a\nMK\u{A0}V\n",
      "p.fa:2: record \"a\": residue 3: found U+00A0 (no-break space), expected a one-letter residue code"
    ),
    (
      ">a\nMK\u{200B}V\n",
      "p.fa:2: record \"a\": residue 3: found U+200B (zero width space), expected a one-letter residue code"
    ),
    (
      ">a\nMK\u{2013}V\n",
      "p.fa:2: record \"a\": residue 3: found '\u{2013}' (U+2013), expected a one-letter residue code"
    ),
    (
      ">a\nXXXX\n",
      "p.fa:1: record \"a\": sequence: found nothing to fold (4 residues, all X), expected at least one amino acid"
    ),
    (
      ">a\nUBZ*J\n",
      "p.fa:1: record \"a\": sequence: found nothing to fold (5 residues, all X), expected at least one amino acid"
    ),
    (">a\n--.\n", "p.fa:1: record \"a\": sequence: found no residues but 3 gaps (2 '-', 1 '.'), expected at least one"),
    (">a\n--\n", "p.fa:1: record \"a\": sequence: found no residues, expected at least one"),
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

  @Test(
    "The three-letter code is no sequence",
    arguments: [
      (">a\nMET LYS VAL ALA\n", 4), (">a\nMetLysValAlaMse\n", 5), (">a\nMET-LYS-VAL-\nGLY-GLY\n", 5),
      ("MET LYS VAL ALA", 4),
      (">a\nSERSERSERSERALA\n", nil), (">a\nMETLYSVAL\n", nil), (">a\nMETLYSVALALAM\n", nil),
      (">a\nMETLYSVALALAMKV\n", nil),
    ])
  func threeLetterCode(text: String, count: Int?) {
    let found = summary(parse(text)).first ?? ""
    let message = count.map { "sequence: found \($0) residues in the three-letter code, expected one-letter codes" }
    #expect(found.contains("three-letter") == (message != nil) && found.hasSuffix(message ?? ""))
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
    let text = ">a\nMKV\n>b\n>c\nM@\n>d\nM::G\n>e\nACGTACGT\n>f\nWW\n"
    #expect(parse(text).map { (try? $0.get().name) ?? "-" } == ["a", "-", "-", "-", "-", "f"])
  }
}

struct FASTAWarningTests {
  @Test func unknownLettersAreOneWarningWithPositions() throws {
    let record = try only(">a\nUMXKB\nZUUO*JU*\n")
    #expect(String(decoding: record.sequence, as: UTF8.self) == "UMXKBZUUO*JU")
    #expect(
      record.warnings.map(\.description) == [
        "p.fa:1: record \"a\": 'U' at 1, 7, 8, 12; 'B' at 5; 'Z' at 6; 'O' at 9; '*' at 10; 'J' at 11: not an amino "
          + "acid, folded as X (no atoms)"
      ])
    #expect(record.residueTypes.filter { $0 == .unknown }.count == 10)
  }

  @Test func manyPositionsAreCounted() throws {
    let record = try only(">a\nM" + String(repeating: "B", count: 40) + "K\n")
    #expect(
      record.warnings.map(\.description) == [
        "p.fa:1: record \"a\": 'B' at 2, 3, 4, 5, 6 and 35 more: not an amino acid, folded as X (no atoms)"
      ])
  }

  @Test func nearest() throws {
    let items = FASTAParser.records(in: ">a\nMUOBZJX*K\n".utf8, file: "p.fa", rules: FASTARules(nonstandard: .nearest))
    let record = try #require(items.first).get()
    #expect(String(decoding: record.sequence, as: UTF8.self) == "MCKDELX*K")
    #expect(
      record.warnings.map(\.description) == [
        "p.fa:1: record \"a\": 'U' as C at 2; 'O' as K at 3; 'B' as D at 4; 'Z' as E at 5; 'J' as L at 6: not an amino "
          + "acid, folded as the nearest one",
        "p.fa:1: record \"a\": '*' at 8: not an amino acid, folded as X (no atoms)",
      ])
    let letters = FASTAParser.records(in: ">a\nBZ\n".utf8, file: "p.fa", rules: FASTARules(nonstandard: .nearest))
    #expect(summary(letters) == ["a=DE"])
  }

  @Test(arguments: [
    (FASTARules(), "MKVLL", "left out"), (FASTARules(.tokens), "MKVLL", "left out"),
    (FASTARules(gaps: .keep), "MK-VL..L", "folded as X (no atoms)"),
    (FASTARules(.tokens, gaps: .keep), "MK-VL..L", "kept as tokens"),
    (FASTARules(.tokens, gaps: .keep, isA3M: true), "MK-V..L", "kept as tokens"),
    (FASTARules(isA3M: true), "MKVLL", "left out"),
  ])
  func gaps(rules: FASTARules, sequence: String, became: String) throws {
    let record = try #require(FASTAParser.records(in: ">a\nMK-Vl..L\n".utf8, file: "p.fa", rules: rules).first).get()
    #expect(String(decoding: record.sequence, as: UTF8.self) == sequence)
    #expect(record.warnings.first?.description == "p.fa:1: record \"a\": 3 gaps (1 '-', 2 '.'): \(became)")
    #expect(record.warnings.count == (sequence.count == 7 ? 2 : 1))
    #expect(record.gaps == GapCounts(dashes: 1, dots: 2) && record.insertions == 1 && record.columns == 5)
  }

  @Test func gapsAsErrors() {
    let items = FASTAParser.records(in: ">a\nMK-V\n>b\nMKV\n".utf8, file: "p.fa", rules: FASTARules(gaps: .error))
    #expect(summary(items) == ["p.fa:1: record \"a\": sequence: found 1 gap (1 '-'), expected none", "b=MKV"])
  }

  @Test(
    "Digits are line numbers, or there is a warning",
    arguments: [
      ("10 MKV 20\n", nil), ("MKV 10 LAA\n", nil), ("1 MKV\n4 LAA\n", nil), ("MKV\t10\n", nil), ("10\nMKV\n", nil),
      ("CT05HTLL\n", "found 2 digits beside letters, the first after residue 2: left out"),
      ("MKV1\n", "found a digit beside letters, the first after residue 3: left out"),
      ("1MKV\n", "found a digit beside letters, the first after residue 0: left out"),
      ("MKV 5L 6\nL7\n", "found 2 digits beside letters, the first after residue 3: left out"),
      ("MKV\n--  5\n", nil),
      ("MK-5\n", "found a digit beside letters, the first after residue 2: left out"),
    ])
  func digits(text: String, warning: String?) throws {
    let found = try only(">a\n" + text).warnings.map(\.description).filter { $0.contains("digit") }
    #expect(found == (warning.map { ["p.fa:1: record \"a\": \($0)"] } ?? []))
  }

  @Test func separatorsAreToldOfOnce() throws {
    let records = try parse(">a\nNLYIQ\n--\n>b\nGIVEQ\n--\n>c\nMKV\n").map { try $0.get() }
    #expect(
      records.map { $0.warnings.map(\.description) } == [
        ["p.fa:3: record \"a\": a line of '--', as grep writes between matches, ends a record"], [], [],
      ])
    let bad = parse(">a\n--\n>b\nGIVEQ\n")
    #expect(try bad[1].get().warnings.map { $0.description.hasPrefix("p.fa:2: ") } == [true])
  }

  @Test func knownLettersAndXGiveNone() throws {
    #expect(try only(">a\narndcqeghilkmfpstwyvX\n").warnings.isEmpty)
    #expect(try only(">a\nMKV\nGG\nHHHHH\n").warnings.isEmpty)
    #expect(try only(">a\nmkvMKV\n").warnings.isEmpty)
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
