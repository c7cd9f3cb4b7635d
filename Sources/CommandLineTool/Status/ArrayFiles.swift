// HDF5 files of language models: which records they have, told by their names and sequences.

import ESMFoldKit
import Platform
import Protein

/// One HDF5 file, or those of several shards.
final class ArrayFiles: ResultPlace {
  let naming = RecordSource.Naming.identifiers
  let dialect = FASTADialect.tokens
  private(set) var parts: [ResultPart] = []
  /// The part that has a record, and the names that are there.
  private var records: [UInt64: Int32] = [:]
  private var names: Set<UInt64> = []
  private let path: String

  /// - Parameters:
  ///   - paths: The files.
  ///   - unfinished: Files that runs have begun, of which nothing can be read yet.
  /// - Throws: `ResultsError` when one cannot be read.
  init(_ paths: [String], unfinished: [String] = []) throws(ResultsError) {
    path = paths.first ?? ""
    for path in paths.inShardOrder {
      let part = Int32(clamping: parts.count)
      parts.append(ResultPart(path))
      do throws(ModelError) {
        try StoredResults.forEachName(in: path) { name, sequence in
          names.insert(shortHash(name.utf8))
          records[ResultJournal.hash(name: name, sequence: sequence)] = part
        }
      } catch {
        throw .unreadable(error)
      }
    }
    parts += unfinished.inShardOrder.map { ResultPart($0) }
  }

  func state(of record: AskedRecord) -> RecordState {
    if let part = record.recordHash.flatMap({ records[$0] }) {
      parts[Int(part)].finished += 1
      return .finished
    }
    guard names.contains(record.nameHash) else { return .missing }
    return .other("\(path): found the results of another sequence, expected those of this record")
  }
}
