// What went wrong with a file of weights or results, for users of the library.

import Glibc
import Platform
package import Weights

/// Why a file of weights or results could not be read, written or imported, or does not hold what a model needs.
public struct FileFailure: Error, Equatable, Sendable {
  package let error: WeightError

  package init(_ error: WeightError) { self.error = error }

  /// What a program may do something about.
  public enum Kind: Sendable, Equatable {
    /// A model in the form of the cache was expected, and there is something else.
    case notAModel
    /// Weights to import were expected, and there is a file of the cache, which needs no import.
    case needsNoImport
    /// Nothing can be created in the cache folder, which the import of `source` needs.
    case readOnlyCache(source: String)
    /// There is a file, and replacing it was not requested.
    case alreadyThere
    /// ESMFold's trunk has no language model beside it.
    case missingLanguageModel
    /// The disk is full.
    case diskFull
    /// The system does not let this process write there.
    case denied
    /// Everything else; ``FileFailure/message`` says it.
    case other
  }

  /// What kind of failure it is.
  public var kind: Kind {
    switch error {
    case .notACache: .notAModel
    case .noWeights(_, let found) where found.hasSuffix(".h5"): .needsNoImport
    case .readOnlyCache(_, let source, _): .readOnlyCache(source: source)
    case .alreadyThere: .alreadyThere
    case .missingLanguageModel: .missingLanguageModel
    case .noSpace: .diskFull
    case .system(let error) where error.code == ENOSPC: .diskFull
    case .system(let error) where error.isForbidden && !error.action.hasPrefix("open"): .denied
    default: .other
    }
  }

  /// `file: what: found X, expected Y`.
  public var message: String { error.sentence }

  /// What can be done about it, where that helps.
  public var hint: String? { error.hint }
}

extension FileFailure: CustomStringConvertible {
  /// The message, and where it helps a second line with a hint.
  public var description: String { error.description }
}
