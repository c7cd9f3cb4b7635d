// Reading a file of results back.

import Tensors
import Weights

/// An HDF5 file of results that grows record by record: a group for each, with the attributes `original_id` (the whole
/// header) and `sequence`, and a dataset for each array. It is of use only after `close`.
public struct ResultFile: ~Copyable {
  private let file: ArrayFile

  /// Creates the file, or empties the one that is there.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - attributes: Text attributes of the file; the program's name and version are added as `program`.
  /// - Throws: `ModelError` when it cannot be created.
  public init(creating path: String, attributes: [(name: String, value: String)] = []) throws(ModelError) {
    do throws(WeightError) {
      file = try ArrayFile(creating: path, attributes: attributes + [("program", ESMFoldKit.program)])
    } catch {
      throw .weights(error)
    }
  }

  /// Adds the results of one record.
  ///
  /// - Throws: `ModelError` when they cannot be written.
  public func append(_ record: ResultRecord) throws(ModelError) {
    do throws(WeightError) {
      try file.append(
        group: record.name, attributes: [("original_id", record.header), ("sequence", record.sequence)],
        arrays: record.arrays.map {
          ArrayFile.Array($0.name, $0.elementType == .float32 ? .float32 : .float16, $0.shape, bytes: $0.bytes)
        })
    } catch {
      throw .weights(error)
    }
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

  /// Writes everything out and closes the file.
  ///
  /// - Throws: `ModelError` when that fails; the file is then of no use.
  public consuming func close() throws(ModelError) {
    do throws(WeightError) {
      try file.close()
    } catch {
      throw .weights(error)
    }
  }
}
