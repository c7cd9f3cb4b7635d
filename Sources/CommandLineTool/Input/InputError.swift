// Why an input cannot be read.

package import Platform

/// Why an input could not be read.
package enum InputError: SystemErrorWrapping, Sendable {
  /// A call to the system failed.
  case system(SystemError)
  case directory(path: String)
  case gzip(path: String, reason: String)
}

extension InputError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error):
      return error.sentence
    case .directory(let path):
      return "\(path): cannot read: found a folder, expected a file"
    case .gzip(let path, let reason):
      return "\(path): cannot decompress: \(reason)"
        + "\nhint: gzip -t checks the file; it may have been cut short by a copy"
    }
  }
}
