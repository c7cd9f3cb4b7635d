// Errors of the library in the words of the command line: what went wrong, and which option or command helps.

package import ESMFoldKit

/// What the command line adds to errors that know nothing of it.
package enum Hints {
  /// The message of an error, and where something helps a second line with a hint.
  package static func message(of error: any Error) -> String {
    guard let error = error as? ModelError else { return "\(error)" }
    return error.message + ((hint(for: error) ?? error.hint).map { "\nhint: \($0)" } ?? "")
  }

  /// A hint in place of the library's own; nil where that will do.
  private static func hint(for error: ModelError) -> String? {
    switch error {
    case .file(let failure):
      return hint(for: failure)
    case .notFound(let name, _, let cached):
      let fetch = KnownModel.named(name).map { "\(invitation(to: $0)) downloads it; " } ?? ""
      let cache =
        cached.isEmpty
        ? "the cache is empty: `esmfold weights import FOLDER` adds a downloaded model"
        : "the cache has " + cached.joined(separator: ", ")
      return fetch + cache
    case .memory:
      return error.hint.map { "\($0); `esmfold info --length L` shows the plan" }
    case .tooManyTokens:
      return "--long windows reads a longer sequence in overlapping windows"
    case .noPasses:
      return "--recycles 0 asks for one pass"
    default:
      return nil
    }
  }

  private static func hint(for failure: FileFailure) -> String? {
    switch failure.kind {
    case .notAModel: "a model in this form is made with `esmfold weights import`"
    case .needsNoImport: "a file of the cache needs no import: --model names it, or copy it into the cache folder"
    case .readOnlyCache(let source):
      "import it where you may write, `esmfold weights import \(source) -o FILE.h5`, and use --model FILE.h5; "
        + "or set ESMFOLD_CACHE to a folder of your own"
    case .alreadyThere: "--overwrite replaces it"
    case .missingLanguageModel: failure.hint.map { "\($0) with --language-model" }
    case .diskFull, .denied: failure.hint.map { "\($0); that of the cache is set by ESMFOLD_CACHE" }
    case .other: nil
    }
  }

  /// The command that gets a model: "`esmfold weights fetch esmfold_v1` (8.4 GB)".
  package static func invitation(to model: KnownModel) -> String {
    "`esmfold weights fetch \(model.name)`" + (model.approximateSize.map { " (\($0))" } ?? "")
  }
}

extension Diagnostics {
  /// Reports why something failed; `place` says where, if the error does not.
  package func error(_ error: any Error, at place: String? = nil) {
    self.error((place.map { "\($0): " } ?? "") + Hints.message(of: error))
  }
}
