// The cache of imported models: what is in it, and what each of them is.

import Checkpoints
import ESM2
import Folding
import Platform
import Weights

/// Lists, describes, adds, checks, exports and removes models of a cache folder.
public struct WeightsCatalog: Sendable {
  let folder: CacheFolder

  /// The catalog of a folder, which need not exist.
  public init(folder: String) { self.folder = CacheFolder(path: folder) }

  /// One model of the cache.
  public struct Entry: Sendable {
    /// Its name, as `ModelLocation.resolve` takes it.
    public let name: String
    /// What it does, `folding` or `masked language model`; `nil` for a file that cannot be used.
    public let kind: String?
    /// The size of its file.
    public let bytes: Int
    /// When it was imported, in ISO 8601, UTC; `nil` for a file that cannot be used.
    public let imported: String?
    /// The folder or file that it was imported from; `nil` for a file that cannot be used.
    public let source: String?
    /// Its file.
    public let path: String
    /// Why it cannot be used, if so.
    public let problem: ModelError?
  }

  /// The models of the cache, sorted by name. Of each file only the head is read.
  ///
  /// - Returns: The entries.
  /// - Throws: `ModelError`, which names the folder, when it cannot be read.
  public func list() throws(ModelError) -> [Entry] {
    try ModelError.translating { () throws(WeightError) in try folder.entries() }.map { entry in
      switch entry.header {
      case .success(let header):
        return Entry(
          name: entry.name, kind: Self.kind(of: header), bytes: entry.bytes, imported: header.created,
          source: header.source, path: entry.path, problem: nil)
      case .failure(let error):
        return Entry(
          name: entry.name, kind: nil, bytes: entry.bytes, imported: nil, source: nil, path: entry.path,
          problem: .weights(error))
      }
    }
  }

  /// What the configuration says that a model is for.
  private static func kind(of header: CacheHeader) -> String {
    let text = Array(header.configJSON.utf8)
    guard case .object(let fields)? = try? JSONValue(parsing: text, path: header.source) else { return "unknown" }
    if fields["is_folding_model"] == .bool(true) { return "folding" }
    guard case .array(let classes)? = fields["architectures"], case .string(let name)? = classes.first else {
      // What was fine-tuned says so by its labels, even where nothing names its class.
      return fields["problem_type"] ?? fields["num_labels"] ?? fields["id2label"] != nil
        ? "classifier" : "language model"
    }
    switch name {
    case "EsmForMaskedLM": return "masked language model"
    case "EsmForSequenceClassification": return "sequence classifier"
    case "EsmForTokenClassification": return "token classifier"
    default: return "language model"
    }
  }

  /// One line of a description.
  public struct Fact: Sendable {
    /// Its label.
    public let label: String
    /// Its value.
    public let value: String
  }

  /// Kind, origin and completeness of a model.
  ///
  /// - Parameter location: The model; downloaded weights must have been imported.
  /// - Returns: Facts in the order in which they are shown.
  /// - Throws: `ModelError` when it cannot be opened or does not fit its configuration.
  public func describe(_ location: ModelLocation) throws(ModelError) -> [Fact] {
    let store = try location.open()
    let (encoder, _) = try EncoderModel.load(store)
    let languageModel = encoder.configuration
    var facts = [
      Fact(label: "name", value: store.modelName), Fact(label: "file", value: store.path),
      Fact(label: "tensors", value: "\(store.names.count), \(byteCount(store.byteCount))"),
      Fact(label: "parameters", value: "\(store.parameterCount)"),
      Fact(
        label: "language model",
        value: "\(languageModel.layers) layers of \(languageModel.hiddenSize), \(languageModel.heads) heads"),
    ]
    if try EncoderConfiguration(of: store).isFoldingModel {
      facts += Self.facts(of: try FoldingModel(store).configuration.folding.trunk)
    } else {
      facts += Self.facts(of: encoder)
    }
    if let header = try location.header() {
      facts.append(Fact(label: "source", value: header.source))
      for file in header.sources {
        facts.append(Fact(label: "  \(file.name)", value: "\(byteCount(file.bytes)), sha256 \(file.sha256)"))
      }
      facts.append(Fact(label: "imported", value: "\(header.created) by \(header.program)"))
    }
    return facts
  }

  private static func facts(of trunk: TrunkConfiguration) -> [Fact] {
    [
      Fact(
        label: "trunk",
        value: "\(trunk.blocks) blocks, single \(trunk.sequenceWidth), pair \(trunk.pairWidth), "
          + "\(trunk.defaultPasses) passes"),
      Fact(label: "structure module", value: "\(trunk.structureModule.blocks) iterations"),
    ]
  }

  private static func facts(of encoder: EncoderModel) -> [Fact] {
    var heads: [String] = []
    if encoder.maskedLanguageHead != nil { heads.append("masked language") }
    if encoder.contactHead != nil { heads.append("contacts") }
    if encoder.pooler != nil { heads.append("pooler") }
    if let classifier = encoder.classifier {
      heads.append("\(classifier.subject == .token ? "token" : "sequence") classifier")
    }
    let positions = encoder.languageModel.maximumTokens.map { "learned, up to \($0) tokens" } ?? "rotary"
    return [
      Fact(label: "positions", value: positions),
      Fact(label: "output heads", value: heads.isEmpty ? "none" : heads.joined(separator: ", ")),
    ]
  }
}
