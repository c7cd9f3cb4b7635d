// How variants are written, and where they are in a sequence.

import ESMFoldKit
import Testing

@Suite("Variants") struct VariantTests {
  @Test("Substitutions, one or several, in either case") func substitutions() throws {
    #expect(try Variant("A24G").changes == [.substitution(.init("A", 24), by: "G")])
    #expect(try Variant("a24g:k-3r").description == "A24G:K-3R")
    #expect(try Variant("A24G").reference == nil)
  }

  @Test(
    "The notation of the HGVS means the same as the short one",
    arguments: [
      ("p.Leu2Lys", "L2K"), ("p.(Leu2Lys)", "L2K"), ("Leu2Lys", "L2K"), ("LEU2LYS", "L2K"), ("p.L2K", "L2K"),
      ("p.(L2K)", "L2K"), ("Leu2K", "L2K"), ("p.Sec5Xaa", "U5X"), ("p.Asx1Glx", "B1Z"), ("p.Pyl-7Trp", "O-7W"),
      ("p.Leu2=", "L2L"), ("L2=", "L2L"), ("p.(Leu2=)", "L2L"), ("p.Leu2%3D", "L2L"), ("p.=", "="), ("=", "="),
      ("p.(=)", "="), ("p.[Leu2Lys;Gly4Ala]", "L2K:G4A"), ("p.[(Leu2Lys);(Gly4Ala)]", "L2K:G4A"),
      ("p.[(Leu2Lys;Gly4Ala)]", "L2K:G4A"), ("p.([Leu2Lys;Gly4Ala])", "L2K:G4A"), ("Leu2Lys:G4A", "L2K:G4A"),
      ("p.Lys23del", "K23del"), ("p.Lys23_Val25del", "K23_V25del"), ("K23_V25del", "K23_V25del"),
      ("p.Lys2_Met3insGlnSerLys", "K2_M3insQSK"), ("K2_M3insQSK", "K2_M3insQSK"), ("p.K2_M3insALA", "K2_M3insALA"),
      ("p.Lys2_Met3insAla", "K2_M3insA"), ("p.Val7dup", "V7dup"), ("p.(Lys23_Val25dup)", "K23_V25dup"),
      ("p.Cys28delinsTrpVal", "C28delinsWV"), ("p.Cys28_Lys29delinsTrp", "C28_K29delinsW"),
      ("NP_000537.3:p.Arg175His", "R175H"), ("NP_000537.3:p.(Arg175His)", "R175H"), ("Q9Y5B9:p.Arg175His", "R175H"),
      ("NM_000546.6(TP53):c.524G>A (p.Arg175His)", "R175H"), ("TP53:NM_000546:exon5:c.524G>A:p.R175H", "R175H"),
      ("p.[Leu2Lys;Lys2_Met3insGln]", "L2K:K2_M3insQ"), ("p.[Lys2_Met3insGln;Met3Ala]", "K2_M3insQ:M3A"),
    ])
  func notation(_ text: String, _ short: String) throws {
    let variant = try Variant(text)
    #expect(variant.description == short)
    #expect(try Variant(short).changes == variant.changes)
  }

  @Test(
    "The name of a sequence is kept, without the variant's name in others",
    arguments: [
      ("NP_000537.3:p.Arg175His", "NP_000537.3"), ("NM_000546.6(TP53):c.524G>A (p.Arg175His)", "NM_000546.6(TP53)"),
      ("TP53:NM_000546:exon5:c.524G>A:p.R175H", "TP53"),
    ])
  func reference(_ text: String, _ name: String) throws { #expect(try Variant(text).reference == name) }

  @Test(
    "Texts that are not variants",
    arguments: [
      "", "A", "24", "AG", "A24", "24G", "A2.4G", "A24G:", ":", "A24G K30R", "Å24G", "A+5G", "A 5G", "A5 G", "A--5G",
      "A٣G",
      "A99999999999999999999G", "A5GG", "A5g7", "A0x5G", "p.", "p.()", "p.[]", "p.[Leu2Lys", "p.Leu2Lys]",
      "p.[Leu2Lys;]",
      "p.((Leu2Lys))", "p.p.Leu2Lys", ":p.Leu2Lys", "A24G:p.Lys30Arg", "p.Leu2Lys:p.Gly4Ala", "x:A24G:p.Lys30Arg",
      "del",
      "p.Lys23_Val25", "p.Lys23_Val25Ala", "p.Lys23_Val25=", "p.Lys2_Met3ins", "p.Cys28delins", "p.Lys2_Met3ins-",
      "K2_delM3",
      "p.Leu2Lys;Gly4Ala", "p.[Leu2Lys,Gly4Ala]", "p.Leu2Lys ", "p.Leu2Lys\n", "\u{1B}[31mA5G", "rs7412", "_wt", "NA",
    ])
  func malformed(_ text: String) {
    #expect(throws: VariantError.malformed(text)) { try Variant(text) }
  }

  @Test(
    "What has no score is named",
    arguments: [
      ("p.Trp24Ter", VariantError.Unsupported.stop), ("p.Trp24*", .stop), ("W24*", .stop), ("p.Ter110Gln", .stop),
      ("p.Lys2_Met3insGlnTer", .stop), ("p.Cys28delinsTrp*", .stop), ("p.(Trp24TER)", .stop), ("*110Q", .stop),
      ("p.Arg97ProfsTer23", .frameshift), ("p.Arg97fs", .frameshift), ("p.(Arg97Profs*23)", .frameshift),
      ("p.Met1ext-5", .extension), ("p.Ter110GlnextTer17", .extension), ("p.*110Glnext*17", .extension),
      ("p.?", .unknown), ("p.(?)", .unknown), ("p.Met1?", .unknown), ("p.Lys23_?del", .unknown), ("?", .unknown),
      ("p.Lys2_Met3ins?", .unknown), ("p.0", .noProtein), ("p.0?", .noProtein),
      ("c.88+2T>G", .nucleotides), ("g.123A>G", .nucleotides), ("NM_004006.2:c.76A>T", .nucleotides),
      ("r.76a>u", .nucleotides), ("m.3243A>G", .nucleotides), ("n.5C>T", .nucleotides),
      ("p.[Leu2Lys];[Gly4Ala]", .alternatives), ("p.[Leu2Lys(;)Gly4Ala]", .alternatives),
      ("p.(Gly56Ala^Ser^Cys)", .alternatives), ("p.Trp24=/Cys", .alternatives), ("p.[Leu2=/Leu2Lys]", .alternatives),
      ("p.Ala2[10]", .repeats), ("p.Ala2_Pro5[10]", .repeats), ("p.Lys2_Met3insXaa[5]", .repeats),
      ("p.Lys23delLys", .namedResidues), ("p.Lys23_Val25delKLV", .namedResidues), ("p.Val7dupVal", .namedResidues),
      ("p.Lys2_Met3ins34", .unnamedResidues), ("p.Lys2_Met3ins(5)", .unnamedResidues),
    ])
  func unsupported(_ text: String, _ kind: VariantError.Unsupported) {
    #expect(throws: VariantError.unsupported(text, kind)) { try Variant(text) }
  }

  @Test("Other mistakes are named, too")
  func mistakes() {
    let expected: [(String, VariantError)] = [
      ("p.Lex2Lys", .code("p.Lex2Lys", "Lex")), ("p.Leu2Lyx", .code("p.Leu2Lyx", "Lyx")),
      ("p.Lys2_Met3insGlnSex", .code("p.Lys2_Met3insGlnSex", "Sex")), ("K2_M3insqsk", .code("K2_M3insqsk", "qsk")),
      ("K2_M3insGlnSe", .code("K2_M3insGlnSe", "Se")), ("A1G:A1C", .repeated("A1G:A1C", number: 1)),
      ("p.Val25_Lys23del", .order("p.Val25_Lys23del", 25, 23)),
      ("p.Lys23_Lys23del", .order("p.Lys23_Lys23del", 23, 23)),
      ("p.Lys2_Met4insGln", .notNeighbours("p.Lys2_Met4insGln", 2, 4)),
      ("p.Lys2insGln", .oneNeighbour("p.Lys2insGln", 2)),
    ]
    for (text, error) in expected { #expect(throws: error) { try Variant(text) } }
  }

  @Test(
    "Two changes at the same place are refused",
    arguments: [
      "K23_V25del:L24A", "K23del:K23A", "K2_M3insQ:K2_M3insS", "K2_M3insQ:K2_M3del", "M3_A5delinsW:A5dup", "V7dup:V7A",
      "V7dup:V7_A8insQ", "A9G:K2_V25del", "K2_V25del:A9G",
    ])
  func overlaps(_ text: String) {
    #expect { try Variant(text) } throws: { error in
      if case .repeated? = error as? VariantError { true } else { false }
    }
  }

  @Test("A letter outside the vocabulary is not scored") func letters() throws {
    let tokenizer = Tokenizer.standard
    try Variant("A1G:M2X:U3_O4insBZ").check(tokenizer)
    let wrong: [(String, Character)] = [
      ("A1J", "J"), ("J1A", "J"), ("A1G:M2J", "J"), ("A1_M2insWJ", "J"), ("A1delinsJ", "J"), ("A1_J2del", "J"),
      ("Xle7dup", "J"),
    ]
    for (text, letter) in wrong {
      #expect { try Variant(text).check(tokenizer) } throws: { error in
        guard case .noToken(_, _, let found)? = error as? VariantError else { return false }
        return found == letter
      }
    }
  }

  @Test("Positions count from the first residue's number") func positions() throws {
    func changed(_ text: String, _ offset: Int = 1) throws -> String {
      let sequence = Array("MKTA")
      return String(try Variant(text).placed(in: sequence, offset: offset).applied(to: sequence))
    }
    #expect(try changed("M1A:A4G") == "AKTG" && changed("M0A:A3G", 0) == "AKTG" && changed("M21A", 21) == "AKTA")
    #expect(try changed("A24dup", 21) == "MKTAA" && changed("M-5_K-4insW", -5) == "MWKTA")
    #expect(try changed("T3A:K2_T3insWW:M1del") == "KWWAA" && changed("M1dup:K2R") == "MMRTA")
    #expect(try changed("M1_T3del") == "A" && changed("p.=") == "MKTA" && changed("K2=") == "MKTA")
    let wrong = [
      ("M0A", 1), ("A5G", 1), ("K1R", 1), ("M1A", 2), ("M1A", Int.min), ("M1A", Int.max), ("K2_A5del", 1),
      ("M1_A3del", 1),
      ("A4_G5insW", 1), ("M2dup", 1), ("A1_K2insW", 1), ("K2_A3insW", 1),
    ]
    for (text, offset) in wrong {
      #expect(throws: VariantError.self, "\(text), \(offset)") { try changed(text, offset) }
    }
    #expect(throws: VariantError.nothingLeft("M1_A4del")) { try changed("M1_A4del") }
    #expect(try Variant("=").placed(in: []).growth == 0)
  }

  @Test("Messages show what was found without its control characters, and say what to do") func messages() {
    for error in [VariantError.malformed("\u{1B}[31m"), .code("\u{1B}", "\u{1B}"), .repeated("\u{1B}", number: 1)] {
      #expect(!"\(error)".contains("\u{1B}") && "\(error)".contains("expected"))
    }
    for kind in VariantError.Unsupported.allCases {
      let text = "\(VariantError.unsupported("\u{1B}", kind))"
      #expect(text.contains(": found ") && text.contains(", expected ") && text.contains("\nhint: "))
      #expect(!text.contains("\u{1B}"))
    }
  }
}
