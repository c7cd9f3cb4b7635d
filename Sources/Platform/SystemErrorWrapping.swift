// How the errors of other targets hold failed calls to the system.

/// An error one of whose cases is a failed call to the system.
package protocol SystemErrorWrapping: Error {
  /// The error that holds `error`.
  static func system(_ error: SystemError) -> Self
}

extension SystemErrorWrapping {
  /// A call to the system on `path` that failed with the error number `code` while doing `action`.
  package static func system(path: String, action: String, code: Int32) -> Self {
    .system(SystemError(path: path, action: action, code: code))
  }

  /// The value of an expression; its error as one of this type.
  package static func wrapping<Value: ~Copyable>(
    _ value: @autoclosure () throws(SystemError) -> Value
  ) throws(Self) -> Value {
    do throws(SystemError) {
      return try value()
    } catch {
      throw .system(error)
    }
  }
}

extension SystemError: SystemErrorWrapping {
  /// The error itself.
  package static func system(_ error: SystemError) -> SystemError { error }
}
