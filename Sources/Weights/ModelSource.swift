// Where a model comes from: a folder or file of the Hugging Face form, resolved to the files that hold it.

#if canImport(Glibc)
  import Glibc
#endif

/// A model in safetensors files with its `config.json` beside them.
package struct ModelSource: Equatable, Sendable {
  /// What the user named, with links in its folder resolved.
  package let path: String
  /// The absolute path of the folder of all the files.
  package let folder: String
  /// The one weights file, or the index of several; a name in `folder`.
  package let weights: String

  /// No configuration comes near this size.
  private static let maximumConfigurationBytes = 16 << 20

  /// Resolves `argument`: a folder with `model.safetensors` or `model.safetensors.index.json`, one such index, or a
  /// `.safetensors` file. There must be a `config.json` in the same folder.
  package init(_ argument: String) throws(WeightError) {
    guard argument.exists else { throw .system(path: argument, call: "open", code: errno) }
    if argument.isFolder {
      guard let folder = argument.resolved else { throw .system(path: argument, call: "realpath", code: errno) }
      let names = ["model.safetensors", "model.safetensors.index.json"]
      guard let weights = names.first(where: { "\(folder)/\($0)".exists }) else {
        let other = ["pytorch_model.bin", "pytorch_model.bin.index.json"].first { "\(folder)/\($0)".exists }
        throw .noWeights(path: argument, found: other ?? "none of its files")
      }
      self.path = folder
      self.folder = folder
      self.weights = weights
    } else {
      guard argument.hasSuffix(".safetensors") || argument.hasSuffix(".safetensors.index.json") else {
        throw .noWeights(path: argument, found: "\(argument.lastComponent)")
      }
      // Only the folder is resolved: in the cache of Hugging Face the file is a link to one with another name.
      guard let folder = argument.folder.resolved else {
        throw .system(path: argument, call: "realpath", code: errno)
      }
      self.folder = folder
      self.weights = argument.lastComponent
      self.path = "\(folder)/\(weights)"
    }
    guard "\(folder)/config.json".exists else { throw .noConfiguration(path: "\(folder)/config.json") }
  }

  /// The text of `config.json`, checked to be a JSON object.
  package func configuration() throws(WeightError) -> String {
    let path = "\(folder)/config.json"
    let text = try [UInt8](contentsOf: path, limit: ModelSource.maximumConfigurationBytes)
    guard case .object = try JSONValue(parsing: text, path: path) else {
      throw .malformed(path: path, what: "configuration", found: "another JSON value", expected: "an object")
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Maps the weights: one file, or every shard of the index.
  package func open() throws(WeightError) -> [Safetensors] {
    isIndex ? try SafetensorsIndex("\(folder)/\(weights)").open() : [try Safetensors("\(folder)/\(weights)")]
  }

  /// Size and time of every file of the model, the configuration first; digests are left empty.
  package func fingerprint() throws(WeightError) -> [SourceFile] {
    var names = ["config.json", weights]
    if isIndex { names += try SafetensorsIndex("\(folder)/\(weights)").shards }
    var files: [SourceFile] = []
    for name in names {
      let status = try FileStatus(of: "\(folder)/\(name)")
      files.append(SourceFile(name: name, bytes: status.regularSize ?? 0, modified: status.modified))
    }
    return files
  }

  private var isIndex: Bool { weights.hasSuffix(".index.json") }

  // MARK: Names

  /// A name for the model, from its folder (and its file, unless that is called as usual): letters, digits and `._-`.
  package var suggestedName: String {
    var parts = folder.split(separator: "/").map(String.init)
    // The cache of Hugging Face: models--facebook--esmfold_v1/snapshots/<revision>
    if parts.count >= 3, parts[parts.count - 2] == "snapshots", parts[parts.count - 3].hasPrefix("models--") {
      parts = [parts[parts.count - 3].split(separator: "-").last.map(String.init) ?? "model"]
    }
    var name = parts.last ?? "model"
    if !isIndex, weights != "model.safetensors" { name += "-\(weights.dropLast(".safetensors".count))" }
    let cleaned = String(name.map { ModelSource.isNameCharacter($0) ? $0 : "_" }.drop { $0 == "." })
    return cleaned.isEmpty ? "model" : String(cleaned.prefix(120))
  }

  /// The name of the cache entry of an import that nobody asked for by name: different for every place.
  package var entryName: String {
    "\(suggestedName)-\(SHA256.digest(of: "\(folder)/\(weights)").prefix(8))"
  }

  /// Whether `name` can be the name of a model in the cache.
  package static func isModelName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".") && name.allSatisfy(isNameCharacter)
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
  }
}
