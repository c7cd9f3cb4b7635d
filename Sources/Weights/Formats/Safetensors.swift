// A safetensors file, mapped: its tensors are views of the file.

package import Tensors

/// An open safetensors file.
package struct Safetensors: Sendable {
  /// The mapping that the tensors view.
  package let file: MappedFile
  /// The tensors in the order of their data, also those of element types that we do not read.
  package let entries: [SafetensorsEntry]
  /// Strings about the file (`__metadata__`).
  package let metadata: [String: String]
  /// The position of the data in the file, after the header.
  package let dataStart: Int

  /// Maps the file at `path` and checks its whole header: lengths, names, shapes, and that the data ranges cover the rest
  /// of the file without gap or overlap.
  package init(_ path: String) throws(WeightError) {
    let file = try MappedFile(path)
    self.file = file
    let header = try SafetensorsHeader(file.bytes, path: path)
    self.entries = header.entries
    self.metadata = header.metadata
    self.dataStart = header.dataStart
  }

  /// The bytes of `entry` in the file; of any alignment.
  package func bytes(of entry: SafetensorsEntry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
  }

  /// All tensors as views of the file; one whose data are not aligned to its elements is copied. Throws if one has an
  /// element type that we do not read.
  package func tensors() throws(WeightError) -> [StoredTensor] {
    let buffer = Buffer(borrowing: file.bytes, owner: file)
    var result: [StoredTensor] = []
    for entry in entries { result.append(try tensor(entry, in: buffer)) }
    return result
  }

  private func tensor(_ entry: SafetensorsEntry, in buffer: Buffer) throws(WeightError) -> StoredTensor {
    guard let type = entry.elementType else {
      throw .elementType(tensor: entry.name, found: entry.dtype, path: file.path)
    }
    var buffer = buffer
    var offset = entry.range.lowerBound
    if offset % type.byteCount != 0 {
      buffer = Buffer(byteCount: entry.range.count)
      UnsafeMutableRawBufferPointer(start: buffer.base, count: entry.range.count).copyMemory(from: bytes(of: entry))
      offset = 0
    }
    return StoredTensor(name: entry.name, elementType: type, shape: entry.shape, buffer: buffer, byteOffset: offset)
  }
}
