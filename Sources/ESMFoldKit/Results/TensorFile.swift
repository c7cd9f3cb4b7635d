// NAME.tensors.h5: everything a fold computed, for programs that read HDF5.

import Platform
import Tensors
import Weights

/// The layout of a result's tensors; the manual's page `output` describes it for users.
enum TensorFile {
  /// The name of the attribute with the digest of what determined the numbers.
  static let digestAttribute = "request_sha256"

  /// The digest in a complete file; `nil` when there is none, or the file is another one.
  static func digest(ofFile path: String) -> String? {
    (try? ArrayFile.attribute(digestAttribute, ofFile: path)) ?? nil
  }

  /// Writes the result, and its tensors if it has them, into an empty file. Throws an error that names the file.
  static func write(_ result: FoldResult, to part: UnfinishedFile) throws(ModelError) {
    let l = result.length
    var floats: [(name: String, shape: [Int], values: [Float])] = [
      ("positions", [l, 14, 3], result.positions), ("plddt", [l, 37], result.plddt), ("ptm", [], [result.ptm]),
      ("predicted_aligned_error", [l, l], result.predictedAlignedError),
    ]
    var integers: [(name: String, shape: [Int], values: [Int])] = []
    if let tensors = result.tensors {
      floats += [
        ("distogram_logits", [l, l, 64], tensors.distogramLogits), ("angles", [l, 7, 2], tensors.angles),
        ("frames", [l, 7], tensors.frames), ("s_s", [l, tensors.sWidth], tensors.sS),
        ("s_z", [l, l, tensors.zWidth], tensors.sZ), ("lm_logits", [l, 23], tensors.lmLogits),
      ]
      integers = [("aatype", [l], tensors.aatype), ("residue_index", [l], tensors.residueIndex)]
    }
    var file = ArrayFile(
      part,
      attributes: [
        ("sequence", result.sequence), ("program", ESMFoldKit.program), ("model", result.identity.model.name),
        ("model_sha256", result.identity.model.digest), ("recycles", "\(result.identity.recycles)"),
        ("precision", result.identity.precision.rawValue), (digestAttribute, result.identity.digest),
      ])
    do throws(WeightError) {
      for array in floats { try file.append(array.name, .float32, array.shape, array.values) }
      for array in integers { try file.append(array.name, .int64, array.shape, array.values) }
      try file.finish()
    } catch {
      throw .weights(error)
    }
  }
}
