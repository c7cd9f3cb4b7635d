// A file of weights, whatever its format: safetensors, or a zip that torch.save has written.

/// An open file of weights; its tensors are views of the mapping.
package struct Checkpoint: Sendable {
  /// The mapping.
  package let file: MappedFile
  /// The tensors in the order of their data.
  package let entries: [CheckpointEntry]
  /// What the file says of its own bytes, in their order; nothing for safetensors.
  package var checksums: [StoredChecksum] { torch?.checksums ?? [] }
  /// What else a file of PyTorch says.
  private let torch: TorchCheckpoint?

  /// Maps the file at `path`, recognises its format by its first bytes and checks everything that it says about its
  /// tensors.
  package init(_ path: String) throws(WeightError) {
    let file = try MappedFile(path)
    self.file = file
    if ZipArchive.isZip(file.bytes) {
      let checkpoint = try TorchCheckpoint(file.bytes, path: path)
      entries = checkpoint.entries
      torch = checkpoint
      return
    }
    // Safetensors begin with a number, which may look like anything, always followed by a brace.
    let isSafetensors = file.bytes.count > 8 && file.bytes[8] == UInt8(ascii: "{")
    if !isSafetensors, let found = Self.foreignFormat(file.bytes) {
      throw .foreign(path: path, found: found.kind, hint: found.hint)
    }
    let header = try SafetensorsHeader(file.bytes, path: path)
    entries = header.entries.map {
      CheckpointEntry(
        name: $0.name, elementType: $0.elementType, dtype: $0.dtype, shape: $0.shape, range: $0.range, strides: nil)
    }
    torch = nil
  }

  /// The whole number that a file of PyTorch holds beside its tensors under `keys`, each of which names a member of a
  /// dictionary or an attribute of an object: `["args", "layers"]`. `nil` where there is none.
  package func integer(at keys: [String]) -> Int? { torch?.integer(at: keys) }

  // MARK: Elements

  /// The elements `part` of a tensor, row-major, as stored: a view of the file where it is dense, else gathered.
  package func withElements<Result>(
    _ part: Range<Int>, of entry: CheckpointEntry, size: Int,
    _ body: (UnsafeRawBufferPointer) throws(WeightError) -> Result
  ) throws(WeightError) -> Result {
    let base = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range(of: part, size: size)])
    guard let strides = entry.strides else { return try body(base) }
    var gathered = [UInt8](repeating: 0, count: part.count * size)
    var index = entry.position(of: part.lowerBound)
    for element in 0..<part.count {
      let place = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 } * size
      for byte in 0..<size { gathered[element * size + byte] = base[place + byte] }
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < entry.shape[axis] { break }
        index[axis] = 0
      }
    }
    let outcome = gathered.withUnsafeBytes { bytes in
      Swift.Result { () throws(WeightError) in try body(bytes) }
    }
    return try outcome.get()
  }

  // MARK: Formats that are not read

  /// Formats that users run into, recognised by their first bytes.
  private static func foreignFormat(_ file: UnsafeRawBufferPointer) -> (kind: String, hint: String)? {
    func begins(_ text: String) -> Bool { file.starts(with: text.utf8) }
    // A pickle of protocol 2 that begins with PyTorch's magic number of ten bytes.
    if file.starts(with: [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]) {
      return (
        "a file in the format of PyTorch before 1.6",
        "load it with PyTorch and save it again: torch.save(torch.load(OLD, map_location='cpu'), NEW)"
      )
    }
    if file.first == 0x80, file.count > 1, (2...5).contains(file[1]) {
      return ("a bare pickle", "weights are saved with torch.save(model.state_dict(), FILE) or as safetensors")
    }
    if begins("version https://git-lfs") {
      return ("a pointer of Git LFS in place of the file", "fetch the file itself: git lfs pull")
    }
    if begins("<") {
      return ("a page of HTML or XML", "a server has sent a message in place of the file: fetch it again")
    }
    if begins("\u{89}HDF\r\n") {
      return ("an HDF5 file", "a model in the form of this program has the ending .h5 and needs no import")
    }
    return nil
  }
}
