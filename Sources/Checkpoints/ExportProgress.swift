// What an export tells while it runs.

/// How far an export is.
package struct ExportProgress: Sendable {
  /// The unfinished file. Whoever ends the process from a signal handler should remove it.
  package let temporaryPath: String
  /// Bytes of tensors written so far.
  package let bytesDone: Int
  /// Bytes of all tensors.
  package let bytesTotal: Int
}
