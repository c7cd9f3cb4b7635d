// A model of the cache becomes a folder that transformers loads.

import Checkpoints
import ESM2
import Weights

extension WeightsCatalog {
  /// Writes a model as `model.safetensors` under the names of transformers, with `config.json` and the files of its
  /// tokenizer. Tensors keep their number format, bit for bit; what is damaged is not exported.
  ///
  /// - Parameters:
  ///   - location: The model; downloaded weights must have been imported.
  ///   - output: The folder, created with its parents if need be. Other files in it stay.
  ///   - overwriting: Whether files of the same names are replaced.
  ///   - progress: Told how far the export is.
  /// - Returns: The path of the weights.
  /// - Throws: `ModelError`; no file is left unfinished then.
  public func export(
    _ location: ModelLocation, to output: String, overwriting: Bool = false,
    progress: (FileProgress) -> Void = { _ in }
  ) throws(ModelError) -> String {
    let model = try location.openToCheck()
    // Only what can be run can be loaded by others.
    try ModelRole.languageModel.check(model.store)
    let (encoder, tokenizer) = try EncoderModel.load(model.store)
    let companions =
      [("config.json", model.store.configJSON)]
      + Self.tokenizerFiles(tokenizer, maximumTokens: encoder.languageModel.maximumTokens)
    do throws(WeightError) {
      try Exporter(model, companions: companions).run(to: output, overwriting: overwriting) {
        progress(FileProgress($0))
      }
    } catch {
      throw ModelError.weights(error)
    }
    return "\(output)/\(Exporter.weightsName)"
  }

  /// What `AutoTokenizer` reads.
  private static func tokenizerFiles(_ tokenizer: Tokenizer, maximumTokens: Int?) -> [(String, String)] {
    var special = JSONObject()
    for (task, id) in [
      ("cls_token", tokenizer.cls), ("eos_token", tokenizer.eos), ("mask_token", tokenizer.mask),
      ("pad_token", tokenizer.pad), ("unk_token", tokenizer.unk),
    ] {
      special.append(task, .string(tokenizer.token(of: id)))
    }
    var configuration = special
    configuration.append("tokenizer_class", .string("EsmTokenizer"))
    if let maximumTokens { configuration.append("model_max_length", .integer(maximumTokens)) }
    return [
      ("vocab.txt", tokenizer.vocabularyText),
      ("tokenizer_config.json", JSONValue.object(configuration).text + "\n"),
      ("special_tokens_map.json", JSONValue.object(special).text + "\n"),
    ]
  }
}
