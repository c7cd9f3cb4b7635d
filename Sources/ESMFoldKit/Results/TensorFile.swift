// NAME.tensors.h5: everything a fold computed, for programs that read HDF5.

import Platform
import Tensors
import Weights

/// The layout of a result's tensors; the manual's page `output` describes it for users.
enum TensorFile {
  /// The name of the attribute with the digest of what determined the numbers.
  static let digestAttribute = "request_sha256"

  /// The digest in a complete file, or in a part of one; `nil` when there is none, or the file is another one.
  static func digest(ofFile path: String, part: Range<Int>?) -> String? {
    (try? ArrayFile.attribute(digestAttribute, ofFile: path, part: part)) ?? nil
  }

  /// The name of the attribute with the number of iterations of the structure module; a file of the last one has none.
  static let iterationsAttribute = "iterations"

  /// What a complete file of this program holds; `nil` for other files.
  static func kept(inFile path: String, part: Range<Int>?) -> KeptOutputs? {
    guard digest(ofFile: path, part: part) != nil, let mapped = try? MappedFile(path, part: part),
      let file = try? HDF5File(image: mapped.bytes, owner: mapped, path: path),
      let names = try? file.datasets(in: "/").map(\.name)
    else { return nil }
    let isStacked = (try? file.text(iterationsAttribute)) ?? nil != nil
    return isStacked ? .fields(Set(names.compactMap(FoldField.init(rawValue:)))) : .tensors
  }

  /// Writes the result's fields if it has any, or else its tensors, into an empty file. Throws an error that names the file.
  static func write(_ result: FoldResult, to part: UnfinishedFile) throws(ModelError) {
    let identity = result.identity
    var attributes = [
      ("sequence", result.sequence), ("program", ESMFoldKit.program), ("model", identity.model.name),
      ("model_sha256", identity.model.digest), ("recycles", "\(identity.recycles)"),
      ("precision", identity.precision.rawValue), (digestAttribute, identity.digest),
    ]
    if let fields = result.fields { attributes.append((iterationsAttribute, "\(fields.iterations)")) }
    var file = ArrayFile(part, attributes: attributes.map { (name: $0.0, value: $0.1) })
    do throws(WeightError) {
      if let fields = result.fields {
        for field in FoldField.allCases { try append(field, fields, to: &file) }
      } else {
        try append(result, to: &file)
      }
      try file.finish()
    } catch {
      throw .weights(error)
    }
  }

  private static func append(_ field: FoldField, _ fields: FoldFields, to file: inout ArrayFile) throws(WeightError) {
    guard let array = fields[field] else { return }
    let attributes = ArrayFile.Attributes(texts: [("unit", field.unit)])
    let type: ElementType = field.elementType == .float32 ? .float32 : .int64
    try array.withBytes { (bytes) throws(WeightError) in
      try file.append(field.name, type, array.shape, bytes: bytes, attributes: attributes)
    }
  }

  /// The arrays of a file without a list of fields.
  private static func append(_ result: FoldResult, to file: inout ArrayFile) throws(WeightError) {
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
    for array in floats { try file.append(array.name, .float32, array.shape, array.values) }
    for array in integers { try file.append(array.name, .int64, array.shape, array.values) }
  }
}
