// What an import tells while it runs.

/// The progress of an import.
package struct ImportProgress: Sendable {
  /// The unfinished file, to be removed by a signal handler that ends the process.
  package let temporaryPath: String
  /// Bytes of tensors read so far.
  package let bytesDone: Int
  /// Bytes of all tensors.
  package let bytesTotal: Int
}
