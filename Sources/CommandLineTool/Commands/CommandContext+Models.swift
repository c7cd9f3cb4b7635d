// What commands do with a model before they use it: import it if need be, and say what is worth knowing of it.

import ESMFoldKit

extension CommandContext {
  /// The model, imported into the cache first if it is downloaded weights that are not there as they are now.
  ///
  /// - Parameters:
  ///   - location: The model that the user named.
  ///   - role: What it is wanted for.
  /// - Returns: The location of a model that can be opened.
  /// - Throws: `ModelError` when it cannot be imported, or cannot do what it is wanted for.
  func imported(_ location: ModelLocation, for role: ModelRole = .languageModel) throws(ModelError) -> ModelLocation {
    try location.importIfNeeded(for: role) { pending in
      let reason =
        switch pending.reason {
        case .absent: "not in the cache yet"
        case .changed: "its files have changed"
        case .unusable: "the file in the cache cannot be used"
        }
      diagnostics.note(
        "importing \(pending.source) into \(pending.cacheFolder) (\(reason)); later runs use the import")
    }
  }

  /// Says what is worth knowing of a loaded model; `verb` is what it is used for, "folding".
  func note(_ remarks: [ModelRemark], of model: String, _ verb: String) {
    for remark in remarks {
      switch remark {
      case .precision(let asked, let used):
        diagnostics.note(
          "--precision \(asked.rawValue): this processor has no AVX512_BF16; \(verb) in \(used.rawValue)")
      case .threads(let asked, let started):
        diagnostics.warning(
          "threads: found that the system gives \(started), expected \(asked) (--threads): \(verb) with \(started); "
            + "results are the same")
      case .referenceHalvesLanguageModel:
        diagnostics.note(
          "\(model): config.json says fp16_esm: the reference computes the language model in float16, "
            + "this program in float32")
      }
    }
  }
}
