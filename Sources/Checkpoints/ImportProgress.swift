// What an import tells while it runs.

/// How far an import is.
package struct ImportProgress: Sendable {
  /// The unfinished file. Whoever ends the process from a signal handler should remove it.
  package let temporaryPath: String
  /// Bytes of tensors read so far.
  package let bytesDone: Int
  /// Bytes of all tensors.
  package let bytesTotal: Int
}
