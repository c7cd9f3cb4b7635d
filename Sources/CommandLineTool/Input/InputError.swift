// Why an input cannot be read.

import Glibc

/// Why an input could not be read.
package enum InputError: Error, Sendable {
  /// A call to the system failed while doing `action`.
  case system(path: String, action: String, code: Int32)
  case directory(path: String)
  case gzip(path: String, reason: String)
}

extension InputError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let path, let action, let code):
      return "\(path): cannot \(action): \(systemMessage(code))"
    case .directory(let path):
      return "\(path): cannot read: found a folder, expected a file"
    case .gzip(let path, let reason):
      return "\(path): cannot decompress: \(reason)"
        + "\nhint: gzip -t checks the file; it may have been cut short by a copy"
    }
  }
}
