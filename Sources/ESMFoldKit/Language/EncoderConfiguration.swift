// The language model's part of any config.json of the family.

package import ESM2
import Platform
import Protein
package import Weights

/// What a checkpoint's config.json says of its language model, vocabulary and labels (transformers: EsmConfig).
package struct EncoderConfiguration: Sendable {
  package let languageModel: LanguageModelConfiguration
  package let task: TaskConfiguration
  package let tokenizer: Tokenizer
  package let isFoldingModel: Bool

  /// Parses the text of a config.json.
  ///
  /// - Parameters:
  ///   - json: The text.
  ///   - path: Where it is from, for messages.
  /// - Throws: `ModelError` when it is not the configuration of a model of the family.
  package init(json: String, path: String) throws(ModelError) {
    self = try ConfigurationFields.decode(json, path: path) { try Self($0) }
  }

  private init(_ fields: ConfigurationFields) throws {
    isFoldingModel = try fields.boolean("is_folding_model", default: false)
    languageModel = try LanguageModelConfiguration(fields)
    task = try TaskConfiguration(fields)
    let tokens = try fields.strings("vocab_list") ?? Alphabet.tokens
    guard tokens.count <= languageModel.vocabularySize else {
      throw ConfigurationError.unsupported(
        field: "vocab_size", found: "\(languageModel.vocabularySize)",
        expected: "at least \(tokens.count), as many as there are tokens")
    }
    tokenizer = try Tokenizer(vocabularyList: tokens)
    // The model zeroes the configuration's mask token, the tokenizer writes that of the vocabulary.
    if languageModel.dropsTokens, languageModel.maskTokenID != tokenizer.mask {
      throw ConfigurationError.unsupported(
        field: "mask_token_id", found: "\(languageModel.maskTokenID ?? -1)",
        expected: "\(tokenizer.mask), the id of <mask> in the vocabulary")
    }
  }

  /// The configuration in a store. Throws as above.
  package init(of store: WeightStore) throws(ModelError) {
    try self.init(json: store.configJSON, path: "\(store.path): config.json")
  }
}

extension Tokenizer {
  /// The tokenizer of a configuration's `vocab_list`.
  init(vocabularyList tokens: [String]) throws {
    if let missing = Tokenizer.missingTask(in: tokens) {
      throw ConfigurationError.unsupported(
        field: "vocab_list", found: "no \(missing)", expected: "<cls>, <pad>, <eos>, <unk> and <mask> among its tokens")
    }
    try self.init(tokens: tokens)
  }

  /// Throws if a file of tokens exists and differs from the configuration: models of other alphabets, such as
  /// nucleotides, also call themselves `esm`.
  func check(vocabulary path: String) throws(ModelError) {
    guard let file = try? MappedFile(path) else { return }
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    let found = Tokenizer.tokens(inVocabulary: text)
    guard found != tokens else { return }
    let place = zip(found, tokens).enumerated().first { $1.0 != $1.1 }
    throw .configuration(
      path: path,
      .unsupported(
        field: place.map { "token \($0.offset)" } ?? "tokens",
        found: place.map { quoted($0.element.0) } ?? "\(found.count)",
        expected: (place.map { quoted($0.element.1) } ?? "\(tokens.count)")
          + ", as in the vocabulary of ESM; config.json lists another one as vocab_list"))
  }

  /// The tokenizer of a model, without loading its weights.
  ///
  /// - Parameter location: Which model.
  /// - Throws: `ModelError` when its configuration cannot be read.
  public init(of location: ModelLocation) throws(ModelError) {
    let (json, path) = try location.configuration()
    let configuration = try EncoderConfiguration(json: json, path: path)
    self = configuration.tokenizer
    let file = "/config.json"
    if path.hasSuffix(file), !configuration.isFoldingModel {
      try check(vocabulary: path.dropLast(file.count) + "/vocab.txt")
    }
  }
}
