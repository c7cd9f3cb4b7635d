// What a download is: from where, to where, what is known of it beforehand, and how patient it is.

/// One URL that shall become one file.
package struct Download: Sendable {
  /// `http`, `https` or `file`.
  package let url: String
  /// The file that is there when, and only when, the download is complete and verified. Until then its bytes are in
  /// `PATH.part`, and what a continuation must know in `PATH.part.resume`.
  package let path: String
  /// The size that it must have, if that is known.
  package var bytes: Int?
  /// The digest that it must have, if that is known; else that which the server states (`X-Linked-ETag`).
  package var digest: Digest?
  /// A token for the host of `url`; hosts that it redirects to do not get it.
  package var bearer: String?
  package var policy = TransferPolicy()
  package var trust = CertificateTrust()
  /// What the server is told that it speaks with.
  package var agent = "libcurl"

  package init(_ url: String, to path: String) {
    self.url = url
    self.path = path
  }

  /// Where the bytes are until the file is complete.
  package var partPath: String { Self.partPath(of: path) }

  /// The name of an unfinished file.
  package static func partPath(of path: String) -> String { path + ".part" }
}

/// How long a download waits and how often it tries again.
package struct TransferPolicy: Sendable {
  /// Attempts in a row that bring nothing new.
  package var attempts = 8
  /// The same where no server has ever answered: a wrong name, or no way out of this network.
  package var attemptsWithoutAnswer = 3
  /// As many new bytes are progress: the attempts are counted anew.
  package var progressBytes = 1 << 20
  /// The wait after the first failure in seconds; each further one is twice as long, up to `longestWait`, and a random
  /// part of up to a half is taken off, so that many clients do not come back together.
  package var firstWait = 1.0
  package var longestWait = 60.0
  /// A server that asks for more patience than this is not waited for (seconds).
  package var longestRetryAfter = 600
  /// Seconds to reach a server.
  package var connectTimeout = 30
  /// A transfer below `lowSpeed` bytes a second for `lowSpeedTime` seconds has failed.
  package var lowSpeed = 1000
  package var lowSpeedTime = 60
  /// Redirects that are followed in a row.
  package var redirects = 10

  package init() {}
}

/// Certificates to trust in place of those that libcurl was built with.
package struct CertificateTrust: Sendable {
  /// A file of certificates in PEM.
  package var file: String?
  /// A folder of certificates, named by their hashes.
  package var folder: String?

  package init(file: String? = nil, folder: String? = nil) {
    self.file = file
    self.folder = folder
  }
}

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
