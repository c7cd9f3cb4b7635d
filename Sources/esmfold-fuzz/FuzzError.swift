// Errors of the fuzzing program itself.

import Glibc

/// Why fuzzing cannot go on.
package enum FuzzError: Error, Equatable, CustomStringConvertible {
  /// A mistake on the command line.
  case usage(String)
  /// The system call `call` on `path` failed with the error number `code`.
  case system(path: String, call: String, code: Int32)
  /// An input with nothing to read.
  case refused(String)

  package var description: String {
    switch self {
    case .usage(let sentence): "\(sentence)\nhint: esmfold-fuzz --help"
    case .refused(let sentence): sentence
    case .system(let path, let call, let code): "\(path): \(call): \(String(cString: strerror(code)))"
    }
  }
}
