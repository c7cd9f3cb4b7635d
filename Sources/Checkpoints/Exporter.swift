// From a cache file to a folder for transformers: one safetensors file with the names of Hugging Face, and its
// companions.

import Glibc
import Platform
import Tensors
package import Weights

/// Writes a model as a folder that transformers loads.
///
/// Needs a few megabytes of memory whatever the model's size. The weights get their name last, so a folder with
/// `model.safetensors` is complete.
package struct Exporter: Sendable {
  /// The file of weights in an exported folder.
  package static let weightsName = "model.safetensors"

  /// The model; a tensor whose digest does not match is an error.
  private let model: CacheCheck
  /// Small files to write beside the weights.
  private let companions: [(name: String, text: String)]

  /// An export of `model` with `companions`, such as `config.json`.
  package init(_ model: CacheCheck, companions: [(name: String, text: String)]) {
    self.model = model
    self.companions = companions
  }

  /// Writes the files into `folder`, which is created with its parents if necessary.
  ///
  /// - Parameters:
  ///   - folder: The folder; other files in it are kept.
  ///   - overwriting: Whether files of the same names are replaced; else they are an error.
  ///   - progress: Called before an unfinished file is created and after every block.
  /// - Throws: `WeightError`; no file is left unfinished then.
  package func run(
    to folder: String, overwriting: Bool, progress: (CopyProgress) -> Void = { _ in }
  ) throws(WeightError) {
    let target = "\(folder)/\(Self.weightsName)"
    for (name, text) in companions.map({ ($0.name, Optional($0.text)) }) + [(Self.weightsName, nil)]
    where "\(folder)/\(name)".exists {
      // An interrupted export may have left its companions, which have their names before the weights do.
      guard overwriting || text.map({ (try? WholeFile.read("\(folder)/\(name)")) == Array($0.utf8) }) ?? false else {
        throw .alreadyThere(path: "\(folder)/\(name)")
      }
      // A folder or a device of this name is not replaced.
      _ = try FileStatus.ofFile("\(folder)/\(name)")
    }
    try CacheFolder(path: folder).create()
    let tensors = Self.order(model.store.tensorsInOrder)
    let header = Self.header(of: tensors)
    let total = tensors.reduce(0) { $0 + $1.byteCount }
    let small = companions.reduce(0) { $0 + $1.text.utf8.count + 4096 }
    try FreeSpace.check(for: total + header.count + small, beside: target)

    let part = try UnfinishedFile.create(for: target) {
      progress(CopyProgress(temporaryPath: $0, bytesDone: 0, bytesTotal: total))
    }
    try WeightError.wrapping(try part.append(header))
    var done = 0
    for tensor in tensors {
      let start = header.count + done
      try model.copy(tensor) { (block, offset) throws(WeightError) in
        try WeightError.wrapping(try part.write(block, at: start + offset))
        done += block.count
        progress(CopyProgress(temporaryPath: part.path, bytesDone: done, bytesTotal: total))
      }
    }
    // From here until the last rename the folder has no model: old weights are never combined with a new configuration.
    if unlink(target) != 0, errno != ENOENT { throw .system(path: target, action: "remove", code: errno) }
    for companion in companions {
      let file = try UnfinishedFile.create(for: "\(folder)/\(companion.name)") {
        progress(CopyProgress(temporaryPath: $0, bytesDone: total, bytesTotal: total))
      }
      try WeightError.wrapping(try file.append(Array(companion.text.utf8)))
      try WeightError.wrapping(try file.commit())
    }
    try WeightError.wrapping(try part.commit())
  }

  /// Wide elements first, in the order of the reference writer, so that every tensor is aligned to its elements.
  private static func order(_ tensors: [StoredTensor]) -> [StoredTensor] {
    tensors.sorted { ($1.elementType.byteCount, $0.name) < ($0.elementType.byteCount, $1.name) }
  }

  /// The length and the text of the header: with the metadata that transformers asks for, padded with blanks to a
  /// multiple of 8 bytes.
  private static func header(of tensors: [StoredTensor]) -> [UInt8] {
    var object: JSONObject = ["__metadata__": .object(["format": .string("pt")])]
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.byteCount
      object.append(
        tensor.name,
        .object([
          "dtype": .string(SafetensorsEntry.name(of: tensor.elementType)),
          "shape": .array(tensor.shape.map { .integer($0) }),
          "data_offsets": .array([.integer(offset), .integer(end)]),
        ]))
      offset = end
    }
    var text = Array(JSONValue.object(object).text.utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }
}

extension SafetensorsEntry {
  /// The format's name of an element type.
  static func name(of type: ElementType) -> String {
    switch type {
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .int64: "I64"
    case .bool: "BOOL"
    }
  }
}
