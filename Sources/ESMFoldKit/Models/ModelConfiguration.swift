// A whole config.json: the language model, what is behind it, and the vocabulary.

package import Checkpoints
package import ESM2
package import Folding
import Protein
package import Weights

/// What a checkpoint's config.json says (transformers: EsmConfig).
package struct ModelConfiguration: Sendable {
  package let languageModel: LanguageModelConfiguration
  package let folding: FoldingConfiguration
  package let tokenizer: Tokenizer

  /// Parses the text of a config.json.
  ///
  /// - Parameters:
  ///   - json: The text.
  ///   - path: Where it is from, for messages.
  /// - Throws: `ModelError` when it is not the configuration of a folding model that can be run.
  package init(json: String, path: String) throws(ModelError) {
    self = try ConfigurationFields.decode(json, path: path) { try Self($0) }
  }

  private init(_ fields: ConfigurationFields) throws {
    guard try fields.boolean("is_folding_model", default: false) else {
      throw ConfigurationError.unsupported(
        field: "is_folding_model", found: "false", expected: "true: only folding models can fold")
    }
    languageModel = try LanguageModelConfiguration(fields)
    folding = try FoldingConfiguration(try fields.object("esmfold_config"))
    let tokens = try fields.strings("vocab_list") ?? Alphabet.tokens
    guard tokens.count <= languageModel.vocabularySize else {
      throw ConfigurationError.unsupported(
        field: "vocab_list", found: "\(tokens.count) tokens",
        expected: "at most vocab_size = \(languageModel.vocabularySize)")
    }
    tokenizer = try Tokenizer(vocabularyList: tokens)
    if let missing = ResidueType.all.map({ String($0.oneLetter) }).first(where: { !tokens.contains($0) }) {
      throw ConfigurationError.unsupported(
        field: "vocab_list", found: "no \"\(missing)\"", expected: "the special tokens and the residue letters")
    }
    // The reference finds the end of a sequence by counting tokens other than 1.
    let padding = tokens.firstIndex(of: Alphabet.pad) ?? tokenizer.pad
    guard padding == 1 else {
      throw ConfigurationError.unsupported(
        field: "vocab_list", found: "\"<pad>\" at \(padding)", expected: "\"<pad>\" at 1")
    }
  }

  /// The configuration beside the weights of a source. Throws as above.
  package init(of source: ModelSource) throws(ModelError) {
    let json: String
    do throws(WeightError) {
      json = try source.configuration()
    } catch {
      throw .weights(error)
    }
    try self.init(json: json, path: source.configurationPath)
  }

  /// The configuration in a store. Throws as above.
  package init(of store: WeightStore) throws(ModelError) {
    try self.init(json: store.configJSON, path: "\(store.path): config.json")
  }
}
