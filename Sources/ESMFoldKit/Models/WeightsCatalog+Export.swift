// A model of the cache becomes a folder that transformers loads.

import Checkpoints
import ESM2
import Weights

extension WeightsCatalog {
  /// Writes a model as `model.safetensors` under the names of transformers, with `config.json` and the files of its
  /// tokenizer. Tensors keep their number format, bit for bit; what is damaged is not exported.
  ///
  /// - Parameters:
  ///   - location: The model; downloaded weights are imported into the cache if it is not there yet.
  ///   - output: The folder, created with its parents if need be. Other files in it stay.
  ///   - overwriting: Whether files of the same names are replaced.
  ///   - importing: Told the path of the unfinished cache file while an import writes it.
  ///   - note: Told what takes time or deserves attention.
  ///   - progress: Told the bytes done and to do, and the path of the unfinished file.
  /// - Returns: The path of the weights.
  /// - Throws: `ModelError`; no file is left unfinished then.
  public func export(
    _ location: ModelLocation, to output: String, overwriting: Bool = false, importing: (String) -> Void = { _ in },
    note: (String) -> Void = { _ in },
    progress: (_ done: Int, _ total: Int, _ unfinished: String) -> Void = { _, _, _ in }
  ) throws -> String {
    let model = try location.openToCheck(importing: importing, note: note)
    // Only what can be run can be loaded by others.
    try ModelRole.languageModel.check(model.store)
    let (encoder, tokenizer) = try EncoderModel.load(model.store)
    let companions =
      [("config.json", model.store.configJSON)]
      + Self.tokenizerFiles(tokenizer, maximumTokens: encoder.languageModel.maximumTokens)
    do throws(WeightError) {
      try Exporter(model, companions: companions).run(to: output, overwriting: overwriting) {
        progress($0.bytesDone, $0.bytesTotal, $0.temporaryPath)
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
