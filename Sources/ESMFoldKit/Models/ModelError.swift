// Failures of finding, loading and running a model.

import Platform
package import Weights

/// Why a model cannot be used, or a protein not be folded.
public enum ModelError: Error, Sendable {
  /// The file of weights cannot be read or does not fit its configuration.
  case unreadable(String)
  /// config.json asks for something that this program does not have.
  case unsupportedConfiguration(path: String, reason: String)
  /// No model of this name is in the cache, and no file has it.
  case notFound(name: String, cacheFolder: String, cached: [String])
  /// No model of this name is in the cache.
  case notInCache(name: String, cacheFolder: String)
  /// A sequence without residues.
  case emptySequence
  /// The model's learned positions end before the sequence does.
  case tooLong(length: Int, longest: Int)
  /// A run would need more memory than there is.
  case memory(length: Int, needed: Int, available: Int, longest: Int)
  /// The model's learned positions end before the tokens do.
  case tooManyTokens(count: Int, longest: Int)
  /// A token id that the model has no embedding for.
  case token(id: Int, vocabularySize: Int)
  /// A state that the model does not have.
  case layer(Int, layers: Int)
  /// The checkpoint has no weights for what was asked for.
  case missingHead(model: String, head: String)
  /// A list of tokens without one that is needed.
  case vocabulary(missing: String)
  /// Reading this many tokens at once would need more memory than there is.
  case batchMemory(tokens: Int, needed: Int, available: Int)
  /// Windows cannot be put together to what was asked for, or cannot be cut this way.
  case windows(String)
  /// The configuration's default number of passes is 0, and no number of recycles was asked for.
  case noPasses
  /// More recycles than make sense.
  case recycles(Int)

  package static func weights(_ error: WeightError) -> ModelError { .unreadable("\(error)") }

  /// What `body` gives; its error as one that users of the library know.
  static func translating<Value>(_ body: () throws(WeightError) -> Value) throws(ModelError) -> Value {
    do throws(WeightError) {
      return try body()
    } catch {
      throw .weights(error)
    }
  }

  package static func configuration(path: String, _ error: ConfigurationError) -> ModelError {
    .unsupportedConfiguration(path: path, reason: "\(error)")
  }
}

extension ModelError: CustomStringConvertible {
  /// `where: what: found X, expected Y`, and where it helps a second line with a hint.
  public var description: String {
    switch self {
    case .unreadable(let sentence): sentence
    case .unsupportedConfiguration(let path, let reason): "\(path): \(reason)"
    case .notFound(let name, let folder, let cached):
      "found no model \"\(name)\" in \(folder) and no such file or folder\nhint: "
        + (KnownModel.named(name).map { "\($0.invitation) downloads it; " } ?? "")
        + (cached.isEmpty
          ? "the cache is empty: `esmfold weights import FOLDER` adds a downloaded model"
          : "the cache has " + cached.joined(separator: ", "))
    case .notInCache(let name, let folder):
      "found no model \"\(name)\" in \(folder), expected the name of one that is there"
    case .emptySequence: "found no residues, expected at least one"
    case .tooLong(let length, let longest):
      "found \(length) residues, expected at most \(longest), as many as the model has positions for"
    case .memory(let length, let needed, let available, let longest):
      "memory: found \(byteCount(available)) free, expected "
        + (needed < Int.max ? byteCount(needed) : "far more") + " for \(length) residues"
        + (longest > 0
          ? "\nhint: up to \(longest) residues fit; `esmfold info --length L` shows the plan"
          : "\nhint: not even one residue fits beside this model; `esmfold info --length L` shows the plan")
    case .tooManyTokens(let count, let longest):
      "found \(count) tokens with <cls> and <eos>, expected at most \(longest), as many as the model has positions for"
        + "\nhint: --long windows reads a longer sequence in overlapping windows"
    case .token(let id, let size): "token id: found \(id), expected 0 to \(size - 1)"
    case .layer(let layer, let layers):
      "layer: found \(layer), expected 0 (embeddings) to \(layers), or \(-layers - 1) to -1 counted from the last"
    case .missingHead(let model, let head): "\(model): found no \(head), expected a checkpoint that has one"
    case .vocabulary(let token): "vocabulary: found no \(token), expected <cls>, <pad>, <eos>, <unk> and <mask>"
    case .batchMemory(let tokens, let needed, let available):
      "memory: found \(byteCount(available)) free, expected "
        + (needed < Int.max ? byteCount(needed) : "far more") + " to read \(tokens) tokens at once"
    case .windows(let sentence): sentence
    case .noPasses:
      "config.json: esmfold_config.trunk.max_recycles: found 0, expected at least 1\nhint: --recycles 0 asks for one pass"
    case .recycles(let recycles): "recycles: found \(recycles), expected 0 to \(FoldRequest.maximumRecycles)"
    }
  }
}
