// `esmfold score` with variants, as a user runs it: notations, tables with scores of their own, CSV.

import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Scores are printed with five decimals, and sums of logits differ in the last digits.
private let printed = 1e-3

@Suite(.timeLimit(minutes: 20)) struct VariantBinaryTests {
  private static let sequence = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELS"

  private static func run(
    _ options: [String], fasta: String = ">wt\n\(sequence)\n", model: String = "esm2"
  ) throws -> Binary.Ran {
    try Binary.run(["score", "--model", Fixtures.path("family/\(model)")] + options, input: Data(fasta.utf8))
  }

  private static func table(_ ran: Binary.Ran) -> [[String]] {
    ran.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test(
    "Deletions, insertions, duplications and delins have the reference's scores",
    arguments: ["masked-marginals", "wt-marginals", "pseudo-ll"])
  func indels(_ method: String) throws {
    let file = try Safetensors(Fixtures.path("family/esm2/indels.safetensors"))
    let variants = try #require(file.metadata["variants"]).split(separator: " ").map(String.init)
    let name = method == "pseudo-ll" ? "scores.masked" : "scores.unmasked"
    let expected = try #require(try file.tensors().first { $0.name == name }).floats().map(Double.init)
    let scratch = try ScratchFolder()
    // As in MaveDB.
    let path = try scratch.file("mave.csv", "accession,hgvs_pro\n" + variants.map { "urn:1,\($0)\n" }.joined())
    let ran = try Self.run(["--method", method, "--variants", path])
    let rows = Self.table(ran)
    #expect(ran.status == 0 && rows.count == 14, "\(ran.error)")
    #expect(rows.map { $0[1] } == ["hgvs_pro"] + variants)
    for (row, value) in zip(rows.dropFirst(), expected) { #expect(abs((Double(row[2]) ?? .nan) - value) < printed) }
    let note = "13 of 13 variants delete, insert, duplicate or replace residues: their score is the difference"
    #expect(ran.error.contains(note) == (method != "pseudo-ll"))
  }

  @Test("The table of variants is not written over") func ownTable() throws {
    let scratch = try ScratchFolder(), path = try scratch.file("v.csv", "mutant\nK2R\n")
    let ran = try Self.run(["--variants", path, "-o", path])
    #expect(ran.status == 1 && ran.error.contains("the output is also an input"))
    #expect(try scratch.text("v.csv") == "mutant\nK2R\n")
  }

  @Test("HGVS means the same as the short notation; what has no score is named and the others are scored")
  func notations() throws {
    let hgvs = "p.Lys2Arg,p.(Lys2Arg),Lys2Arg,p.K2R,NP_000537.3:p.Lys2Arg,K2R,p.=,p.Lys2=,p.[Lys2Arg;Thr3Ala],K2R:T3A"
    let ran = try Self.run(["--variant", hgvs])
    let scores = Self.table(ran).dropFirst().map { $0[1] }
    #expect(ran.status == 0 && scores.count == 10 && Set(scores[..<6]).count == 1 && scores[0] != "0.00000")
    #expect(scores[6...7] == ["0.00000", "0.00000"] && scores[8] == scores[9] && scores[8] != scores[0])
    #expect(!ran.error.contains("warning") && ran.error.contains("scored 10, failed 0"))
    let wrong = try Self.run(["--variant", "p.Lys2Ter,K2R,p.Lys2fs,A+5G,c.4A>G,p.Met1ext-5,p.?"])
    #expect(
      wrong.status == 1
        && Self.table(wrong).dropFirst().map { $0[1] == "NA" } == [true, false, true, true, true, true, true])
    for what in [
      "a stop (Ter, *)", "a frameshift (fs)", "a change of nucleotides", "an extension (ext)", "an unknown effect (?)",
    ] {
      #expect(wrong.error.contains(": found \(what), expected "), "\(what)")
    }
    #expect(
      wrong.error.contains("error: --variant: variant: found \"A+5G\", expected a change such as A24G, p.Ala24Gly"))
    #expect(wrong.error.contains("scored 1, failed 6"))
    #expect(wrong.error.contains("\nhint: the protein that results can be scored as a sequence of its own"))
    // All of another protein, numbered from 21.
    let shifted = try Self.run(["--variant", "p.Lys22del,M21_K22insW"])
    #expect(shifted.status == 1 && shifted.error.contains("with --offset 21 all 2 of them fit the sequence"))
    let two = try Self.run(["--variant", "NP_1.1:p.Lys2Arg,NP_2.1:p.Lys2Arg,K2R"])
    #expect(
      two.status == 0 && two.error.contains("warning: variants: found 2 names of sequences (\"NP_1.1\", \"NP_2.1\")"))
  }

  @Test("A table with scores of its own keeps them") func ownScores() throws {
    let scratch = try ScratchFolder()
    let own = try scratch.file("own.csv", "mutant,score\nK2R,-1.5\nfoo,2\n")
    let ran = try Self.run(["--variants", own])
    let rows = Self.table(ran)
    #expect(rows[0] == ["mutant", "score", "esm_score"] && rows[1][1] == "-1.5" && rows[2] == ["foo", "2", "NA"])
    let note = "the table has a column score of its own, which is kept; the new scores are in esm_score\n"
    #expect(ran.status == 1 && ran.error.components(separatedBy: note).count == 2)
    let both = try scratch.file("both.tsv", "Score\tESM_score\tmutant\tesm_score_2\n1\t2\tK2R\t3\n")
    let third = try Self.run(["--variants", both])
    #expect(third.output.hasPrefix("Score\tESM_score\tmutant\tesm_score_2\tesm_score_3\n1\t2\tK2R\t3\t"), "\(third)")
    #expect(third.status == 0 && third.error.contains("the new scores are in esm_score_3"))
    let none = try scratch.file("none.csv", "mutant,DMS_score\nK2R,1\n")
    let plain = try Self.run(["--variants", none])
    #expect(plain.output.hasPrefix("mutant\tDMS_score\tscore\n") && !plain.error.contains("of its own"))
  }

  @Test("The name of the result says what separates its columns", arguments: ["x.csv", "x.CSV", "x.tsv", "x.txt", "x"])
  func separators(_ name: String) throws {
    let scratch = try ScratchFolder()
    let csv =
      "mutant,\"a \"\"b\"\"\",note\nK2R,\"x, y\",\"tab\there\"\n\"p.[Lys2Arg;Thr3Ala]\",\"line\nend\",\\\nfoo,,\n"
    let path = try scratch.file("v.csv", csv), output = scratch.path + "/" + name
    let ran = try Self.run(["--variants", path, "-o", output])
    let text = try String(contentsOfFile: output, encoding: .utf8)
    let scores = Self.table(try Self.run(["--variants", path])).dropFirst().map { $0[3] }
    #expect(ran.status == 1 && scores.count == 3 && scores[2] == "NA" && scores[0] != scores[1])
    if name.lowercased() == "x.csv" {
      #expect(
        text == "mutant,\"a \"\"b\"\"\",note,score\nK2R,\"x, y\",tab\there,\(scores[0])\n"
          + "p.[Lys2Arg;Thr3Ala],\"line\nend\",\\,\(scores[1])\nfoo,,,NA\n")
    } else {
      #expect(
        text == "mutant\ta \"b\"\tnote\tscore\nK2R\tx, y\ttab\\there\t\(scores[0])\n"
          + "p.[Lys2Arg;Thr3Ala]\tline\\nend\t\\\\\t\(scores[1])\nfoo\t\t\tNA\n")
    }
    // What was written is read again, with the column of scores as one of its own.
    let again = try Self.run(["--variants", output, "--column", "mutant"])
    #expect(Self.table(again).map { $0.last } == ["esm_score"] + scores)
  }

  @Test("The other tables have commas in a file that says so, and no other promise is broken")
  func otherTables() throws {
    let scratch = try ScratchFolder()
    let fasta = Data(">a,b\nMK<mask>VRQERLKSIVRILERSK\n".utf8)
    for (command, model, header) in [
      ("score", "esm2", "name,length,method,log_likelihood,perplexity\n"),
      ("fill", "esm2", "name,position,rank,residue,"),
      ("contacts", "esm2", "name,i,j,"), ("classify", "tokens", "name,position,residue,label,"),
      ("tokenize", "esm2", "a_b,0 20 15 32 7 "),
    ] {
      let output = scratch.path + "/\(command).csv"
      let options = [command, "--model", Fixtures.path("family/\(model)"), "-o", output]
      let ran = try Binary.run(options + (command == "contacts" ? ["--min-probability", "0"] : []), input: fasta)
      let text = try String(contentsOfFile: output, encoding: .utf8)
      #expect(ran.status == 0 && text.hasPrefix(header) && !text.contains("\t"), "\(command) \(ran.error) \(text)")
      #expect(text.split(separator: "\n").count > (command == "tokenize" ? 0 : 1))
      for ending in ["h5", "npy", "parquet", "pt", "JSON"] {
        let wrong = try Binary.run(options.dropLast() + ["\(scratch.path)/x.\(ending)"], input: fasta)
        #expect(wrong.status == 2 && wrong.error.contains("\", expected a name for"), "\(wrong)")
      }
    }
    let json = [
      "classify", "--model", Fixtures.path("family/tokens"), "--format", "json", "-o", scratch.path + "/x.json",
    ]
    #expect(try Binary.run(json, input: fasta).status == 0)
    let matrix = ["contacts", "--model", Fixtures.path("family/esm2"), "--format", "h5", "-o", scratch.path + "/x.csv"]
    let wrong = try Binary.run(matrix, input: fasta)
    #expect(wrong.status == 2 && wrong.error.contains("\nhint: --format tsv writes a table"), "\(wrong)")
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: scratch.path)).isSuperset(of: ["x.json", "fill.csv"]))
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/x.csv"))
  }

  @Test("A variant that is too long for the model fails alone") func tooLong() throws {
    // The model has learned 41 positions, so 39 residues fit.
    let fasta = ">wt\nMKTVRQERLKSIVRILERSKEPVSGAQLAEELSVSRQWW\n"
    let options = ["--variant", "M1dup,M1K,M1del,M1delinsK,M1_K2dup,K2_T3insWW:S24_A26del"]
    for method in ["wt-marginals", "pseudo-ll"] {
      let ran = try Self.run(["--method", method] + options, fasta: fasta, model: "esm1b")
      let rows = Self.table(ran).dropFirst()
      #expect(ran.status == 1 && rows.map { $0[1] == "NA" } == [true, false, false, false, true, false], "\(ran)")
      let message = "variant M1_K2dup: found 43 tokens with <cls> and <eos>, expected at most 41"
      #expect(ran.error.contains("error: --variant: \(message)") && ran.error.contains("\nhint: --long windows"))
    }
  }
}
