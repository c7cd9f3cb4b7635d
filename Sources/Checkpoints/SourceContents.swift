// A model as its source holds it: the open files, every tensor under the models' name for it, the configuration.

import Platform
import Protein
import Tensors
package import Weights

/// The open files of a source and what is in them.
package struct SourceContents: Sendable {
  /// Every file of weights.
  package let files: [Checkpoint]
  /// Every tensor, ordered by file and place.
  package let tensors: [SourceTensor]
  /// The text of the configuration: that of `config.json`, or one made from the shapes of the tensors.
  package let configuration: String

  /// Puts files together.
  ///
  /// - Parameters:
  ///   - main: The files of the model itself.
  ///   - additions: Files that fair-esm keeps separate: the contact head, and the language model of a trunk.
  ///   - configuration: The text of `config.json`, if there is one.
  ///   - source: For messages.
  /// - Throws: `WeightError` when two tensors have one name or one is not of this family.
  init(
    main: [Checkpoint], additions: [Checkpoint], configuration: String?, source: ModelSource
  ) throws(WeightError) {
    for file in main { try Adapter.check(names: file.entries.lazy.map(\.name), of: file.file.path) }
    let prefix = WrapperPrefix.of(main.lazy.flatMap { $0.entries.lazy.map(\.name) })
    let dialect = Dialect(of: main.lazy.flatMap { $0.entries.lazy.map { $0.name(without: prefix) } })
    files = main + additions
    var tensors: [SourceTensor] = []
    for (index, file) in files.enumerated() {
      let own = index < main.count ? (dialect, prefix) : (.fairESM, "")
      for entry in file.entries {
        guard let tensor = try Self.tensor(entry, of: file, index: index, own) else { continue }
        // The head of a trunk's language model is not part of a folding model.
        if dialect == .fairESMFold, index >= main.count, tensor.name.hasPrefix("lm_head.") { continue }
        tensors.append(tensor)
      }
    }
    guard !tensors.isEmpty else {
      throw .malformed(path: source.path, what: "weights", found: "no tensors", expected: "at least one")
    }
    try Self.checkNames(tensors, files)
    try Self.checkSize(tensors, files, source)
    if dialect == .fairESMFold, !tensors.contains(where: { $0.name == "esm.embeddings.word_embeddings.weight" }) {
      throw .missingLanguageModel(path: source.path, languageModel: ModelSource.foldingLanguageModel)
    }
    if dialect != .transformers { Self.zeroMaskEmbedding(&tensors) }
    self.tensors = tensors
    if let configuration {
      self.configuration = configuration
    } else if dialect == .transformers {
      throw .noConfiguration(path: source.writtenConfigurationPath)
    } else {
      let shapes = InferredConfiguration(tensors, statedHeads: files.lazy.compactMap(\.statedHeads).first)
      self.configuration = try shapes.text(path: source.path)
    }
  }

  private static func tensor(
    _ entry: CheckpointEntry, of file: Checkpoint, index: Int, _ naming: (dialect: Dialect, prefix: String)
  ) throws(WeightError) -> SourceTensor? {
    let path = file.file.path
    let name: String
    switch naming.dialect.name(of: entry.name(without: naming.prefix)) {
    case .known(let known): name = known
    case .unused: return nil
    case .foreign:
      throw .foreign(
        path: path, found: "the tensor \(quoted(entry.name)), which ESM-2, ESM-1b and ESM-1v do not have",
        hint: "ESM-1, the MSA Transformer and ESM-IF are other models, which this program does not have")
    }
    guard let type = entry.elementType else {
      throw .elementType(tensor: entry.name, found: entry.dtype, path: path)
    }
    guard !name.isEmpty, name != ".", !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 }) else {
      throw .malformed(
        path: path, what: "tensor name", found: quoted(name), expected: "no '/' and at least a letter")
    }
    return SourceTensor(name: name, file: index, entry: entry, elementType: type)
  }

  private static func checkNames(_ tensors: [SourceTensor], _ files: [Checkpoint]) throws(WeightError) {
    var names: Set<String> = []
    for tensor in tensors where !names.insert(tensor.name).inserted {
      throw .malformed(
        path: files[tensor.file].file.path, what: "tensor name", found: "\(tensor.name) twice",
        expected: "every tensor once")
    }
  }

  /// Tensors may share memory, and strides may repeat it: a few bytes can describe terabytes, which would be written
  /// out. Real checkpoints share one or two tensors.
  private static let largestRepetition = 16

  private static func checkSize(
    _ tensors: [SourceTensor], _ files: [Checkpoint], _ source: ModelSource
  ) throws(WeightError) {
    let limit = files.reduce(0) { $0 + $1.file.bytes.count } * largestRepetition
    var total = 0
    for tensor in tensors {
      let bytes = tensor.entry.shape.checkedProduct(startingAt: tensor.elementType.byteCount) ?? .max
      let (sum, overflow) = total.addingReportingOverflow(bytes)
      guard !overflow, sum <= limit else {
        throw .malformed(
          path: source.path, what: "\(quoted(tensor.entry.name)) of shape \(tensor.entry.shape)",
          found: "tensors of more than \(limit) bytes up to this one",
          expected: "at most \(largestRepetition) times the size of the files")
      }
      total = sum
    }
  }

  /// fair-esm zeroes the embedding of `<mask>` when it loads models with learned positions, and with it the same row of the
  /// masked-language head where that is the same memory.
  private static func zeroMaskEmbedding(_ tensors: inout [SourceTensor]) {
    guard tensors.contains(where: { $0.name == "esm.embeddings.position_embeddings.weight" }),
      let words = tensors.firstIndex(where: { $0.name == "esm.embeddings.word_embeddings.weight" }),
      tensors[words].entry.shape.count == 2, tensors[words].entry.shape[0] > Alphabet.maskID
    else { return }
    tensors[words].zeroedRow = Alphabet.maskID
    let place = (tensors[words].file, tensors[words].entry.range)
    for index in tensors.indices where tensors[index].name == "lm_head.decoder.weight" {
      let isSame = (tensors[index].file, tensors[index].entry.range) == place
      if isSame, tensors[index].entry.shape == tensors[words].entry.shape {
        tensors[index].zeroedRow = Alphabet.maskID
      }
    }
  }
}

extension CheckpointEntry {
  /// Its name without what the program that saved it has put before those of all tensors.
  fileprivate func name(without prefix: String) -> String {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }
}

extension Checkpoint {
  /// fair-esm's oldest checkpoints state their settings as plain attributes of `args`; only the one that shapes do not
  /// show is read.
  package var statedHeads: Int? {
    ["encoder_attention_heads", "attention_heads"].lazy.compactMap { integer(at: ["args", $0]) }.first
  }
}
