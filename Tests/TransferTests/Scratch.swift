// Shared by the tests of downloads: a folder, content to serve, and a download with short timeouts.

import Foundation
import Synchronization
import TestSupport
import Transfer

/// A separate folder for a test, removed at its end.
final class Scratch {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("transfer-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The destination of a download.
  var target: String { path + "/file" }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  func bytes(_ name: String = "file") -> [UInt8]? {
    FileManager.default.contents(atPath: "\(path)/\(name)").map(Array.init)
  }

  func write(_ name: String, _ bytes: [UInt8]) {
    _ = FileManager.default.createFile(atPath: "\(path)/\(name)", contents: Data(bytes))
  }
}

/// Bytes that are the same on every run, without repetitions.
let content: [UInt8] = {
  var random = RandomNumbers(seed: 7)
  return (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next() >> 20) }
}()

/// SHA-256 of the empty input (FIPS 180-4), which differs from that of any content.
let sha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/// A download of `/file` that does not wait long.
func download(_ url: String, _ scratch: Scratch) -> Download {
  var download = Download(url, to: scratch.target)
  download.policy.firstWait = 0.01
  download.policy.longestWait = 0.05
  download.policy.attempts = 4
  download.policy.progressBytes = 1000
  return download
}

/// Collects what a download reports.
final class Told {
  var restarts = 0
  var resumptions: [Int] = []
  var waits: [Double] = []
  var latest: TransferProgress?

  var observer: TransferObserver {
    var observer = TransferObserver()
    observer.progress = { self.latest = $0 }
    observer.event = { event in
      switch event {
      case .resuming(let bytes, _): self.resumptions.append(bytes)
      case .restarting: self.restarts += 1
      case .waiting(let seconds, _): self.waits.append(seconds)
      }
    }
    return observer
  }
}

/// The error that ends a download; nil if it succeeds.
func failure(_ download: Download, _ observer: TransferObserver = TransferObserver()) -> TransferError? {
  do throws(TransferError) {
    try download.run(observer)
    return nil
  } catch {
    return error
  }
}
