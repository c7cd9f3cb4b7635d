// A complete file of results whose records are read one at a time, in any order.

import Weights

/// An open file that `ResultFile` has written. Nothing of its records is kept.
package struct ResultReader: Sendable {
  /// A record, and whether it is a dataset at the root in place of a group.
  package typealias Stored = (record: ResultRecord, isFlat: Bool)

  private let file: MappedFile
  private let hdf5: HDF5File
  /// Text attributes of the file but `program`, in its order.
  package let attributes: [(name: String, value: String)]

  /// - Throws: `ModelError` when it is not a file of results.
  package init(_ path: String) throws(ModelError) {
    do throws(WeightError) {
      file = try MappedFile(path)
      hdf5 = try HDF5File(image: file.bytes, owner: file, path: path)
      attributes = try hdf5.texts.filter { $0.name != "program" }
    } catch {
      throw .weights(error)
    }
  }

  /// Passes on the name of each record and a number by which it is read.
  package func forEachName(_ body: (_ name: String, _ place: Int) -> Void) throws(ModelError) {
    do throws(WeightError) {
      try hdf5.forEachPlace(body)
    } catch {
      throw .weights(error)
    }
  }

  /// Reads a record.
  ///
  /// - Throws: `ModelError` when the file does not hold what it says.
  package func record(_ name: String, at place: Int) throws(ModelError) -> Stored {
    do throws(WeightError) {
      let member = try hdf5.member(name, at: place, texts: ["original_id", "sequence"])
      let entry = try StoredResults.Entry(member, of: file)
      return (try StoredResults.record(entry, in: file), member.isDataset)
    } catch {
      throw .weights(error)
    }
  }
}
