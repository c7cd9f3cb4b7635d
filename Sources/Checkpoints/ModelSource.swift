// Where a model comes from: a folder or file as Hugging Face or Meta publish it, resolved to the files that hold it.

import Glibc
import Platform
package import Weights

/// The files of a model: its weights in one file or several, and what belongs to them.
package struct ModelSource: Equatable, Sendable {
  /// The path that the user named, with links in its folder resolved.
  package let path: String
  /// The absolute path of the folder that the other names are relative to.
  package let folder: String
  /// The one weights file, or the index of several; a name in `folder`.
  package let weights: String
  /// Files that fair-esm keeps separate from the weights: names in `folder`, or absolute paths.
  private let additions: [String]

  /// Far more than any configuration.
  private static let maximumConfigurationBytes = 16 << 20
  /// The file names that a folder is searched for, in the order of transformers.
  private static let usualNames = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]
  private static let endings = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".index.json"]
  /// fair-esm's names of the files that it keeps separate.
  private static let contactEnding = "-contact-regression.pt"
  static let foldingLanguageModel = "esm2_t36_3B_UR50D.pt", foldingTrunk = "esmfold_3B_v1.pt"

  /// Resolves a folder with weights under one of the usual names, or a file of weights or an index.
  ///
  /// - Parameters:
  ///   - argument: The folder or file.
  ///   - languageModel: The language model of a file that holds only ESMFold's trunk; `nil` for the one beside it.
  /// - Throws: `WeightError` when there are no weights.
  package init(_ argument: String, languageModel: String? = nil) throws(WeightError) {
    guard argument.exists else { throw .system(path: argument, action: "open", code: errno) }
    let file: String
    if argument.isFolder {
      guard let named = argument.resolved else { throw .system(path: argument, action: "realpath", code: errno) }
      path = named
      (folder, file) = try Self.weights(in: named)
    } else {
      guard Self.endings.contains(where: argument.hasSuffix) else {
        throw .noWeights(path: argument, found: "\(argument.lastComponent)")
      }
      // Only the folder is resolved: in the cache of Hugging Face the file is a link to one with another name.
      guard let folder = argument.folder.resolved else {
        throw .system(path: argument, action: "realpath", code: errno)
      }
      self.folder = folder
      file = argument.lastComponent
      try Adapter.check(file: file, in: folder)
      self.path = "\(folder)/\(file)"
    }
    weights = file
    additions = try Self.additions(to: file, in: folder, languageModel: languageModel)
  }

  private static func weights(in folder: String) throws(WeightError) -> (folder: String, file: String) {
    if let name = usualNames.first(where: { "\(folder)/\($0)".exists }) { return (folder, name) }
    try Adapter.check(folder: folder)
    let models = try metaModels(in: folder)
    if models.count == 1, let only = models.first { return (folder, only) }
    // The folder that Meta's program is given has this one inside, and in it this model.
    let hub = "\(folder)/checkpoints"
    if models.isEmpty, hub.isFolder {
      let models = try metaModels(in: hub)
      if models.contains(foldingTrunk) { return (hub, foldingTrunk) }
      if models.count == 1, let only = models.first { return (hub, only) }
    }
    throw .noWeights(
      path: folder,
      found: models.isEmpty ? "none of its files" : "several: \(models.prefix(4).joined(separator: ", "))")
  }

  /// Meta's files in a folder that are not additions to others.
  private static func metaModels(in folder: String) throws(WeightError) -> [String] {
    let files = try WeightError.wrapping(try Folder.names(in: folder)).filter {
      $0.hasSuffix(".pt") && !$0.hasPrefix(".") && !$0.hasSuffix(contactEnding)
    }
    return files.count > 1 ? files.filter { $0 != foldingLanguageModel } : files
  }

  private static func additions(to file: String, in folder: String, languageModel: String?) throws(WeightError)
    -> [String]
  {
    guard file.hasSuffix(".pt") else {
      if let languageModel { throw .surplusLanguageModel(path: "\(folder)/\(file)", languageModel: languageModel) }
      return []
    }
    var found: [String] = []
    if let languageModel {
      guard let place = languageModel.folder.resolved, languageModel.exists else {
        throw .system(path: languageModel, action: "open", code: errno)
      }
      found.append(place == folder ? languageModel.lastComponent : "\(place)/\(languageModel.lastComponent)")
    } else if file != foldingLanguageModel, file.hasPrefix("esmfold"), "\(folder)/\(foldingLanguageModel)".exists {
      found.append(foldingLanguageModel)
    }
    for model in [file] + found {
      let contacts = model.dropLast(".pt".utf8.count) + contactEnding
      if absolute(String(contacts), in: folder).exists { found.append(String(contacts)) }
    }
    return found
  }

  private static func absolute(_ name: String, in folder: String) -> String {
    name.hasPrefix("/") ? name : "\(folder)/\(name)"
  }

  /// The path of a file as a fingerprint names it.
  func path(of file: SourceFile) -> String { Self.absolute(file.name, in: folder) }

  // MARK: Content

  /// The configuration's name in messages: `config.json`, or the weights that it is inferred from.
  package var configurationPath: String {
    hasConfiguration ? writtenConfigurationPath : "\(folder)/\(weights): its shapes"
  }

  /// The path at which a `config.json` is expected.
  var writtenConfigurationPath: String { "\(folder)/config.json" }

  private var hasConfiguration: Bool { writtenConfigurationPath.exists }

  /// The text of the configuration: `config.json`, checked to be a JSON object, or what Meta's files show by their shapes.
  package func configuration() throws(WeightError) -> String {
    try hasConfiguration ? writtenConfiguration() : contents().configuration
  }

  private func writtenConfiguration() throws(WeightError) -> String {
    let text = try [UInt8](contentsOf: writtenConfigurationPath, limit: ModelSource.maximumConfigurationBytes)
    guard case .object = try JSONValue(parsing: text, path: writtenConfigurationPath) else {
      throw .malformed(
        path: writtenConfigurationPath, what: "configuration", found: "another JSON value", expected: "an object")
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Opens the weights, every shard of an index, and what belongs to them.
  package func contents() throws(WeightError) -> SourceContents {
    let weights = "\(folder)/\(weights)"
    let main = isIndex ? try ShardIndex(weights).open() : [try Checkpoint(weights)]
    var others: [Checkpoint] = []
    for name in additions { others.append(try Checkpoint(Self.absolute(name, in: folder))) }
    return try SourceContents(
      main: main, additions: others, configuration: hasConfiguration ? try writtenConfiguration() : nil, source: self)
  }

  /// Size and time of every file of the model, the configuration first; digests are left empty.
  package func fingerprint() throws(WeightError) -> [SourceFile] {
    var names = hasConfiguration ? ["config.json", weights] : [weights]
    if isIndex {
      let index = try ShardIndex("\(folder)/\(weights)")
      if let absent = index.shards.first(where: { !"\(folder)/\($0)".exists }) { throw index.missing(absent) }
      names += index.shards
    }
    var files: [SourceFile] = []
    for name in names + additions {
      let status = try FileStatus.ofFile(Self.absolute(name, in: folder))
      files.append(SourceFile(name: name, bytes: status.size, modified: status.modified))
    }
    return files
  }

  /// Whether `path` is one of the model's files, under whatever name.
  package func holds(_ path: String) throws(WeightError) -> Bool {
    guard let own = FileIdentity(path) else { return false }
    return try fingerprint().contains { FileIdentity(self.path(of: $0)) == own }
  }

  private var isIndex: Bool { weights.hasSuffix(".index.json") }

  // MARK: Names

  /// A name for the model, from its folder (and its file, unless it has one of the usual names): letters, digits and
  /// `._-`.
  package var suggestedName: String {
    var parts = folder.split(separator: "/").map(String.init)
    // The cache of Hugging Face: models--facebook--esmfold_v1/snapshots/<revision>
    if parts.count >= 3, parts[parts.count - 2] == "snapshots", parts[parts.count - 3].hasPrefix("models--") {
      parts = [parts[parts.count - 3].split(separator: "-").last.map(String.init) ?? "model"]
    }
    var name = parts.last ?? "model"
    if let ending = Self.endings.first(where: weights.hasSuffix), !isIndex, !Self.usualNames.contains(weights) {
      let file = String(weights.dropLast(ending.utf8.count))
      // Meta's files have the names of their models, whatever folder they are in.
      name = ending == ".pt" ? file : "\(name)-\(file)"
    }
    let cleaned = String(name.map { CacheFolder.isNameCharacter($0) ? $0 : "_" }.drop { $0 == "." })
    return cleaned.isEmpty ? "model" : String(cleaned.prefix(120))
  }

  /// The name of the cache entry of an implicit import: different for every location.
  package var entryName: String {
    "\(suggestedName)-\(Digest(of: location).hexadecimal.prefix(8))"
  }

  /// The weights' path. Workflow engines link Meta's files into the folder of each task: where the weights are a link, the
  /// location is where the files themselves are, so that all tasks have one import.
  private var location: String {
    let named = "\(folder)/\(weights)"
    guard weights.hasSuffix(".pt"), let file = named.resolved, file != named else { return named }
    let names = (hasConfiguration ? ["config.json"] : []) + additions
    return ([file] + names.map { Self.absolute($0, in: folder).resolved ?? $0 }).joined(separator: "\n")
  }
}
