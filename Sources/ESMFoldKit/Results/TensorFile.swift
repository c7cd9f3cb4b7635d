// NAME.tensors.h5: everything a fold computed, for programs that read HDF5.

import Platform
import Tensors
import Weights

/// The layout of a result's tensors; the manual's page `output` describes it for users.
enum TensorFile {
  /// Writes the result, and its tensors if it has them, into an empty file. Throws an error that names the file.
  static func write(_ result: FoldResult, to part: UnfinishedFile) throws(ModelError) {
    try ModelError.translating { () throws(WeightError) in
      let l = result.length
      var file = ArrayFile(part, attributes: [("sequence", result.sequence), ("program", ESMFoldKit.program)])
      func add(_ name: String, _ shape: [Int], _ values: [Float]) throws(WeightError) {
        try file.append(name, .float32, shape, values)
      }
      func add(_ name: String, _ shape: [Int], _ values: [Int]) throws(WeightError) {
        try file.append(name, .int64, shape, values)
      }
      try add("positions", [l, 14, 3], result.positions)
      try add("plddt", [l, 37], result.plddt)
      try add("ptm", [], [result.ptm])
      try add("predicted_aligned_error", [l, l], result.predictedAlignedError)
      if let tensors = result.tensors {
        try add("distogram_logits", [l, l, 64], tensors.distogramLogits)
        try add("angles", [l, 7, 2], tensors.angles)
        try add("frames", [l, 7], tensors.frames)
        try add("s_s", [l, tensors.sWidth], tensors.sS)
        try add("s_z", [l, l, tensors.zWidth], tensors.sZ)
        try add("lm_logits", [l, 23], tensors.lmLogits)
        try add("aatype", [l], tensors.aatype)
        try add("residue_index", [l], tensors.residueIndex)
      }
      try file.finish()
    }
  }
}
