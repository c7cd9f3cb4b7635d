// A call to the system that failed, as data: the one error of files, which the errors of all other targets hold.

import Glibc

/// A call to the system that failed.
package struct SystemError: Error, Equatable, Sendable {
  /// The file or folder.
  package let path: String
  /// What was being done, as a verb: `open`, `write`, `rename the finished file`.
  package let action: String
  /// The system's error number.
  package let code: Int32

  /// - Parameters:
  ///   - path: The file or folder.
  ///   - action: What was being done.
  ///   - code: The system's error number; as it stands now, unless another is given.
  package init(path: String, action: String, code: Int32 = errno) {
    self.path = path
    self.action = action
    self.code = code
  }

  /// The same failure of what a user knows under another name.
  package func renamed(path: String, action: String? = nil) -> SystemError {
    SystemError(path: path, action: action ?? self.action, code: code)
  }

  /// Whether the disk is full, or the user's share of it.
  package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  /// Whether nothing may be written in this place.
  package var isForbidden: Bool { [EACCES, EROFS, EPERM].contains(code) }

  /// The system's words for the error number.
  package var words: String { Self.words(code) }

  /// The system's words for an error number.
  package static func words(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `path: cannot action: words`.
  package var sentence: String { "\(visiblePath(path)): cannot \(action): \(words)" }
}

extension SystemError: CustomStringConvertible {
  /// `path: action: words`.
  package var description: String { "\(visiblePath(path)): \(action): \(words)" }
}
