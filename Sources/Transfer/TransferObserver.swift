// Progress and events of a download, for its caller.

/// The progress of a download.
package struct TransferProgress: Sendable {
  /// Bytes in the file, those of earlier runs included.
  package let bytes: Int
  /// Total bytes, once known.
  package let total: Int?
  /// Over the last seconds; nil before anything has arrived.
  package let bytesPerSecond: Double?
  /// nil while unknown.
  package let secondsLeft: Double?

  package init(bytes: Int, total: Int?, bytesPerSecond: Double?, secondsLeft: Double?) {
    self.bytes = bytes
    self.total = total
    self.bytesPerSecond = bytesPerSecond
    self.secondsLeft = secondsLeft
  }
}

/// A notable event during a download.
package enum TransferEvent: Sendable {
  /// The part file of an earlier run is read for the digest; these bytes need not be downloaded again.
  case resuming(bytes: Int, total: Int?)
  /// The file must be downloaded again from its beginning.
  case restarting(because: String)
  /// An attempt failed; the next one begins in `seconds`.
  case waiting(seconds: Double, because: TransferError)
}

/// Receives progress and events of a download, and may stop it. All closures are called on the thread that runs it.
package struct TransferObserver {
  package var progress: (TransferProgress) -> Void = { _ in }
  package var event: (TransferEvent) -> Void = { _ in }
  /// Polled several times a second; `true` stops the download and keeps the bytes received.
  package var isCancelled: () -> Bool = { false }
  /// Called with the size once the server has stated it, and the bytes already present; `false` refuses the download.
  package var accepting: (_ total: Int, _ present: Int) -> Bool = { _, _ in true }

  package init() {}
}
