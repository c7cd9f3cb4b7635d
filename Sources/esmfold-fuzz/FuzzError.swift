// Errors of the fuzzing program itself.

package import Platform

/// Why fuzzing cannot go on.
package enum FuzzError: SystemErrorWrapping, Equatable, CustomStringConvertible {
  /// A mistake on the command line.
  case usage(String)
  /// A call to the system failed.
  case system(SystemError)
  /// An input without anything to read in it.
  case refused(String)

  package var description: String {
    switch self {
    case .usage(let sentence): "\(sentence)\nhint: esmfold-fuzz --help"
    case .refused(let sentence): sentence
    case .system(let error): "\(error)"
    }
  }
}
