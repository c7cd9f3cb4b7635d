// What people really give the program: tables, structures, alignments, joined files; and the names of records.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct InputRuleBinaryTests {
  private let scratch: ScratchFolder
  private var out: String { scratch.path + "/out" }
  private static let s = "NLYIQWLKDGGPSSGRPPPS"

  init() throws {
    scratch = try ScratchFolder()
  }

  private func fold(
    _ content: String, _ options: [String] = [], file: String = "a.fasta", _ place: SourceLocation = #_sourceLocation
  ) throws -> Binary.Ran {
    try Binary.fold([try scratch.file(file, content)], to: out, options, place)
  }

  /// The ids that `tokenize` prints for each record, as tokens without blanks.
  private func tokens(_ content: String, _ options: [String] = [], file: String = "t.fasta") throws -> [String] {
    let ran = try Binary.run(
      ["tokenize", try scratch.file(file, content), "--tokens", "--no-special-tokens"] + options)
    return ran.output.split(separator: "\n").map { String($0.replacing("\t", with: "=").replacing(" ", with: "")) }
  }

  private func rows() throws -> [[String]] { summaryRows(try scratch.text("out/summary.tsv")) }

  /// The residues of a structure, as three letters each.
  private func residues(_ name: String) throws -> [String] {
    try PDBReader(Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name).pdb"))).alphaCarbons.map(\.residueName)
  }

  // === Other formats ===

  @Test(
    "Another format is refused as a whole, from a file, a pipe and compressed",
    arguments: [
      ("P04637\t\(s)\nP38398\t\(s)\n", "a table with columns separated by tabs", "awk -F"),
      ("ATOM      1  N   MET A   1      27.340  24.430   2.614  1.00  9.67           N\n", "a PDB file", "pdb_tofasta"),
      ("BZh91AY&SY....", "a file compressed with bzip2", "bzip2 -dc"), ("{\"sequences\": []}", "a JSON file", "jq"),
      ("\u{FEFF}LOCUS       X 10 bp    DNA\n", "a GenBank file", "SeqIO"),
    ])
  func foreign(content: String, name: String, hint: String) throws {
    let file = try scratch.file("input", content)
    let gzip = try Binary.run(["-c", "gzip -kf \"$1\"", "bash", file], executable: "/bin/bash")
    #expect(gzip.status == 0)
    for (path, input) in [(file, nil), ("-", Data(content.utf8)), (file + ".gz", nil)] as [(String, Data?)] {
      let good = try scratch.file("good.fasta", ">good\nMKV\n")
      let ran = try Binary.fold([path, good], to: out, ["--overwrite"], input: input)
      #expect(ran.status == 1 && ran.error.contains("content: found \(name), expected FASTA\nhint: "), "\(ran.error)")
      #expect(ran.error.contains(hint) && ran.error.contains("folded 1, skipped 0, failed 1"))
      #expect(scratch.names("out") == ["good.pdb", "summary.tsv"])
      let ids = try Binary.run(["tokenize", path, good], input: input)
      #expect(ids.status == 1 && ids.output == "good\t0 20 15 7 2\n" && ids.error.contains("found \(name)"))
    }
  }

  // === Records that are no proteins ===

  @Test(arguments: [
    (">9xyz_C mol:na length:12 DNA\nCT05HTCTTTGA\n", "mol:na by its header"), (">x\nXXXX\n", "found nothing to fold"),
    (">x\n----\n", "found no residues but 4 gaps"), (">x\n--\n", "found no residues"),
    (">x\nMK\u{A0}V\n", "found U+00A0"),
  ])
  func noProtein(content: String, message: String) throws {
    let ran = try fold(content + ">good\nMKV\n")
    #expect(ran.status == 1 && ran.error.contains(message), "\(ran.error)")
    #expect(scratch.names("out") == ["good.pdb", "summary.tsv"])
    let name = content.contains("9xyz") ? "9xyz_C" : "x"
    #expect(try Set(rows().map { [$0[0], $0[8]] }) == [["good", "ok"], [name, "failed"]] && rows().count == 2)
  }

  @Test func digits() throws {
    let ran = try fold(">a\n  1 MKV05LAA\n")
    #expect(
      ran.status == 0
        && ran.error.contains("warning: \(scratch.path)/a.fasta:1: record \"a\": found 2 digits beside letters"))
    #expect(try fold(">a\n  1 MKVLA 5\n", ["--overwrite"]).error.contains("warning") == false)
  }

  // === Lines ===

  @Test func separators() throws {
    let grep = ">a\nNLYIQ\n--\n>b\nGIVEQ\n"
    let ran = try fold(grep)
    #expect(ran.status == 0 && ran.error.split(separator: "\n").count { $0.hasPrefix("warning: ") } == 1)
    #expect(try residues("a") == ["ASN", "LEU", "TYR", "ILE", "GLN"])
    #expect(try tokens(grep) == ["a=NLYIQ", "b=GIVEQ"])
    #expect(try tokens(grep, ["--gaps", "keep"]) == ["a=NLYIQ", "b=GIVEQ"])
  }

  @Test func linesWithoutHeader() throws {
    let equal = "\(Self.s)\n\(Self.s)\n"
    let ran = try fold(equal)
    #expect(ran.status == 0 && ran.error.contains("each read as a sequence of its own"))
    #expect(try rows().map { $0[1] } == ["20", "20"])
    let wrapped = "\(Self.s)\nGIVEQ\n"
    let joined = try Binary.run(["tokenize"], input: Data(wrapped.utf8))
    #expect(joined.output.split(separator: "\n").count == 1)
    #expect(
      joined.error.contains(
        "2 lines without a header read as one sequence; a '>name' line keeps them apart; --lines reads each line as one"
      ))
    #expect(try tokens(wrapped, ["--lines"]) == ["sequence_1=\(Self.s)", "sequence_2=GIVEQ"])
    #expect(try tokens(wrapped, ["--lines", "--no-lines"]).count == 1)
    #expect(try tokens(">a\nMK\nVL\n", ["--lines"]) == ["a=MKVL"])
  }

  @Test("Joined files keep all records") func marks() throws {
    let ran = try fold("\u{FEFF}>a\nMKVLA\n\u{FEFF}>b\nGIVEQ\n")
    #expect(ran.status == 0 && scratch.names("out") == ["a.pdb", "b.pdb", "summary.tsv"])
  }

  @Test("So do files whose last line has no end") func unendedLines() throws {
    let ran = try fold(">a\nMKVLA\u{FEFF}>b\nGIVEQ")
    #expect(ran.status == 0 && scratch.names("out") == ["a.pdb", "b.pdb", "summary.tsv"])
  }

  // === Alignments ===

  private static let alignment = ">q\nNLYIQWL\n>h\nNL-IQWL\n>i\nN..IQWL\n"
  private static let searched = "#7\t1\n>q\nNLYIQWL\n>h\nNL-IaaQWL\n>i\nN--IQWL\n"

  @Test func gaps() throws {
    let ran = try fold(Self.alignment)
    #expect(ran.status == 0 && ran.error.contains("record \"h\": 1 gap (1 '-'): left out; --gaps keep keeps them"))
    #expect(try rows().map { $0[1] } == ["7", "6", "5"])
    #expect(try residues("i") == ["ASN", "ILE", "GLN", "TRP", "LEU"])
    let kept = try fold(Self.alignment, ["--gaps", "keep", "--overwrite"])
    #expect(kept.status == 0 && kept.error.contains("1 gap (1 '-'): folded as X (no atoms)"))
    #expect(try rows().map { $0[1] } == ["7", "7", "7"])
    let refused = try fold(Self.alignment, ["--gaps", "error", "--overwrite"])
    #expect(refused.status == 1 && refused.error.contains("found 1 gap (1 '-'), expected none\nhint: --gaps drop"))
    #expect(refused.error.contains("folded 1, skipped 0, failed 2"))
    // tokenize shows what is written.
    #expect(try tokens(Self.alignment) == ["q=NLYIQWL", "h=NL-IQWL", "i=N..IQWL"])
    #expect(try tokens(Self.alignment, ["--gaps", "drop"]) == ["q=NLYIQWL", "h=NLIQWL", "i=NIQWL"])
  }

  @Test("The language models read proteins, not columns, unless they are asked to", arguments: ["score", "contacts"])
  func gapsOfLanguageModels(command: String) throws {
    let model = ["--model", Fixtures.path("family/esm2")]
    func read(_ content: String, _ options: [String] = []) throws -> String {
      let words =
        command == "score"
        ? ["score", "--per-residue"] : ["contacts", "--min-probability", "0", "--min-separation", "1"]
      let ran = try Binary.run(words + model + options, input: Data(content.utf8))
      #expect(ran.status == 0)
      return ran.output
    }
    #expect(try read(">h\nNL-IQWL\n") == read(">h\nNLIQWL\n"))
    #expect(try read(">h\nNL-IQWL\n", ["--gaps", "keep"]) != read(">h\nNLIQWL\n"))
  }

  @Test func embeddingOfGaps() throws {
    let model = ["--model", Fixtures.path("family/esm2")], file = try scratch.file("a.a3m", Self.searched)
    for (gaps, lengths) in [("drop", ["7", "8", "5"]), ("keep", ["7", "7", "7"])] {
      let ran = try Binary.run(
        ["embed", file, "-o", "\(scratch.path)/\(gaps)", "--format", "npy", "--gaps", gaps] + model)
      #expect(ran.status == 0, "\(ran.error)")
      let index = try scratch.text("\(gaps)/index.tsv").split(separator: "\n").dropFirst().map {
        $0.split(separator: "\t")
      }
      #expect(index.map { String($0[3].split(separator: ",")[0]) } == lengths)
    }
    // Other gaps are other results.
    let again = try Binary.run(
      ["embed", file, "-o", scratch.path + "/drop", "--format", "npy", "--gaps", "keep"] + model)
    #expect(again.status == 1 && again.error.contains("with other settings"))
  }

  @Test(
    "Of an A3M the query is folded",
    arguments: [
      ("a.a3m", String(searched.dropFirst(5))), ("a.fasta", searched), ("a.fasta", String(searched.dropFirst(5))),
      ("-", searched),
    ])
  func a3m(file: String, content: String) throws {
    let ran =
      file == "-" ? try Binary.fold(["-"], to: out, input: Data(content.utf8)) : try fold(content, file: file)
    #expect(ran.status == 0, "\(ran.error)")
    #expect(ran.error.contains("the query of an alignment (A3M) is folded, not the 2 sequences aligned to it\nhint: "))
    #expect(scratch.names("out") == ["q.pdb", "summary.tsv"])
    #expect(try residues("q").count == 7)
  }

  @Test func noA3M() throws {
    // Small letters or gaps alone make none, nor do records of different widths.
    for content in [
      ">q\nMKV\n>h\nMKVla\n", Self.alignment, ">q\nMKVA\n>h\nM-VA\n>i\nMK-A\n", ">q\nMKVA\n>h\nM-Vla\n",
      ">q\nMKva\n>h\nM-la\n",
    ] {
      let ran = try fold(content, ["--overwrite"])
      #expect(ran.status == 0 && !ran.error.contains("A3M"), "\(content)")
    }
    let chains = try fold("#4,4\t1,1\n>q\nNLYIQWL\n>h\nNL-IQWL\n", ["--overwrite"])
    #expect(
      chains.status == 1
        && chains.error.contains(
          "chains: found 4, 4 residues by the first line of the alignment, expected 7 in all, as the query has")
    )
    // Annotations of the HH-suite are no sequences.
    let annotated = ">ss_pred\nCCHHHHC\n>ss_conf\n9876543\n" + Self.searched.dropFirst(5)
    #expect(try fold(annotated, ["--overwrite"], file: "h.a3m").error.contains("record \"q\": the query"))
    #expect(try tokens(annotated, file: "h.a3m").map { $0.prefix(2) } == ["q=", "h=", "i="])
    #expect(try tokens(Self.searched, ["--gaps", "drop"]) == ["q=NLYIQWL", "h=NLIAAQWL", "i=NIQWL"])
    #expect(try tokens(Self.searched) == ["q=NLYIQWL", "h=NL-IQWL", "i=N--IQWL"])
  }

  @Test func nonstandard() throws {
    let ran = try fold(">a\nMUOBZJK\n", ["--nonstandard", "nearest"])
    #expect(ran.status == 0)
    #expect(try residues("a") == ["MET", "CYS", "LYS", "ASP", "GLU", "LEU", "LYS"])
    let x = try fold(">a\nMUK\n", ["--overwrite"])
    #expect(x.error.contains("'U' at 2: not an amino acid, folded as X (no atoms); --nonstandard nearest folds U as C"))
    #expect(try residues("a") == ["MET", "LYS"])
  }

  // === Names ===

  @Test("Every command gives the same names, and a record at the end changes none") func names() throws {
    let fasta = ">dup\nMKV\n>dup\nXXX\n>dup_2\nMKVA\n>dup\nMKVAA\n>DUP\nMKVAAA\n"
    let expected = ["dup", "dup_2", "dup_2_2", "dup_3", "DUP_4"]
    let model = ["--model", Fixtures.path("family/esm2")], file = try scratch.file("n.fasta", fasta)
    // The record of X alone cannot be folded, but has its name.
    #expect(try Binary.fold([file], to: out).status == 1)
    #expect(Set(try rows().map { $0[0] }) == Set(expected))
    #expect(try rows().filter { $0[8] == "failed" }.map { $0[0] } == ["dup_2"])
    let score = try Binary.run(["score", file] + model)
    #expect(score.output.split(separator: "\n").dropFirst().map { String($0.prefix { $0 != "\t" }) } == expected)
    let embedded = try Binary.run(["embed", file, "-o", scratch.path + "/npy", "--format", "npy"] + model)
    #expect(embedded.status == 0)
    #expect(scratch.names("npy").filter { $0.hasSuffix(".npy") } == expected.map { $0 + ".npy" }.sorted())
    for end in 1...5 {
      let part = fasta.split(separator: ">").prefix(end).map { ">" + $0 }.joined()
      #expect(try tokens(part).map { String($0.prefix { $0 != "=" }) } == Array(expected[..<end]))
    }
  }

  @Test func namesByFile() throws {
    let one = try scratch.file("one.fasta", ">sequence_1\nMKV\n"),
      two = try scratch.file("b c.fa", ">x\nMKVA\n>y\nMKVG\n")
    let ran = try Binary.fold([one, two, "-"], to: out, ["--name-by", "file"], input: Data(">z\nMKVV\n".utf8))
    #expect(ran.status == 0)
    #expect(scratch.names("out") == ["b_c.pdb", "b_c_2.pdb", "one.pdb", "summary.tsv", "z.pdb"])
    #expect(try tokens(">x\nMKV\n", ["--name-by", "file"], file: "d.fasta") == ["d=MKV"])
  }

  // === Confidence by residue ===

  @Test func confidence() throws {
    let ran = try fold(">a\nMKUVL\n", ["--plddt"])
    #expect(ran.status == 0 && scratch.names("out") == ["a.pdb", "a.plddt.tsv", "summary.tsv"])
    let lines = try scratch.text("out/a.plddt.tsv").split(separator: "\n").map {
      $0.split(separator: "\t").map(String.init)
    }
    #expect(lines.first == ["residue", "letter", "plddt"])
    #expect(lines.dropFirst().map { $0[0] } == ["1", "2", "3", "4", "5"])
    #expect(lines.dropFirst().map { $0[1] } == ["M", "K", "X", "V", "L"])
    // The column of the B-factors, of which X has none.
    let factors = try scratch.text("out/a.pdb").split(separator: "\n")
      .filter { $0.hasPrefix("ATOM") && $0.dropFirst(12).prefix(4) == " CA " }
      .map { $0.dropFirst(60).prefix(6).trimmingCharacters(in: .whitespaces) }
    #expect(lines.dropFirst().map { $0[2] } == [factors[0], factors[1], "NA", factors[2], factors[3]])
    // It belongs to the files that make a record complete.
    try FileManager.default.removeItem(atPath: out + "/a.plddt.tsv")
    #expect(try fold(">a\nMKUVL\n").error.contains("folded 0, skipped 1"))
    #expect(try fold(">a\nMKUVL\n", ["--plddt"]).error.contains("folded 1, skipped 0"))
    #expect(try fold(">a\nMKUVL\n", ["--plddt"]).error.contains("folded 0, skipped 1"))
  }

  @Test("Headers never reach the terminal as they are") func escapes() throws {
    let ran = try fold(
      ">a\u{1B}[31mred\u{7} \u{1B}]0;x\u{7}\nMK@\n>b\u{9B}2J\nMKU-\n>c\n--\n>d\u{202E}e mol:na\nACGT\n")
    #expect(ran.status == 1)
    let isPlain = ran.error.unicodeScalars.allSatisfy {
      $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value) && $0.value != 0x202E)
    }
    #expect(isPlain, "\(ran.error.debugDescription)")
  }
}
