// The reference's values of proteins longer than a tile: samples and fingerprints of every tensor.

import ESMFoldKit
import Folding
import Protein
import Synchronization
import Tensors
import TestSupport
import Testing
import Weights

/// One file of `Scripts/golden_long.py`: for every tensor the rows (for pairs also the columns) where tiles and
/// chunks begin and end, and two numbers for each row that depend on every element of it.
struct LongGolden: CustomTestStringConvertible {
  let model: String, length: Int

  var testDescription: String { "\(model)/long-\(length)" }

  static let all = [("folding-a", 131), ("folding-e", 131), ("folding-e", 270)].map {
    LongGolden(model: $0, length: $1)
  }

  /// The results of a run, keyed by the names of the goldens.
  typealias Found = [String: [Float]]

  let passes = 2

  func open() throws -> Safetensors {
    try Safetensors(Fixtures.path("folding/\(model)/long-\(length).safetensors"))
  }

  /// Folds the golden's sequence and collects every tensor, intermediate or final.
  func run(_ precision: Precision, threads: Int) throws -> Found {
    let sequence = try #require(try open().metadata["sequence"])
    let residues = sequence.utf8.map(ResidueType.init(letter:))
    let model = try FoldingModel(Golden.store(model), precision: precision)
    let heard = Mutex<Found>([:])
    let tap = Tap { name, values in heard.withLock { $0[name] = values } }
    let states = model.read([ChainLayout(residues)], threads: Threads(threads), tap: tap)[0]
    let output = model.fold(
      states, passes: FoldingModel.Passes(passes), keeping: .tensors, threads: Threads(threads), tap: tap)
    let tensors = try #require(output.tensors)
    let final: Found = [
      "positions": output.structure.positions, "plddt": output.confidence.plddt.map { $0 / 100 },
      "ptm": [output.confidence.ptm], "predicted_aligned_error": output.confidence.predictedAlignedError,
      "max_predicted_aligned_error": [ConfidenceHeads.maximumPredictedAlignedError],
      "distogram_logits": tensors.distogramLogits, "lm_logits": tensors.lmLogits, "s_s": tensors.sS, "s_z": tensors.sZ,
      "frames": tensors.frames, "angles": tensors.angles, "aatype": tensors.aatype.map(Float.init),
      "atom37_atom_exists": residues.flatMap { residue in
        (0..<ResidueConstants.atom37Count).map { ResidueConstants.exists(atomType: $0, in: residue) ? Float(1) : 0 }
      },
    ]
    return heard.withLock { $0 }.merging(final) { _, last in last }
  }

  /// What the golden stores for a tensor, computed from `values`.
  ///
  /// - Parameters:
  ///   - entry: Such as "s_z.sample".
  ///   - values: The whole tensor.
  ///   - file: The golden.
  /// - Returns: As many numbers as the entry has.
  /// - Throws: If the file does not say which rows it holds.
  func extract(_ entry: String, from values: [Float], _ file: Safetensors) throws -> [Float] {
    let count = entry.hasPrefix("esm.") ? length + 2 : length, width = values.count / count
    if entry.hasSuffix(".fingerprint") {
      return values.withUnsafeBufferPointer { values in
        (0..<count).flatMap { row in
          var weighted = 0.0, total = 0.0
          for k in 0..<width {
            weighted += Cosines.values[k] * Double(values[row * width + k])
            total += Double(abs(values[row * width + k]))
          }
          return [Float(weighted), Float(total)]
        }
      }
    }
    guard entry.hasSuffix(".sample") else { return values }
    let rows = try (file.metadata["rows"] ?? "").split(separator: ",").map { try #require(Int($0)) }
    guard Self.isPair(entry) else { return rows.flatMap { values[$0 * width..<($0 + 1) * width] } }
    let channels = width / length
    return rows.flatMap { i in
      rows.flatMap { j in values[i * width + j * channels..<i * width + (j + 1) * channels] }
    }
  }

  /// The name of an entry's tensor.
  static func tensor(of entry: String) -> String {
    for suffix in [".sample", ".fingerprint"] where entry.hasSuffix(suffix) {
      return String(entry.dropLast(suffix.count))
    }
    return entry
  }

  /// Ranks in the order in which a run computes the tensors, so that the first difference is the cause of the others.
  static func order(_ entry: String) -> [Int] { ParityTests.order(tensor(of: entry)) }

  /// Whether a tensor has a value for every pair.
  private static func isPair(_ entry: String) -> Bool {
    let name = tensor(of: entry).split(separator: ".").last ?? ""
    return [
      "z_in", "s_z", "pair_to_sequence", "sequence_to_pair", "tri_mul_out", "tri_mul_in", "tri_att_start",
      "tri_att_end", "mlp_pair", "recycle_bins", "predicted_aligned_error", "distogram_logits",
    ].contains(name)
  }
}
