// The progress of copying a model's tensors into a file or out of one.

/// The progress of an import or export.
package struct CopyProgress: Sendable {
  /// The unfinished file, to be removed by a signal handler that ends the process.
  package let temporaryPath: String
  /// Bytes of tensors copied so far.
  package let bytesDone: Int
  /// Bytes of all tensors.
  package let bytesTotal: Int
}
