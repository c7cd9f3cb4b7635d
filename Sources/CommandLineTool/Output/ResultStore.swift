// Where arrays of many records go: one HDF5 file, or a folder of NumPy files.

import ESMFoldKit
import Platform

/// A store of results that survives an interruption: appended records are found when the same command is run again, and
/// records that lack are added to a complete store.
protocol ResultStore {
  /// Whether the store has results of the record, made with the same settings.
  ///
  /// - Throws: `OutputError.otherSequence` when it has those of another sequence under the name.
  func contains(_ record: LanguageRecord) throws(OutputError) -> Bool
  /// The hashes of records that an interrupted run has finished. They must all be of this run's input.
  var interrupted: Set<UInt64> { get }
  /// How many records it has.
  var count: Int { get }
  /// Adds the results of a record.
  func append(_ record: ResultRecord) throws(OutputError)
  /// Makes the output complete; `order` are the hashes of all records of this run's input.
  func finish(order: [UInt64]) throws(OutputError)
  /// Removes what was made for a run that does not begin.
  func abandon()
  /// The file that stands for the results, beside which a run notes what it is computing.
  var path: String { get }
  /// Whether records are collected first and copied at the end, which takes twice the disk space and needs the same
  /// input each time.
  var isJournalled: Bool { get }
}

/// Which records a store has, by name and sequence.
struct StoredNames {
  /// Hashes of names and of records.
  private var names: Set<UInt64> = [], records: Set<UInt64> = [], lost: Set<UInt64> = []

  /// Notes a record; whether it is new.
  @discardableResult
  mutating func insert(name: String, sequence: String) -> Bool {
    names.insert(shortHash(name.utf8))
    return records.insert(ResultJournal.hash(name: name, sequence: sequence)).inserted
  }

  /// Takes back a record whose results are no longer there. Its name stays taken for those of other sequences.
  mutating func lose(_ record: UInt64) {
    records.remove(record)
    lost.insert(record)
  }

  var isEmpty: Bool { names.isEmpty }
  var count: Int { records.count }

  /// Whether the record is there.
  ///
  /// - Throws: `OutputError.otherSequence` when another one has its name; `path` is named.
  func contains(_ record: LanguageRecord, _ path: String) throws(OutputError) -> Bool {
    if records.contains(record.hash) { return true }
    guard lost.contains(record.hash) || !names.contains(shortHash(record.name.utf8)) else {
      throw .otherSequence(path: path, name: record.name)
    }
    return false
  }
}
