// Warnings and errors about sequences, with the options that change what became of them.

package import Protein

extension Hints {
  /// A warning about a record, in one line.
  package static func message(of warning: FASTAWarning) -> String {
    warning.description + (advice(on: warning).map { "; \($0)" } ?? "")
  }

  private static func advice(on warning: FASTAWarning) -> String? {
    switch warning {
    case .unknownLetters(let letters, _):
      let pairs = letters.compactMap { found in
        NearestAminoAcid.of(letter: found.letter).map { "\(UnicodeScalar(found.letter)) as \(UnicodeScalar($0))" }
      }
      return pairs.isEmpty ? nil : "--nonstandard nearest folds \(pairs.joined(separator: ", "))"
    case .gaps(_, .dropped, _): return "--gaps keep keeps them"
    case .gaps(_, .x, _), .gaps(_, .tokens, _): return "--gaps drop leaves them out"
    case .insertions: return "--gaps drop keeps them"
    case .linesJoined: return "--lines reads each line as one"
    case .unknownTokens, .linesSeparate, .separators, .digits, .replaced: return nil
    }
  }

  /// An error in an input, and where something helps a second line with a hint.
  package static func message(of error: FASTAError) -> String {
    guard let hint = hint(for: error) else { return error.description }
    return error.description.prefix { $0 != "\n" } + "\nhint: \(hint)"
  }

  /// A hint in place of the library's own; nil where that will do.
  private static func hint(for error: FASTAError) -> String? {
    switch error {
    case .gaps: "--gaps drop leaves them out, --gaps keep reads them"
    default: nil
    }
  }
}
