// PyTorch checkpoints assembled byte by byte, so that a test can make any number wrong. Zip: APPNOTE 6.3; opcodes:
// Python's pickletools.

import Weights

/// What a pickle is put together of: opcodes as text, other bytes as numbers, pieces made before.
package protocol PickleBytes {
  var bytes: [UInt8] { get }
}

extension String: PickleBytes {
  package var bytes: [UInt8] { Array(utf8) }
}

extension Int: PickleBytes {
  package var bytes: [UInt8] { [UInt8(truncatingIfNeeded: self)] }
}

extension [UInt8]: PickleBytes {
  package var bytes: [UInt8] { self }
}

/// Pieces one after the other.
package func code(_ parts: any PickleBytes...) -> [UInt8] { parts.flatMap(\.bytes) }

/// Pieces of a pickle of protocol 2.
package enum Pickle {
  package static func text(_ text: String) -> [UInt8] { code("X", little(text.utf8.count, 4), text) }

  /// LONG1 of eight bytes.
  package static func number(_ value: Int) -> [UInt8] { code(0x8A, 8, little(value, 8)) }

  package static func global(_ module: String, _ name: String) -> [UInt8] { code("c", module, "\n", name, "\n") }

  package static func tuple(_ parts: [[UInt8]]) -> [UInt8] { code("(", Array(parts.joined()), "t") }

  package static func numbers(_ values: [Int]) -> [UInt8] { tuple(values.map(number)) }

  /// A reference to the storage `key` of `count` elements.
  package static func storage(_ kind: String, key: String, count: Int) -> [UInt8] {
    code(tuple([text("storage"), global("torch", kind), text(key), text("cpu"), number(count)]), "Q")
  }

  /// A call of a function.
  package static func call(_ module: String, _ name: String, _ arguments: [[UInt8]]) -> [UInt8] {
    code(global(module, name), tuple(arguments), "R")
  }

  /// A call that makes a tensor of a storage.
  package static func tensor(_ storage: [UInt8], offset: Int = 0, _ shape: [Int], strides: [Int]? = nil) -> [UInt8] {
    let steps = strides ?? rowMajor(shape)
    return call(
      "torch._utils", "_rebuild_tensor_v2",
      [storage, number(offset), numbers(shape), numbers(steps), code(0x89), code("N")])
  }

  package static func rowMajor(_ shape: [Int]) -> [Int] { shape.indices.map { shape[($0 + 1)...].reduce(1, *) } }

  /// A dictionary of texts and values.
  package static func dictionary(_ members: [(String, [UInt8])]) -> [UInt8] {
    code("}(", members.flatMap { text($0.0) + $0.1 }, "u")
  }

  /// A whole pickle of one value.
  package static func whole(_ value: [UInt8]) -> [UInt8] { code(0x80, 2, value, ".") }
}

/// A zip file of stored entries with every field that a reader looks at.
package struct ZipBytes {
  package struct Entry {
    package var name: [UInt8]
    package var bytes: [UInt8]
    package var flags = 0, method = 0
    /// What the directory says, where that is not the truth.
    package var packed: Int?, plain: Int?, offset: Int?
    /// Extra fields of the directory, a comment, and the name in the local header.
    package var extra: [UInt8] = [], comment: [UInt8] = [], localName: [UInt8]?, localExtra: [UInt8] = []
    package var localSignature = 0x0403_4B50
    /// The CRC-32 in the directory; 0 is that of a writer that computes none.
    package var checksum = 0

    package init(_ name: String, _ bytes: [UInt8]) {
      self.name = [UInt8](name.utf8)
      self.bytes = bytes
    }
  }

  package var entries: [Entry]
  /// What the end record says, where that is not the truth.
  package var count: Int?, size: Int?, start: Int?
  /// Between directory and end record: the records of zip64.
  package var records: [UInt8] = []
  package var comment: [UInt8] = []

  package init(_ entries: [Entry]) { self.entries = entries }

  /// The parts before the end record: entries with their headers, and the directory.
  private var parts: (file: [UInt8], directory: [UInt8]) {
    var file: [UInt8] = [], directory: [UInt8] = []
    for entry in entries {
      let local = entry.localName ?? entry.name
      let sizes = little(entry.packed ?? entry.bytes.count, 4) + little(entry.plain ?? entry.bytes.count, 4)
      directory +=
        little(0x0201_4B50, 4) + little(0, 4) + little(entry.flags, 2) + little(entry.method, 2) + little(0, 4)
      directory += little(entry.checksum, 4)
      directory += sizes + little(entry.name.count, 2) + little(entry.extra.count, 2) + little(entry.comment.count, 2)
      directory += little(0, 8) + little(entry.offset ?? file.count, 4) + entry.name + entry.extra + entry.comment
      file += little(entry.localSignature, 4) + little(0, 14) + sizes.prefix(8) + little(local.count, 2)
      file += little(entry.localExtra.count, 2) + local + entry.localExtra + entry.bytes
    }
    return (file, directory)
  }

  /// Where the directory begins, and its size.
  package var directoryPlace: (start: Int, size: Int) { (parts.file.count, parts.directory.count) }

  package var bytes: [UInt8] {
    let (file, directory) = parts
    let number = little(count ?? entries.count, 2)
    return file + directory + records + little(0x0605_4B50, 4) + little(0, 4) + number + number
      + little(size ?? directory.count, 4) + little(start ?? file.count, 4) + little(comment.count, 2) + comment
  }
}

/// A tensor of a checkpoint and the bytes of the storage that it views.
package struct TorchTensor {
  package let name: String, kind: String, key: String
  package let shape: [Int]
  package var strides: [Int]?
  package var offset = 0
  /// Bytes of the storage; tensors of one key share those of the first.
  package let data: [UInt8]
  package var elements: Int

  package init<Element>(
    _ name: String, _ kind: String, key: String, _ shape: [Int], strides: [Int]? = nil, _ values: [Element]
  ) {
    (self.name, self.kind, self.key, self.shape) = (name, kind, key, shape)
    self.strides = strides
    data = values.withUnsafeBytes { [UInt8]($0) }
    elements = values.count
  }
}

/// A checkpoint of `tensors`, which stand at the root of the pickle.
package func torchFile(_ tensors: [TorchTensor]) -> [UInt8] {
  let members = tensors.map { tensor in
    let storage = Pickle.storage(tensor.kind, key: tensor.key, count: tensor.elements)
    return (tensor.name, Pickle.tensor(storage, offset: tensor.offset, tensor.shape, strides: tensor.strides))
  }
  var seen: Set<String> = []
  let storages = tensors.filter { seen.insert($0.key).inserted }.map {
    ZipBytes.Entry("archive/data/\($0.key)", $0.data)
  }
  return ZipBytes([.init("archive/data.pkl", Pickle.whole(Pickle.dictionary(members)))] + storages).bytes
}

/// A checkpoint that is this pickle and the storages `0` and `1` of two floats each.
package func torchFile(pickle: [UInt8]) -> [UInt8] {
  let floats = [Float(1), 2].withUnsafeBytes { [UInt8]($0) }
  return ZipBytes([
    .init("archive/data.pkl", pickle), .init("archive/data/0", floats), .init("archive/data/1", floats),
  ]).bytes
}

/// The names and elements of the tensors that a pickle describes.
package func tensors(of pickle: [UInt8], in folder: TemporaryFolder) throws -> [String: [Float]] {
  let file = try Checkpoint(try folder.write("x.pt", torchFile(pickle: pickle)))
  var result: [String: [Float]] = [:]
  for entry in file.entries {
    let bytes = UnsafeRawBufferPointer(rebasing: file.file.bytes[entry.range])
    result[entry.name] = withExtendedLifetime(file) {
      (0..<entry.range.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
  }
  return result
}

/// Why a checkpoint of a pickle is refused.
package func refusal(of pickle: [UInt8], in folder: TemporaryFolder) throws -> String {
  let path = try folder.write("x.pt", torchFile(pickle: pickle))
  return failure { () throws(WeightError) in try Checkpoint(path) }?.description ?? "no error"
}

/// A number of `width` bytes, little-endian.
package func little(_ value: Int, _ width: Int) -> [UInt8] {
  (0..<width).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
}
