// What an export tells while it runs.

/// The progress of an export.
package struct ExportProgress: Sendable {
  /// The unfinished file, to be removed by a signal handler that ends the process.
  package let temporaryPath: String
  /// Bytes of tensors written so far.
  package let bytesDone: Int
  /// Bytes of all tensors.
  package let bytesTotal: Int
}
