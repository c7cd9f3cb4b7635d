// What whoever waits for a download is told.

/// How far a download is.
package struct TransferProgress: Sendable {
  /// Bytes in the file, those of earlier runs included.
  package let bytes: Int
  /// All bytes, once that is known.
  package let total: Int?
  /// Over the last seconds; nil before anything has come.
  package let bytesPerSecond: Double?
  /// nil while it cannot be said.
  package let secondsLeft: Double?

  package init(bytes: Int, total: Int?, bytesPerSecond: Double?, secondsLeft: Double?) {
    self.bytes = bytes
    self.total = total
    self.bytesPerSecond = bytesPerSecond
    self.secondsLeft = secondsLeft
  }
}

/// Something worth telling that happens during a download.
package enum TransferEvent: Sendable {
  /// The part file of an earlier run is read for the digest; so many bytes need not come again.
  case resuming(bytes: Int, total: Int?)
  /// The file must come from its beginning again.
  case restarting(because: String)
  /// An attempt has failed; the next one begins in `seconds`.
  case waiting(seconds: Double, because: TransferError)
}

/// Who is told what during a download, and may stop it. Everything is called on the thread that runs it.
package struct TransferObserver {
  package var progress: (TransferProgress) -> Void = { _ in }
  package var event: (TransferEvent) -> Void = { _ in }
  /// Asked several times a second; `true` stops the download and keeps what has come.
  package var isCancelled: () -> Bool = { false }
  /// Told the size as soon as the server has said it, and how much of it is here; `false` refuses the download.
  package var accepting: (_ total: Int, _ present: Int) -> Bool = { _, _ in true }

  package init() {}
}
