// The files that `fold` writes, value by value against the reference.

import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in a different order through all blocks, relative to the largest magnitude; as `ParityTests`.
private let tolerance: Float = 2e-4
/// Å; a PDB file has three decimals.
private let coordinateTolerance = 0.003
/// On the scale 0-100; a PDB file has two decimals.
private let plddtTolerance = 0.03
/// A summary has two decimals of pLDDT and four of pTM; float32 sums affect the last ones.
private let meanTolerance = 0.03, ptmTolerance = 0.0003

@Suite(.timeLimit(minutes: 20)) struct FoldFileTests {
  /// A model, one of its golden files and its number of recycles.
  struct Case: CustomTestStringConvertible {
    let model: String, name: String, recycles: Int, isDefault: Bool
    var testDescription: String { "\(model)/\(name)" }
  }

  static let cases = [
    Case(model: "folding-a", name: "L13-r0", recycles: 0, isDefault: false),
    Case(model: "folding-b", name: "L13-rdefault", recycles: 1, isDefault: true),
    Case(model: "folding-d", name: "L5-rdefault", recycles: 1, isDefault: true),
  ]

  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  @Test("Every dataset, the structure and the line of the summary", arguments: cases)
  func all(_ golden: Case) throws {
    let file = try Safetensors(Fixtures.path("folding/\(golden.model)/\(golden.name).safetensors"))
    let expected = Dictionary(uniqueKeysWithValues: try file.tensors().map { ($0.name, ($0.shape, $0.floats())) })
    let sequence = try #require(file.metadata["sequence"]), n = sequence.count
    let options = golden.isDefault ? [] : ["--recycles", "\(golden.recycles)"]
    let ran = try Binary.run(
      [
        "fold", "-", "-o", scratch.path + "/out", "--save-tensors", "--model",
        Fixtures.path("folding/\(golden.model)"),
      ] + options, input: Data(">a\n\(sequence)\n".utf8))
    #expect(ran.status == 0, "\(ran.error)")

    let reader = try ArrayReader(scratch.path + "/out/a.tensors.h5")
    let found = try reader.arrays("/")
    let exact: [String: [Float]] = [
      "aatype": sequence.map { letter in
        Float(Array("ARNDCQEGHILKMFPSTWYV").firstIndex(of: letter) ?? 20)
      },
      "residue_index": (0..<n).map(Float.init),
    ]
    #expect(
      Set(found.keys)
        == [
          "positions", "plddt", "ptm", "predicted_aligned_error", "distogram_logits", "angles", "frames", "s_s", "s_z",
          "lm_logits", "aatype", "residue_index",
        ])
    for (name, array) in found {
      if let values = exact[name] {
        #expect(array == FoundArray(shape: [n], values: values), "\(name)")
        continue
      }
      guard let (shape, values) = expected[name] else {
        // Too large for the fixture of this length.
        #expect(name == "distogram_logits" && array.shape == [n, n, 64])
        continue
      }
      #expect(array.shape == (name == "ptm" ? [] : shape), "\(name)")
      let closeness = Closeness(array.values, name == "plddt" ? values.map { 100 * $0 } : values)
      #expect(closeness.isWithin(relative: tolerance), "\(name): \(closeness)")
    }
    // Swapped rows and columns of the error would show.
    let error = try #require(expected["predicted_aligned_error"]).1
    let turned = (0..<n * n).map { error[$0 % n * n + $0 / n] }
    #expect(!Closeness(error, turned).isWithin(relative: 100 * tolerance))
    #expect(try reader.text("sequence") == sequence)
    #expect(try reader.text("program")?.hasPrefix("esmfold ") == true)

    try structure(sequence, try #require(found["positions"]), try #require(found["plddt"]))
    try summary(golden, n, ptm: Double(try #require(expected["ptm"]).1[0]))
  }

  /// The atoms of the structure are those of the tensors.
  private func structure(_ sequence: String, _ positions: FoundArray, _ plddt: FoundArray) throws {
    let atoms = try PDBReader(Data(contentsOf: URL(fileURLWithPath: scratch.path + "/out/a.pdb"))).atoms
    #expect(!atoms.isEmpty)
    // N, CA and C are the first three of both orders.
    for (atom, name) in ["N", "CA", "C"].enumerated() {
      for (residue, letter) in sequence.enumerated() where letter != "X" {
        let line = try #require(atoms.first { $0.residueNumber == residue + 1 && $0.name == name })
        for axis in 0..<3 {
          let value = Double(positions.values[(residue * 14 + atom) * 3 + axis])
          #expect(abs(line.position[axis] - value) <= coordinateTolerance)
        }
        #expect(abs(line.bFactor - Double(plddt.values[residue * 37 + atom])) <= plddtTolerance)
      }
    }
  }

  private func summary(_ golden: Case, _ length: Int, ptm: Double) throws {
    let text = try scratch.text("out/summary.tsv")
    let columns =
      "name length mean_plddt ptm seconds recycles precision model status message header chains iptm "
      + "pair_iptm pair_pae pdockq ipsae passes samples best_sample finished machine"
    #expect(text.hasPrefix(columns.replacing(" ", with: "\t") + "\n"))
    let rows = summaryRows(text)
    try #require(rows.count == 1 && rows[0].count == 22)
    let row = rows[0]
    #expect(row[0] == "a" && row[1] == "\(length)")
    let atoms = try PDBReader(Data(contentsOf: URL(fileURLWithPath: scratch.path + "/out/a.pdb"))).atoms
    let mean = atoms.map(\.bFactor).reduce(0, +) / Double(atoms.count)
    #expect(abs((Double(row[2]) ?? .nan) - mean) <= meanTolerance, "\(row[2]), \(mean)")
    #expect(abs((Double(row[3]) ?? .nan) - ptm) <= ptmTolerance, "\(row[3]), \(ptm)")
    #expect(row[4].wholeMatch(of: /[0-9]+\.[0-9]{3}/) != nil)
    let rest = [
      "\(golden.recycles)", "fp32", golden.model, "ok", "", "a", "1", "NA", "NA", "NA", "NA", "NA",
      "\(golden.recycles + 1)", "1", "1",
    ]
    #expect(Array(row[5..<20]) == rest)
    #expect(row[20].wholeMatch(of: /20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/) != nil)
    #expect(row[21].wholeMatch(of: /.+, [0-9]+ threads?, (v4bf16|v4|v3|base)/) != nil)
  }

  @Test("The seconds of the summary are those of the fold and of the log") func seconds() throws {
    let ran = try Binary.fold(
      ["-"], to: scratch.path + "/out", ["-v", "--log-format", "json"],
      input: Data(
        ">a\n\(String(repeating: "MKVLAAGIVG", count: 8))\n".utf8))
    let events = try ran.error.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let row = try #require(summaryRows(try scratch.text("out/summary.tsv")).first)
    let seconds = try #require(Double(row[4]))
    let folded = try #require(events.first { $0["event"] as? String == "folded" })
    #expect(folded["seconds"] as? Double == seconds && seconds > 0)
    #expect(folded["mean_plddt"] as? Double == Double(row[2]) && folded["ptm"] as? Double == Double(row[3]))
    #expect(folded["length"] as? Int == 80)
    // Its stages are parts of it, and the run takes longer; each is rounded.
    let stages = events.filter { $0["event"] as? String == "timing" }.compactMap { $0["seconds"] as? Double }
    #expect(stages.count > 4 && stages.reduce(0, +) <= seconds + 0.001)
    let end = try #require(events.last { $0["event"] as? String == "end" })
    #expect((end["seconds"] as? Double ?? 0) >= seconds - 0.001)
    #expect((end["peak_bytes"] as? Int ?? 0) > 1 << 20)
  }

  @Test("A bf16 fold differs, and the summary states the precision") func precision() throws {
    let info = try Binary.run(["info"])
    let isFast = info.output.contains("fast (AVX512_BF16)")
    let input = Data(">a\nMKVLAAGIVGACDEFHNPQR\n".utf8)
    for precision in ["fp32", "bf16"] {
      let ran = try Binary.fold(["-"], to: scratch.path + "/" + precision, ["--precision", precision], input: input)
      #expect(ran.status == 0)
      let row = try #require(summaryRows(try scratch.text(precision + "/summary.tsv")).first)
      #expect(row[6] == (isFast ? precision : "fp32"))
    }
    #expect(
      FileManager.default.contentsEqual(atPath: scratch.path + "/fp32/a.pdb", andPath: scratch.path + "/bf16/a.pdb")
        != isFast)
  }
}
