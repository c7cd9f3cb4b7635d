// The size of the results, estimated before the work begins, so that hours of work do not end on a full disk.

import ESMFoldKit
import Platform

/// The disk space that a run needs, from a first pass over its input.
struct DiskForecast {
  /// Records that are not finished yet.
  private(set) var records = 0
  /// Bytes of the complete output, and bytes that this run will still write, its journal included.
  private(set) var outputBytes = 0.0, bytes = 0.0
  /// Whether the input can be read twice.
  private let isKnown: Bool

  /// - Throws: `OutputError.otherInput` when results of an interrupted run are not of this input.
  init(_ embedding: Embedding, _ store: any ResultStore, _ path: String, _ run: LanguageRun) throws(OutputError) {
    isKnown = run.input.paths.allSatisfy(InputFile.isFile)
    guard isKnown else { return }
    var records = 0, interrupted = store.interrupted, all = 0.0, waiting = 0.0
    let needsCopy = !interrupted.isEmpty
    _ = run.input.forEach(nil) { record in
      let residues = run.model.tokenizer.tokenize(record.sequence).count
      let size = embedding.bytes(residues: residues)
      all += size
      interrupted.remove(record.hash)
      // A record that cannot be stored is reported when it is read.
      if (try? store.contains(record)) == false {
        records += 1
        waiting += size
      }
      return true
    }
    guard interrupted.isEmpty else {
      throw .otherInput(path: path, left: path.lastComponent + ResultJournal.ending, count: interrupted.count)
    }
    self.records = records
    outputBytes = all
    // A journal is copied as a whole at the end, with what it and a complete file already have.
    bytes = store.isJournalled && (records > 0 || needsCopy) ? waiting + all : waiting
  }

  /// Reports the forecast, and throws when it does not fit.
  func check(_ path: String, _ diagnostics: Diagnostics) throws(OutputError) {
    guard isKnown else {
      return diagnostics.detail("no forecast of the disk space: the input can be read only once")
    }
    // More than any disk.
    let needed = Int(min(bytes, 1e18)), size = Int(min(outputBytes, 1e18))
    diagnostics.detail(
      "\(counted(records, "record")) to read; \(path) will have about \(byteCount(size))",
      event: "forecast",
      [("records", .whole(records)), ("output_bytes", .whole(size)), ("needed_bytes", .whole(needed))])
    guard let free = try? Folder.freeSpace(in: path.folder) else { return }
    guard needed <= free else { throw .noRoom(path: path, free: free, needed: needed) }
  }
}
