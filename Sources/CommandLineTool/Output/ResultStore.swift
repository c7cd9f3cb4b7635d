// Where arrays of many records go: one HDF5 file, or a folder of NumPy files.

import ESMFoldKit
import Glibc

/// A place for results that survives an interruption: what has been appended is there when the same command is given
/// again.
protocol ResultStore {
  /// Whether results of the record are there already.
  func contains(name: String, sequence: String) -> Bool
  /// How many records are there.
  var count: Int { get }
  /// Adds the results of a record.
  func append(_ record: ResultRecord) throws(OutputError)
  /// Makes the output complete; `seen` are the hashes of all records of this run's input.
  func finish(seen: Set<UInt64>) throws(OutputError)
  /// Whether records are collected first and copied at the end: needs the room twice, and the same input each time.
  var isJournalled: Bool { get }
}
