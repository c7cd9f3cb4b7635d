// The records that a run is computing, beside its results: if it is killed, the next run knows which they were.

import Glibc
import Platform

/// The records that are being computed, in a file that never gets a final name: `.NAME.begun.part-…`, a line for each with
/// its hash. It is gone when the run ends in any way but by a kill. Where it cannot be written, runs do without it.
final class BegunRecords {
  /// Hashes of the records that killed runs were computing.
  private let left: Set<UInt64>
  private let file: UnfinishedFile?

  /// Far more than the records of a batch take.
  private static let limit = 1 << 20

  /// - Parameters:
  ///   - path: the file of the results, or one of its folder that stands for them.
  ///   - temporaryFiles: remembers the file.
  init(beside path: String, _ temporaryFiles: TemporaryFiles) {
    let ending = ".begun"
    var name = path.lastComponent
    while name.utf8.count + ending.utf8.count > UnfinishedFile.longestName { name.removeLast() }
    let target = "\(path.folder)/\(name)\(ending)", abandoned = UnfinishedFile.abandoned(for: target)
    var left: Set<UInt64> = []
    for path in abandoned {
      let text = String(decoding: (try? WholeFile.read(path, atMost: Self.limit)) ?? [], as: UTF8.self)
      left.formUnion(text.split(separator: "\n").compactMap { UInt64($0, radix: 16) })
    }
    self.left = left
    file = try? UnfinishedFile(for: target, in: temporaryFiles, removingAbandoned: false)
    // What is known is written again before it is removed: this run may be killed, too.
    write(left)
    for path in abandoned { UnfinishedFile.removeAbandoned(path) }
  }

  /// Whether a killed run was computing the record.
  func wasKilled(at record: LanguageRecord) -> Bool { wasKilled(at: record.hash) }

  func wasKilled(at hash: UInt64) -> Bool { left.contains(hash) }

  /// Notes what is computed from now on, in place of what was before.
  func begin(_ records: [LanguageRecord]) { begin(records.map(\.hash)) }

  func begin(_ hashes: [UInt64]) { write(left.union(hashes)) }

  private func write(_ hashes: Set<UInt64>) {
    guard let file else { return }
    let text = Array(hashes.map { hexadecimal($0) + "\n" }.joined().utf8)
    // Cut off afterwards: at no moment is the file empty.
    if text.withUnsafeBytes({ writeAll($0, to: file.descriptor, at: 0) }) == 0 {
      ftruncate(file.descriptor, text.count)
    }
  }
}
