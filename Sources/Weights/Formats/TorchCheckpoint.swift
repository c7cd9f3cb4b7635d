// What torch.save writes: a zip of `NAME/data.pkl`, a pickle that describes everything, and `NAME/data/KEY`, the bytes of
// each storage (PyTorch, "Serialization semantics"). Only the tensors of the state dict are looked at.

import Platform
internal import Tensors

/// The tensors of a state dict in a zip file.
struct TorchCheckpoint {
  let entries: [CheckpointEntry]
  /// What the file says of its own bytes.
  let checksums: [StoredChecksum]
  private let root: PickleValue
  private let graph: PickleGraph

  /// Reads the directory and the pickle of `file`, and checks every tensor against the bytes that are there for it.
  init(_ file: UnsafeRawBufferPointer, path: String) throws(WeightError) {
    let archive = try ZipArchive(file, path: path)
    checksums = try archive.checksums()
    let folder = try Self.folder(of: archive, path)
    if archive.entries["\(folder)constants.pkl"] != nil {
      throw .foreign(
        path: path, found: "a TorchScript program", hint: "save its weights with torch.save(model.state_dict(), FILE)")
    }
    if let order = archive.entries["\(folder)byteorder"], !file[order.range].elementsEqual("little".utf8) {
      throw .malformed(path: path, what: "byteorder", found: "another order", expected: "little")
    }
    guard let pickle = archive.entries["\(folder)data.pkl"] else {
      throw .malformed(path: path, what: "zip entries", found: "no data.pkl", expected: "one")
    }
    (root, graph) = try PickleParser.parse(UnsafeRawBufferPointer(rebasing: file[pickle.range]), path: path)
    let state = try Self.stateDictionary(root, graph, path)
    var entries: [CheckpointEntry] = []
    var names: Set<String> = []
    for (key, value) in state {
      guard case .text(let name) = key else {
        throw .malformed(path: path, what: "state dict", found: "the key \(graph.kind(key))", expected: "names")
      }
      guard case .tensor(let tensor)? = graph[value] else {
        throw .malformed(path: path, what: quoted(name), found: graph.kind(value), expected: "a tensor")
      }
      guard names.insert(name).inserted else {
        throw .malformed(path: path, what: "state dict", found: "\(quoted(name)) twice", expected: "every name once")
      }
      entries.append(try Self.entry(name, tensor, archive: archive, folder: folder, path: path))
    }
    self.entries = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
  }

  // MARK: Finding the state dict

  /// The folder inside the archive that everything is in, with its slash.
  private static func folder(of archive: ZipArchive, _ path: String) throws(WeightError) -> String {
    let pickles = archive.entries.keys.filter { $0.hasSuffix("/data.pkl") || $0 == "data.pkl" }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw .foreign(
        path: path, found: pickles.isEmpty ? "a zip file without data.pkl" : "a zip file with several data.pkl",
        hint: "PyTorch writes exactly one; a zip of several files must be unpacked first")
    }
    return String(pickle.dropLast("data.pkl".utf8.count))
  }

  /// Names that training programs give the weights in their checkpoints.
  private static let usualPlaces = ["model", "state_dict", "model_state_dict"]

  /// Where the tensors are: under a name that training programs give them, or at the root. The names take precedence,
  /// because losses and states of random number generators, which are tensors too, may lie beside them.
  private static func stateDictionary(
    _ root: PickleValue, _ graph: PickleGraph, _ path: String
  ) throws(WeightError) -> [(key: PickleValue, value: PickleValue)] {
    for place in usualPlaces.compactMap({ graph.member($0, of: root) }) + [root] {
      guard case .dictionary(let members)? = graph[place] else { continue }
      if members.contains(where: { if case .tensor? = graph[$0.value] { true } else { false } }) { return members }
    }
    if case .object(let name, _)? = graph[root] {
      throw .foreign(
        path: path, found: "an object made by \(name)",
        hint: "save its weights with torch.save(model.state_dict(), FILE)")
    }
    var found = graph.kind(root)
    if case .dictionary(let members)? = graph[root], let first = members.first, case .text(let name) = first.key {
      found += " in which \(quoted(name)) is \(graph.kind(first.value))"
    }
    throw .malformed(
      path: path, what: "weights", found: found,
      expected: "a dictionary of tensors, at the root or under \"model\", \"state_dict\" or \"model_state_dict\"")
  }

  /// The whole number under `keys`, from the root of the pickle on; `nil` where there is none.
  func integer(at keys: [String]) -> Int? {
    var value = root
    for key in keys {
      guard let member = graph.member(key, of: value) else { return nil }
      value = member
    }
    guard case .int(let number) = value else { return nil }
    return number
  }

  // MARK: Tensors

  private static func entry(
    _ name: String, _ tensor: PickleTensor, archive: ZipArchive, folder: String, path: String
  ) throws(WeightError) -> CheckpointEntry {
    let storage = tensor.storage
    guard let size = PickleGlobals.byteCount(ofStorage: storage.kind) else {
      throw .elementType(tensor: name, found: storage.kind, path: path)
    }
    guard let stored = archive.entries["\(folder)data/\(storage.key)"] else {
      throw .malformed(
        path: path, what: quoted(name), found: "no zip entry for storage \(quoted(storage.key))", expected: "one")
    }
    let (bytes, overflow) = storage.count.multipliedReportingOverflow(by: size)
    guard !overflow, bytes == stored.range.count else {
      throw .malformed(
        path: path, what: "storage of \(quoted(name))", found: "\(stored.range.count) bytes",
        expected: "\(storage.count) elements of \(size)")
    }
    guard tensor.shape.count <= SafetensorsHeader.maximumRank, tensor.shape.checkedProduct(startingAt: size) != nil,
      let extent = tensor.extent, tensor.offset <= storage.count, extent <= storage.count - tensor.offset
    else {
      throw .malformed(
        path: path, what: quoted(name),
        found: "shape \(tensor.shape) with strides \(tensor.strides) from element \(tensor.offset)",
        expected: "elements within the \(storage.count) of its storage")
    }
    let start = stored.range.lowerBound + tensor.offset * size
    return CheckpointEntry(
      name: name, elementType: elementType(storage.kind), dtype: storage.kind, shape: tensor.shape,
      range: start..<start + extent * size, strides: tensor.isDense ? nil : tensor.strides)
  }

  private static func elementType(_ storage: String) -> ElementType? {
    switch storage {
    case "torch.FloatStorage": .float32
    case "torch.HalfStorage": .float16
    case "torch.BFloat16Storage": .bfloat16
    case "torch.LongStorage": .int64
    case "torch.BoolStorage": .bool
    default: nil
    }
  }
}

extension PickleTensor {
  /// The number of elements from the first to the last, inclusive; `nil` on overflow.
  fileprivate var extent: Int? {
    if shape.contains(0) { return 0 }
    var result = 1
    for (count, stride) in zip(shape, strides) {
      let (steps, overflow) = (count - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooLarge) = result.addingReportingOverflow(steps)
      guard !overflow, !tooLarge else { return nil }
      result = sum
    }
    return result
  }

  /// Whether the elements lie in row-major order without gaps.
  fileprivate var isDense: Bool {
    if shape.contains(0) { return true }
    var expected = 1
    for (count, stride) in zip(shape, strides).reversed() where count > 1 {
      guard stride == expected else { return false }
      expected *= count
    }
    return true
  }
}
