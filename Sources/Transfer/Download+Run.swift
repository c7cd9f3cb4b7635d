// The life of a download: what already exists, attempts with pauses in between, verification, the final name.

import Glibc
package import Platform

extension Download {
  /// Fetches the file, or the missing part of it; waits and retries where that may help.
  ///
  /// Two downloads to the same path must not run concurrently. Proxies are those of the environment (`http_proxy`,
  /// `https_proxy`, `all_proxy`, `no_proxy`), which libcurl reads itself.
  ///
  /// - Parameter observer: Receives progress, and may stop the download.
  /// - Returns: The digest of the file, which then has its final name.
  /// - Throws: `TransferError`; the bytes received are kept for the next run unless they were wrong.
  @discardableResult
  package func run(_ observer: TransferObserver = TransferObserver()) throws(TransferError) -> Digest {
    var state = try DownloadState(self, observer)
    // A download without a single byte leaves nothing worth keeping.
    defer { if state.file.length == 0 { Self.removeParts(of: path) } }
    while true {
      if !state.isWhole { try state.fetch() }
      let mismatch = inspect(partPath)
      // Pieces that do not fit together may be the reason, for which there is another attempt.
      if let mismatch, !state.isPieced { throw state.refusal(mismatch) }
      if let digest = try state.verify() {
        if let mismatch { throw state.refusal(mismatch) }
        try state.file.rename(to: path)
        ResumeRecord.remove(besides: partPath)
        return digest
      }
    }
  }

  /// Removes the leftovers of an unfinished download to `path`.
  package static func removeParts(of path: String) {
    unlink(partPath(of: path))
    ResumeRecord.remove(besides: partPath(of: path))
  }
}

/// A download between its attempts.
private struct DownloadState {
  let download: Download
  let observer: TransferObserver
  let file: PartialFile
  var record: ResumeRecord
  /// What the server has called the content, where it has sent any in this run.
  private(set) var contentType: String?
  /// Whether the bytes came in several pieces, which might not belong together.
  var isPieced = false
  /// The most bytes that the file has ever had.
  private var farthest = 0
  private var hasBegunAgain = false
  private var wasAnswered = false

  init(_ download: Download, _ observer: TransferObserver) throws(TransferError) {
    self.download = download
    self.observer = observer
    file = try PartialFile(download.partPath, download.digest?.algorithm ?? .sha256)
    record = ResumeRecord(download)
    if file.length > 0 {
      if let known = ResumeRecord(besides: download.partPath), known.url == record.url, isUsable(known) {
        record = known
        observer.event(.resuming(bytes: file.length, total: known.total))
        try file.readBack()
        isPieced = true
      } else {
        try file.restart()
      }
    }
    farthest = file.length
  }

  /// Without a validator only a digest of the whole can tell whether pieces belong together. Local files have
  /// no ranges and do not need them.
  private func isUsable(_ record: ResumeRecord) -> Bool {
    if download.url.lowercased().hasPrefix("file:") { return false }
    if let total = record.total, file.length > total { return false }
    return record.validator != nil || download.digest != nil || record.sha256 != nil
  }

  var isWhole: Bool { file.length > 0 && file.length == record.total }

  /// Makes attempts until all bytes have arrived.
  mutating func fetch() throws(TransferError) {
    var failures = 0
    while true {
      if file.length > 0, !isUsable(record) { try startAnew(because: "the server does not say which file this is") }
      let exchange = try Exchange(download, into: file, record: record, observer)
      let before = file.length
      let outcome = exchange.perform()
      record = exchange.record
      contentType = exchange.contentType ?? contentType
      wasAnswered = wasAnswered || exchange.wasAnswered
      if before > 0, file.length > before { isPieced = true }
      if before > 0, file.length < before { isPieced = false }
      let failure: TransferError
      var pause = 0.0
      switch outcome {
      case .complete: return
      case .stale(let reason):
        try startAnew(because: reason)
        failure = .range(url: download.url, found: reason, expected: before)
      case .failed(let error, let retryAfter):
        failure = error
        pause = Double(retryAfter)
      }
      switch failure {
      case .size, .tooLarge: Download.removeParts(of: download.path)
      default: break
      }
      guard failure.isTransient else { throw failure }
      // Measured by the farthest point reached: a server that always sends the beginning makes no progress.
      if file.length >= farthest + download.policy.progressBytes {
        failures = 0
        farthest = file.length
      }
      failures += 1
      let limit = wasAnswered ? download.policy.attempts : download.policy.attemptsWithoutAnswer
      guard failures < limit else { throw failure }
      if case .stale = outcome, failures == 1 { continue }
      try wait(max(pause, backOff(failures)), because: failure)
    }
  }

  private mutating func startAnew(because reason: String) throws(TransferError) {
    observer.event(.restarting(because: reason))
    try file.restart()
    record = ResumeRecord(download)
    isPieced = false
  }

  private func backOff(_ failures: Int) -> Double {
    var wait = download.policy.firstWait
    for _ in 1..<failures { wait = min(2 * wait, download.policy.longestWait) }
    return wait * Double.random(in: 0.5...1)
  }

  private func wait(_ seconds: Double, because error: TransferError) throws(TransferError) {
    observer.event(.waiting(seconds: seconds, because: error))
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if observer.isCancelled() { throw .cancelled(url: download.url) }
      usleep(20_000)
    }
  }

  /// The error for content of another kind, of which nothing is kept.
  func refusal(_ mismatch: (found: String, expected: String)) -> TransferError {
    Download.removeParts(of: download.path)
    return .content(url: download.url, type: contentType, found: mismatch.found, expected: mismatch.expected)
  }

  /// The digest if the file is correct; nil if everything must be fetched again.
  mutating func verify() throws(TransferError) -> Digest? {
    if let expected = download.bytes, file.length != expected {
      Download.removeParts(of: download.path)
      throw .size(url: download.url, found: file.length, expected: expected)
    }
    let found = file.digest()
    let stated = record.sha256.flatMap { Digest(.sha256, $0) }
    guard let expected = download.digest ?? stated, expected != found else { return found }
    guard isPieced, !hasBegunAgain else {
      Download.removeParts(of: download.path)
      throw .digest(url: download.url, found: found, expected: expected)
    }
    hasBegunAgain = true
    try startAnew(because: "the pieces do not fit together")
    farthest = 0
    return nil
  }

}
