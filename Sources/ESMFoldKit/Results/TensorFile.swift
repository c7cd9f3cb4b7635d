// NAME.tensors.h5: everything a fold computed, for programs that read HDF5.

import Weights

/// The layout of a result's tensors; the manual's page `output` describes it for users.
enum TensorFile {
  /// Writes the result, and its tensors if it has them. Throws an error that names the file.
  static func write(_ result: FoldResult, to path: String) throws(ModelError) {
    let l = result.length
    var datasets: [DatasetFile.Dataset] = [
      .init("positions", [l, 14, 3], .floats(result.positions)),
      .init("plddt", [l, 37], .floats(result.plddt)),
      .init("ptm", [], .floats([result.ptm])),
      .init("predicted_aligned_error", [l, l], .floats(result.predictedAlignedError)),
    ]
    if let tensors = result.tensors {
      datasets += [
        .init("distogram_logits", [l, l, 64], .floats(tensors.distogramLogits)),
        .init("angles", [l, 7, 2], .floats(tensors.angles)),
        .init("frames", [l, 7], .floats(tensors.frames)),
        .init("s_s", [l, tensors.sWidth], .floats(tensors.sS)),
        .init("s_z", [l, l, tensors.zWidth], .floats(tensors.sZ)),
        .init("lm_logits", [l, 23], .floats(tensors.lmLogits)),
        .init("aatype", [l], .integers(tensors.aatype)),
        .init("residue_index", [l], .integers(tensors.residueIndex)),
      ]
    }
    do throws(WeightError) {
      try DatasetFile.write(
        datasets, attributes: [("sequence", result.sequence), ("program", ESMFoldKit.program)], to: path)
    } catch {
      throw .weights(error)
    }
  }
}
