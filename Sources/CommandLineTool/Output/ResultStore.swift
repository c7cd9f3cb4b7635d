// Where arrays of many records go: one HDF5 file, or a folder of NumPy files.

import ESMFoldKit

/// A store of results that survives an interruption: appended records are found when the same command is run again.
protocol ResultStore {
  /// Whether the store has results of the record.
  func contains(name: String, sequence: String) -> Bool
  /// The number of records in the store.
  var count: Int { get }
  /// Adds the results of a record.
  func append(_ record: ResultRecord) throws(OutputError)
  /// Makes the output complete; `seen` are the hashes of all records of this run's input.
  func finish(seen: Set<UInt64>) throws(OutputError)
  /// Whether records are collected first and copied at the end, which takes twice the disk space and needs the same
  /// input each time.
  var isJournalled: Bool { get }
}
