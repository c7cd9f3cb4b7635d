// Why a picture cannot be written.

/// Why a picture cannot be written.
package enum PictureError: Error, Hashable, Sendable {
  /// zlib gave this code.
  case compression(Int32)
}

extension PictureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .compression(let code): "PNG: compression: found code \(code) of zlib, expected success"
    }
  }
}
