// A complete file of results, read back: what is in it, and its records.

import Tensors
import Weights

/// The records of a file that `ResultFile` has written.
public struct StoredResults: Sendable {
  /// A record without its arrays.
  public struct Entry: Sendable {
    /// The name of its group or dataset.
    public let name: String
    /// The whole header of the FASTA record.
    public let header: String
    /// The sequence as it was read.
    public let sequence: String
    private let member: HDF5File.Member

    init(_ member: HDF5File.Member, of file: MappedFile) throws(WeightError) {
      guard let header = member.texts["original_id"], let sequence = member.texts["sequence"] else {
        throw .malformed(
          path: file.path, what: member.name, found: "no sequence", expected: "the attributes original_id and sequence")
      }
      (name, self.header, self.sequence, self.member) = (member.name, header, sequence, member)
    }

    var datasets: [HDF5File.Dataset] { member.datasets }
  }

  /// In the order of the file.
  public let entries: [Entry]
  private let file: MappedFile

  /// Opens a file.
  ///
  /// - Parameter path: The file.
  /// - Throws: `ModelError` when it is not a file of results.
  public init(_ path: String) throws(ModelError) {
    do throws(WeightError) {
      file = try MappedFile(path)
      let hdf5 = try HDF5File(image: file.bytes, owner: file, path: path)
      var entries: [Entry] = []
      for member in try hdf5.members(texts: ["original_id", "sequence"], index: "index") {
        entries.append(try Entry(member, of: file))
      }
      self.entries = entries
    } catch {
      throw .weights(error)
    }
  }

  /// Passes on names and sequences of the records of a file, one at a time; their arrays are not looked at.
  ///
  /// - Throws: `ModelError` when it is not a file of results.
  package static func forEachName(
    in path: String, _ body: (_ name: String, _ sequence: String) -> Void
  ) throws(ModelError) {
    do throws(WeightError) {
      let file = try MappedFile(path)
      let hdf5 = try HDF5File(image: file.bytes, owner: file, path: path)
      try hdf5.forEachMember(texts: ["sequence"]) { (name, texts) throws(WeightError) in
        guard let sequence = texts[0] else {
          throw .malformed(path: path, what: name, found: "no sequence", expected: "the attribute sequence")
        }
        body(name, sequence)
      }
    } catch {
      throw .weights(error)
    }
  }

  /// Reads a record with its arrays.
  ///
  /// - Parameter entry: One of `entries`.
  /// - Returns: The record.
  /// - Throws: `ModelError` when the file does not hold what it says.
  public func record(_ entry: Entry) throws(ModelError) -> ResultRecord {
    do throws(WeightError) {
      return try Self.record(entry, in: file)
    } catch {
      throw .weights(error)
    }
  }

  static func record(_ entry: Entry, in file: MappedFile) throws(WeightError) -> ResultRecord {
    var arrays: [ResultArray] = []
    for dataset in entry.datasets {
      let type: ResultArray.ElementType? =
        switch dataset.elementType {
        case .float32: .float32
        case .float16: .float16
        default: nil
        }
      guard let type, let count = dataset.shape.checkedProduct(startingAt: type.byteCount),
        dataset.offset <= file.bytes.count, count <= file.bytes.count - dataset.offset
      else {
        throw .malformed(
          path: file.path, what: dataset.name, found: "\(dataset.elementType) of shape \(dataset.shape)",
          expected: "float32 or float16 within the file")
      }
      let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[dataset.offset..<dataset.offset + count])
      arrays.append(ResultArray(dataset.name, dataset.shape, bytes: Array(bytes), as: type))
    }
    return ResultRecord(name: entry.name, header: entry.header, sequence: entry.sequence, arrays: arrays)
  }
}
