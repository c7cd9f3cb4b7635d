// Failures of finding, loading and running a model.

package import Platform
package import Weights

/// Why a model cannot be used, or a protein not be folded.
public enum ModelError: Error, Equatable, Sendable {
  /// A file of weights or results cannot be used, or does not fit its configuration.
  case file(FileFailure)
  /// A field of config.json asks for something that this library does not have; `found` is `nil` where the field is
  /// missing.
  case unsupportedConfiguration(path: String, field: String, found: String?, expected: String)
  /// No model of this name is in the cache, and no file has it.
  case notFound(name: String, cacheFolder: String, cached: [String])
  /// No model of this name is in the cache.
  case notInCache(name: String, cacheFolder: String)
  /// These are downloaded weights that have not been imported into the cache, or have changed since.
  case notImported(path: String)
  /// An import would write over one of the files that it reads.
  case overwritesSource(path: String)
  /// An import would write over a file that is no model of this program.
  case overwritesOther(path: String)
  /// A sequence without residues.
  case emptySequence
  /// The numbers that were given are not those of the residues.
  case residueNumbers(ResidueNumberMismatch)
  /// The model's learned positions end before the sequence does; `linkers` of its residues are between chains.
  case tooLong(length: Int, linkers: Int = 0, longest: Int)
  /// A run would need more memory than there is; `linkers` of the residues are between chains.
  case memory(length: Int, linkers: Int = 0, needed: Int, available: Int, longest: Int)
  /// Loading a model would need more memory than there is.
  case modelMemory(model: String, needed: Int, available: Int)
  /// The model's learned positions end before the tokens do.
  case tooManyTokens(count: Int, longest: Int)
  /// A token id that the model has no embedding for.
  case token(id: Int, vocabularySize: Int)
  /// A state that the model does not have.
  case layer(Int, layers: Int)
  /// A part of an input does not fit the model or the other parts.
  case input(part: String, found: String, expected: String)
  /// Labels do not fit the outputs that they are for; `item` counts from 0.
  case labels(item: Int?, found: String, expected: String)
  /// The checkpoint has no weights for what was asked for.
  case missingHead(model: String, head: String)
  /// A list of tokens without one that is needed.
  case vocabulary(missing: String)
  /// Reading this many tokens at once would need more memory than there is.
  case batchMemory(tokens: Int, needed: Int, available: Int)
  /// Windows of `size` residues cannot share so many.
  case windowOverlap(Int, size: Int)
  /// The attention maps of several windows cannot be put together.
  case attentionsOfWindows(tokens: Int, longest: Int)
  /// The configuration's default number of passes is 0, and no number of recycles was asked for.
  case noPasses
  /// Nothing to compare with was published for models of this configuration.
  case noPublishedValues(model: String, known: [String])
  /// More recycles than make sense.
  case recycles(Int)

  package static func weights(_ error: WeightError) -> ModelError { .file(FileFailure(error)) }

  /// What `body` gives; its error as one that users of the library know.
  static func translating<Value>(_ body: () throws(WeightError) -> Value) throws(ModelError) -> Value {
    do throws(WeightError) {
      return try body()
    } catch {
      throw .weights(error)
    }
  }

  /// Throws if the file of the weights, `nil` for none, has changed since it was opened.
  static func checkUnchanged(_ file: MappedFile?) throws(ModelError) {
    try translating { () throws(WeightError) in try file?.checkUnchanged() }
  }

  /// An empty file on its way to `path`.
  static func creating(_ path: String) throws(ModelError) -> UnfinishedFile {
    try translating { () throws(WeightError) in try UnfinishedFile.create(for: path) }
  }

  /// Gives a complete file its name.
  static func committing(_ part: UnfinishedFile) throws(ModelError) {
    try translating { () throws(WeightError) in try WeightError.wrapping(try part.commit()) }
  }

  /// Whether the file of the weights was written to while it was in use, so that nothing more can be computed with it.
  package var meansChangedModel: Bool {
    guard case .file(let failure) = self, case .changed = failure.error else { return false }
    return true
  }

  /// Whether a protein needs more memory than there was.
  package var meansLackOfMemory: Bool {
    guard case .memory = self else { return false }
    return true
  }

  /// The call to the system that failed, if it was one.
  package var systemError: SystemError? {
    guard case .file(let failure) = self, case .system(let error) = failure.error else { return nil }
    return error
  }

  package static func configuration(path: String, _ error: ConfigurationError) -> ModelError {
    switch error {
    case .missing(let field):
      .unsupportedConfiguration(path: path, field: field, found: nil, expected: "a value")
    case .unsupported(let field, let found, let expected):
      .unsupportedConfiguration(path: path, field: field, found: found, expected: expected)
    }
  }
}

extension ModelError: CustomStringConvertible {
  /// The message, and where it helps a second line with a hint.
  public var description: String { message + (hint.map { "\nhint: \($0)" } ?? "") }

  /// What is wrong, `where: what: found X, expected Y`.
  public var message: String {
    switch self {
    case .file(let failure): failure.message
    case .unsupportedConfiguration(let path, let field, let found, let expected):
      "\(path): \(field): found \(found ?? "nothing"), expected \(expected)"
    case .notFound(let name, let folder, _):
      "found no model \(quoted(name)) in \(folder) and no such file or folder"
    case .notInCache(let name, let folder):
      "found no model \(quoted(name)) in \(folder), expected the name of a model in the cache"
    case .notImported(let path):
      "\(path): found downloaded weights that are not in the cache, expected an imported model"
    case .overwritesSource(let path):
      "\(path): found a file that the model is imported from, expected another one to write"
    case .overwritesOther(let path):
      "\(path): found a file of another kind, expected none, or an imported model to replace"
    case .emptySequence: "found no residues, expected at least one"
    case .residueNumbers(let mismatch): mismatch.sentence
    case .tooLong(let length, let linkers, let longest):
      "found \(Self.residues(length, linkers)), expected at most \(longest), as many as the model has positions for"
    case .memory(let length, let linkers, let needed, let available, _):
      Self.memory("\(Self.residues(length, linkers)) need", needed, available)
    case .modelMemory(let model, let needed, let available):
      Self.memory("the weights of \(model) need", needed, available)
    case .tooManyTokens(let count, let longest):
      "found \(count) tokens with <cls> and <eos>, expected at most \(longest), as many as the model has positions for"
    case .token(let id, let size): "token id: found \(id), expected 0 to \(size - 1)"
    case .layer(let layer, let layers):
      "layer: found \(layer), expected 0 (embeddings) to \(layers), or \(-layers - 1) to -1 counted from the last"
    case .input(let part, let found, let expected): "\(part): found \(found), expected \(expected)"
    case .labels(let item, let found, let expected):
      "labels\(item.map { " of item \($0)" } ?? ""): found \(found), expected \(expected)"
    case .missingHead(let model, let head): "\(model): found no \(head), expected a checkpoint that has one"
    case .vocabulary(let token): "vocabulary: found no \(token), expected <cls>, <pad>, <eos>, <unk> and <mask>"
    case .batchMemory(let tokens, let needed, let available):
      Self.memory("reading \(tokens) tokens at once needs", needed, available)
    case .windowOverlap(let overlap, let size):
      "windows: found \(overlap) shared residues, expected 0 to \(size - 1): a window has \(size)"
    case .attentionsOfWindows(let tokens, let longest):
      "attentions: found a sequence of \(tokens) tokens, expected at most \(longest): "
        + "maps of several windows cannot be put together"
    case .noPasses: "config.json: esmfold_config.trunk.max_recycles: found 0, expected at least 1"
    case .noPublishedValues(let model, let known):
      "\(model): published values: found none for a model of its configuration, expected the configuration of one of "
        + known.joined(separator: ", ")
    case .recycles(let recycles): "recycles: found \(recycles), expected 0 to \(FoldRequest.maximumRecycles)"
    }
  }

  private static func residues(_ length: Int, _ linkers: Int) -> String {
    linkers == 0 ? "\(length) residues" : "\(length) residues, \(linkers) of them in linkers between chains,"
  }

  private static func memory(_ subject: String, _ needed: Int, _ available: Int) -> String {
    "memory: \(subject) "
      + (needed < Int.max
        ? "\(byteCount(needed)), \(byteCount(available)) free"
        : "far more than the \(byteCount(available)) that are free")
  }

  /// What can be done about it, where that helps.
  public var hint: String? {
    switch self {
    case .file(let failure): failure.hint
    case .notFound(_, _, let cached):
      cached.isEmpty ? "the cache is empty" : "the cache has " + cached.joined(separator: ", ")
    case .overwritesOther: "choose another name, or remove the file first"
    case .notImported: "ModelLocation.importIfNeeded imports them"
    case .memory(_, _, _, _, let longest):
      longest > 0 ? "up to \(longest) residues fit" : "not even one residue fits beside this model"
    case .tooManyTokens: "ESM.readInWindows reads a longer sequence in overlapping windows"
    case .noPasses: "a request for 0 recycles asks for one pass"
    default: nil
    }
  }
}
