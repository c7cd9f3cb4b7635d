// Every intermediate tensor of a fold against the reference.

import ESMFoldKit
import Folding
import Protein
import Synchronization
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in another order through up to nine blocks and three passes, relative to a tensor's largest magnitude.
/// The reference itself is within 1.2e-5 of its float64 version.
private let activationTolerance: Float = 2e-4
/// Å, on the final coordinates.
private let coordinateTolerance: Float = 0.002
/// On the scale 0–100.
private let plddtTolerance: Float = 0.02

@Suite("Parity with the reference") struct ParityTests {
  init() { Buffer.isPoisoned = true }

  /// Names in order of computation, so that the first difference is the cause of the others.
  static func order(_ name: String) -> [Int] {
    let stages = ["esm", "esm_s", "s_s_0", "trunk", "lddt_head"]
    let steps = [
      "s_in", "z_in", "blocks", "s_s", "s_z", "structure_module", "recycle_bins", "pair_to_sequence", "seq_attention",
      "mlp_seq", "sequence_to_pair", "tri_mul_out", "tri_mul_in", "tri_att_start", "tri_att_end", "mlp_pair", "ipa",
      "states", "frames", "unnormalized_angles", "angles", "sidechain_frames", "positions",
    ]
    return name.split(separator: ".").map { part in
      Int(part) ?? stages.firstIndex(of: String(part)) ?? steps.firstIndex(of: String(part)) ?? 99
    }
  }

  @Test("Every intermediate", arguments: Golden.all, [1, 2]) func intermediates(_ golden: Golden, _ threads: Int) throws
  {
    let file = try golden.open()
    let expected = try file.allValues()
    let found = Mutex<[String: [Float]]>([:])
    let tap = Tap { name, values in found.withLock { $0[name] = values } }
    _ = try Self.run(golden, file, threads: threads, tap: tap)

    // Final outputs have separate names in the next test.
    let names = expected.keys.filter { $0.contains(".") && !$0.hasSuffix(".rows") || $0 == "esm_s" || $0 == "s_s_0" }
    #expect(!names.isEmpty)
    for name in names.sorted(by: { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }) {
      let values = try #require(found.withLock { $0[name] }, "\(golden.testDescription): no \(name)")
      let closeness = Closeness(values, expected[name] ?? [])
      try #require(
        closeness.isWithin(relative: activationTolerance),
        "\(golden.testDescription): first difference in \(name): \(closeness)")
    }
  }

  @Test("Final outputs", arguments: Golden.all) func outputs(_ golden: Golden) throws {
    let file = try golden.open()
    let expected = try file.allValues()
    let (output, residues) = try Self.run(golden, file, threads: 2)
    let tensors = try #require(output.tensors)

    let positions = Closeness(output.structure.positions, expected["positions"] ?? [])
    #expect(positions.maximum <= coordinateTolerance, "positions: \(positions)")
    let plddt = Closeness(output.confidence.plddt, (expected["plddt"] ?? []).map { 100 * $0 })
    #expect(plddt.maximum <= plddtTolerance, "plddt: \(plddt)")

    // Every final tensor of the file, and rows of those too large for it.
    let rows = try (file.metadata["rows"] ?? "").split(separator: ",").map { try #require(Int($0)) }
    let found: [String: [Float]] = [
      "ptm": [output.confidence.ptm], "predicted_aligned_error": output.confidence.predictedAlignedError,
      "max_predicted_aligned_error": [ConfidenceHeads.maximumPredictedAlignedError],
      "distogram_logits": tensors.distogramLogits, "lm_logits": tensors.lmLogits, "s_s": tensors.sS, "s_z": tensors.sZ,
      "frames": tensors.frames, "angles": tensors.angles, "aatype": tensors.aatype.map(Float.init),
      "s_z.rows": Self.rows(rows, of: tensors.sZ, length: residues.count),
      "distogram_logits.rows": Self.rows(rows, of: tensors.distogramLogits, length: residues.count),
    ]
    for (name, values) in found {
      guard let wanted = expected[name] else { continue }
      let closeness = Closeness(values, wanted)
      #expect(closeness.isWithin(relative: activationTolerance), "\(golden.testDescription): \(name): \(closeness)")
    }
    let exists = residues.flatMap { residue in
      (0..<ResidueConstants.atom37Count).map { ResidueConstants.exists(atomType: $0, in: residue) ? Float(1) : 0 }
    }
    #expect(exists == expected["atom37_atom_exists"])
  }

  @Test("One thread and two give the same bits", arguments: ["folding-a", "folding-b"])
  func threads(_ model: String) throws {
    let golden = Golden(model: model, name: "L47-rdefault")
    let file = try golden.open()
    let (one, _) = try Self.run(golden, file, threads: 1), (two, _) = try Self.run(golden, file, threads: 2)
    #expect(one.structure.positions == two.structure.positions)
    #expect(one.confidence.plddt == two.confidence.plddt && one.confidence.ptm == two.confidence.ptm)
    #expect(one.tensors?.sZ == two.tensors?.sZ && one.tensors?.sS == two.tensors?.sS)
  }

  private static func rows(_ rows: [Int], of values: [Float], length: Int) -> [Float] {
    let width = values.count / length
    return rows.flatMap { values[$0 * width..<($0 + 1) * width] }
  }

  private static func run(
    _ golden: Golden, _ file: Safetensors, threads: Int, tap: Tap = .none
  ) throws -> (FoldingModel.Output, [ResidueType]) {
    let model = try FoldingModel(Golden.store(golden.model))
    let sequence = try #require(file.metadata["sequence"])
    let residues = sequence.utf8.map(ResidueType.init(letter:))
    let passes = golden.hasDefaultRecycles ? model.configuration.folding.trunk.defaultPasses : 1
    let states = model.read([ChainLayout(residues)], threads: Threads(threads), tap: tap)[0]
    let output = model.fold(
      states, passes: FoldingModel.Passes(passes), keeping: .tensors, threads: Threads(threads), tap: tap)
    return (output, residues)
  }
}
