// Which model the command line means.

import ESMFoldKit

/// Finds the model that a user names, or the default one.
///
/// Every function returns nil after reporting that a model cannot be used, and throws `UsageError` when there is none.
/// Nothing is loaded.
enum ModelChoice {
  /// The model called `name`, or esmfold_v1 in the cache when it is nil.
  static func resolve(_ name: String?, _ context: CommandContext) throws(UsageError) -> ModelLocation? {
    try resolve(
      name, default: ModelLocation.foldingModel,
      otherwise: "try the small model inside the program, which only recalls Examples/demo.fasta: --model demo", context
    )
  }

  /// The language model called `name`, or the default one in the cache when it is nil.
  static func resolveLanguageModel(_ name: String?, _ context: CommandContext) throws(UsageError) -> ModelLocation? {
    try resolve(
      name, default: ModelLocation.languageModel, otherwise: "name another model of the family with --model", context)
  }

  /// The model that is a command's one argument.
  static func argument(_ words: [String], _ context: CommandContext) throws(UsageError) -> ModelLocation? {
    guard let name = words.first else { throw .missingArgument("MODEL, a name in the cache, a file or a folder") }
    if words.count > 1 { throw .unexpectedArgument(words[1], expected: "one model") }
    return try resolve(name, default: ModelLocation.foldingModel, otherwise: "", place: "MODEL", context)
  }

  // `otherwise` says what else to do when no model was named and the default one is missing; `place` is where the name
  // was given.
  private static func resolve(
    _ name: String?, default standard: String, otherwise: String, place: String = "--model", _ context: CommandContext
  ) throws(UsageError) -> ModelLocation? {
    do throws(ModelError) {
      return try ModelLocation.resolve(name, default: standard, cacheFolder: context.cacheFolder)
    } catch .notFound where name == nil {
      let size = KnownModel.named(standard)?.approximateSize.map { " (\($0))" } ?? ""
      throw .model(
        "no model: found no \(standard) in \(context.cacheFolder), expected one there or --model"
          + "\nhint: download and import facebook/\(standard)\(size):"
          + "\n        esmfold weights fetch \(standard)"
          + "\n      or \(otherwise)")
    } catch {
      let source = place == "--model" && name == context.environment("ESMFOLD_MODEL") ? "ESMFOLD_MODEL" : place
      if case .notFound = error { throw .model("\(source): \(Hints.message(of: error))") }
      context.diagnostics.error(error)
      return nil
    }
  }
}
