// A file of results of many records.

package import Platform
import Tensors
import Weights

/// An HDF5 file of results that grows record by record: a group for each, with the attributes `original_id` (the whole
/// header), `sequence` and `index` (its place in the order of the records, from 0), and a dataset for each array. It has
/// its name only after `close`, when it is complete.
public struct ResultFile: ~Copyable {
  private let part: UnfinishedFile
  private var file: ArrayFile
  private var count = 0

  /// Begins a file; what is there is replaced by `close`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - attributes: Text attributes of the file; the program's name and version are added as `program`.
  /// - Throws: `ModelError` when no file can be created in its folder.
  public init(creating path: String, attributes: [(name: String, value: String)] = []) throws(ModelError) {
    self.init(try ModelError.creating(path), attributes: attributes)
  }

  /// Begins the file in `part`, which is empty.
  package init(_ part: UnfinishedFile, attributes: [(name: String, value: String)]) {
    self.part = part
    file = ArrayFile(part, attributes: attributes + [("program", ESMFoldKit.program)])
  }

  /// Adds the results of one record.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - isFlat: Whether a record with one array is a dataset at the root, which has the record's name and attributes, in
  ///     place of a group.
  /// - Throws: `ModelError` when they cannot be written, or the name is not new.
  public mutating func append(_ record: ResultRecord, isFlat: Bool = false) throws(ModelError) {
    let attributes = ArrayFile.Attributes(
      texts: [("original_id", record.header), ("sequence", record.sequence)], integers: [("index", count)])
    let arrays = record.arrays.map {
      ArrayFile.Array($0.name, $0.elementType == .float32 ? .float32 : .float16, $0.shape, bytes: $0.bytes)
    }
    do throws(WeightError) {
      if isFlat, arrays.count == 1 {
        try file.append(dataset: record.name, attributes: attributes, arrays[0])
      } else {
        try file.append(group: record.name, attributes: attributes, arrays: arrays)
      }
    } catch {
      throw .weights(error)
    }
    count += 1
  }

  /// A text attribute of a complete file.
  ///
  /// - Parameters:
  ///   - name: Its name, such as `settings`.
  ///   - path: The file.
  /// - Returns: The text; `nil` when the file has no such attribute.
  /// - Throws: `ModelError` when there is no HDF5 file.
  public static func attribute(_ name: String, ofFile path: String) throws(ModelError) -> String? {
    do throws(WeightError) {
      return try ArrayFile.attribute(name, ofFile: path)
    } catch {
      throw .weights(error)
    }
  }

  /// Completes the file, waits until it is on the disk, reads it back and gives it its name.
  ///
  /// - Throws: `ModelError` when something fails or is not as it was written; nothing is left then, and a file that was
  ///   there before is as it was.
  public consuming func close() throws(ModelError) {
    let part = part
    do throws(WeightError) {
      try file.finish()
    } catch {
      throw .weights(error)
    }
    try ModelError.committing(part)
  }
}
