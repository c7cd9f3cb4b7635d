// Text written by users: FASTA, plain or compressed, and tables of variants.

import CommandLineTool
import ESMFoldKit
import Glibc
import Platform
import Protein

extension Subject {
  package static let fasta = Subject(
    name: "fasta",
    seeds: { files, _ in
      let demo = try WholeFile.read("\(files.folder)/../../Examples/demo.fasta")
      let texts = [
        ">a b\nMKT<mask>YIA*\n", "\u{FEFF}>x\r\nACDEFGHIKL 10\r\nMNPQ\r\n\r\n", "MKTY\nMKTY\nMK\n\nACD\nACDEF\n",
        ">\n\n>e\n>d:1\nACD:EFG/HIK\n;c\n>é é\nA\u{E9}C-.*BJOUZX\n", "ACGTACGTACGT\n", "  1 MKT\t\u{0B}\u{0C}\n>",
        ">a\nNL-Iq..\n--\n>b\nGI5V\n\u{FEFF}>c mol:na DNA\nCTHT\n--\n", "#20,3\t1,2\n>q\nMKV\n>h\nM-lV\n",
        "P04637\tMKVLA\nP38398\tMKVLA\n", "1 MKVLL MKVLL\n11 MKVLL\n\n 2 5\na MKVLA\nb MKVLA\n",
        ">b\nAC<pad><unk><null_1><MASK><bad><", ">n\nAC\0DE\n>m\nACD",
      ]
      return try [demo] + texts.map { [UInt8]($0) } + files.contents("fuzz/fasta", endings: [""])
    },
    tokens: words("> >sp| >P1; ; # -- #20 <mask> <cls> <null_1> * - . : / \u{FEFF} é 10 ACGTACGT MKTAYIAKQR")
      + [[0], [0x0D], [0x0A], [0x0D, 0x0A], [0x1F, 0x8B, 8, 0], [0xC3], [0xF0, 0x9F]],
    mutate: { bytes, mutator in mutator.change(&bytes) },
    read: { bytes, bench in
      let path = try bench.write(bytes, as: "x.fasta")
      var records = 0
      let choices = [
        FASTARules(), FASTARules(.tokens), FASTARules(gaps: .keep, nonstandard: .nearest, isA3M: true),
        FASTARules(.tokens, gaps: .error, readsLines: true),
      ]
      for rules in choices {
        // The records must be the same however the input is split.
        let piece = 2 + bytes.count % 61
        let whole = try Self.records(path, rules, piece: 1 << 16)
        let parts = try Self.records(path, rules, piece: piece)
        precondition(whole == parts, "pieces of \(piece) bytes change the records")
        records += whole.count { $0.record != nil }
      }
      if records == 0 { throw FuzzError.refused("no record") }
    })

  /// A record, or its error.
  private struct FASTAOutcome: Equatable {
    var record: FASTARecord?
    var message: String?
  }

  /// The outcome of reading a file in pieces.
  private static func records(_ path: String, _ rules: FASTARules, piece: Int) throws -> [FASTAOutcome] {
    var parser = FASTAParser(file: "x", rules: rules)
    var records: [FASTARecord] = [], outcomes: [FASTAOutcome] = []
    func take() {
      while let item = parser.next() {
        switch item {
        case .success(let record):
          precondition(!record.sequence.isEmpty && record.residueTypes.count == record.sequence.count)
          records.append(record)
          outcomes.append(FASTAOutcome(record: record))
        case .failure(let error): outcomes.append(FASTAOutcome(message: error.description))
        }
      }
    }
    do {
      try InputFile.read(path, pieceSize: piece) { bytes in
        parser.push(bytes)
        take()
      }
      parser.finish()
      take()
    } catch {
      // How much of a damaged stream is decompressed before the damage is detected depends on the pieces.
      outcomes = [FASTAOutcome(message: "\(error)")]
    }
    var register = UniqueNames()
    let names = records.map { register.claim(FileName.sanitized($0.name)) }
    precondition(Set(names).count == names.count && names.allSatisfy { !$0.isEmpty && !$0.contains("/") })
    for record in records.prefix(20) {
      _ = Tokenizer.standard.encode(String(decoding: record.sequence.prefix(1000), as: UTF8.self))
    }
    return outcomes
  }

  package static let variants = Subject(
    name: "variants",
    seeds: { files, _ in
      try [
        "mutant,score\nA24G,1\nA24G:K30R,0.5\n", "hgvs_pro\np.[(Met1Ala;Lys2_Tyr5delinsGlnSer)]\np.Ala4dup\n",
        "name\tVariant\r\nx\tM1K\r\n",
        "\u{FEFF}mutation\n\"A1\"\"C\"\n\"a\nb\",\n",
      ]
      .map { [UInt8]($0) } + files.contents("fuzz/variants", endings: [""])
    },
    tokens: words(
      "mutant variant mutation hgvs_pro A24G K30R: p. Ala Lys ( ) [ ] ; _ = del ins dup fs Ter ? NP_1: \"\" -1 99999999999999999999 ß"
    ) + [
      [0x22], [0x2C], [9], [13, 10],
    ],
    mutate: { bytes, mutator in mutator.change(&bytes) },
    read: { bytes, _ in
      let table = try VariantTable(bytes, path: "x.csv", column: nil)
      var first: (any Error)?
      for row in table.rows {
        precondition(row.fields.count == table.columns.count)
        do {
          let variant = try Variant(row.fields[table.column])
          _ = (try? variant.placed(in: Array("MKTAYIAKQR")))?.applied(to: Array("MKTAYIAKQR"))
          let again = try Variant("\(variant)")
          precondition(again.changes == variant.changes, "a variant is not what it says")
        } catch {
          first = first ?? error
        }
      }
      if let first { throw first }
    })
}
