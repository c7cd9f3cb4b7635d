// PyTorch checkpoints: the zip archive, and the pickle inside it.

import Checkpoints
import Tensors
import Weights

extension Subject {
  package static let zip = Subject(
    name: "zip",
    seeds: { files, _ in try torchFiles(files) + files.contents("fuzz/zip", endings: [""]) },
    tokens: [
      [0x50, 0x4B, 1, 2], [0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6], [0x50, 0x4B, 6, 6], [0x50, 0x4B, 6, 7],
      [1, 0, 24, 0],
    ]
      + words("archive/data.pkl archive/data/0 archive/byteorder archive/constants.pkl little ../ / \\"),
    mutate: { bytes, mutator in
      guard !mutator.random.once(in: 5), var zip = StoredZip(bytes), !zip.entries.isEmpty else {
        return mutator.change(&bytes)
      }
      for _ in 0...mutator.random.below(3) { zip.change(&mutator) }
      bytes = zip.bytes
      if mutator.random.once(in: 2) {
        // Headers and directory only.
        var tail = Array(bytes[zip.directoryStart...])
        mutator.change(&tail)
        bytes.replaceSubrange(zip.directoryStart..., with: tail)
      }
    },
    read: readTorch)

  package static let pickle = Subject(
    name: "pickle",
    seeds: { files, _ in
      try torchFiles(files).filter { StoredZip($0)?.pickle != nil } + files.contents("fuzz/pickle", endings: [""])
    },
    tokens: PickleOps.tokens,
    mutate: { bytes, mutator in
      if mutator.random.once(in: 3) { bytes = TorchFile.random(&mutator).bytes }
      if StoredZip(bytes)?.pickle == nil, let seed = mutator.random.element(of: mutator.seeds) { bytes = seed }
      guard var zip = StoredZip(bytes), let place = zip.pickle else { return mutator.change(&bytes) }
      if mutator.random.once(in: 6) {
        mutator.change(&zip.entries[place].bytes)
      } else if !mutator.random.once(in: 4) {
        var ops = PickleOps(zip.entries[place].bytes)
        for _ in 0...mutator.random.below(4) { ops.change(&mutator) }
        zip.entries[place].bytes = Array(ops.ops.joined())
      }
      bytes = zip.bytes
    },
    read: readTorch)

  private static func torchFiles(_ files: SeedFiles) throws -> [[UInt8]] {
    try files.contents(
      "torch", "torch/hostile", "torch/fair-esm", "torch/shards", "torch/esmfold", endings: [".pt", ".ckpt", ".bin"]
    ).filter { $0.count < 40_000 }
  }

  private static let readTorch: @Sendable ([UInt8], Workbench) throws -> Void = { bytes, bench in
    let path = try bench.write(bytes, as: "model.pt")
    // As one of Meta's files, whose configuration is inferred, and with a configuration beside it.
    try? SourceReading.read(path, bytes, bench)
    try bench.write([UInt8]("{}"), as: "config.json")
    defer { bench.remove("config.json") }
    try SourceReading.read(path, bytes, bench)
  }
}

/// Reading a source as `weights import` does.
enum SourceReading {
  /// Opens the model at `path` and checks everything its files say; one in eight is imported and read back, if small.
  static func read(_ path: String, _ bytes: [UInt8], _ bench: Workbench) throws {
    let source = try ModelSource(path)
    let contents = try source.contents()
    var total = 0
    for tensor in contents.tensors {
      precondition(tensor.entry.count >= 0)
      total = min(total, 1 << 40) + min(tensor.entry.count, 1 << 40)
    }
    precondition(total <= 1 << 30, "\(bytes.count) bytes become \(total) elements")
    guard total <= 1 << 18, bytes.reduce(0, &+) % 8 == 0 else { return }
    var importer = Importer(source, modelName: "m", program: "p")
    if bytes.count % 2 == 0 { importer.languageModelType = .float16 }
    try importer.run(to: bench.path("m.h5"))
    defer { bench.remove("m.h5") }
    let store = try WeightCache.open(bench.path("m.h5"))
    precondition(store.names.count == contents.tensors.count, "an import lost tensors")
  }
}

/// The entries of a zip file that stores them uncompressed.
package struct StoredZip {
  package var entries: [(name: [UInt8], bytes: [UInt8])]

  init(entries: [(name: [UInt8], bytes: [UInt8])]) { self.entries = entries }

  /// Reads the entries that the directory at the end of a file names; nil if there are none, or one needs zip64.
  package init?(_ file: [UInt8]) {
    entries = []
    func number(_ place: Int, _ width: Int) -> Int {
      place + width <= file.count ? file[place..<place + width].reversed().reduce(0) { $0 << 8 | Int($1) } : 0
    }
    // PyTorch writes no comment after the end record. Sizes are taken from the directory: local headers may omit them.
    var place = number(max(0, file.count - 6), 4)
    while place < file.count, number(place, 4) == 0x0201_4B50 {
      let local = number(place + 42, 4), nameLength = number(place + 28, 2)
      let start = local + 30 + number(local + 26, 2) + number(local + 28, 2), end = start + number(place + 20, 4)
      guard place + 46 + nameLength <= file.count, end <= file.count else { return nil }
      entries.append((Array(file[place + 46..<place + 46 + nameLength]), Array(file[start..<end])))
      place += 46 + nameLength + number(place + 30, 2) + number(place + 32, 2)
    }
    if entries.isEmpty { return nil }
  }

  /// Which entry is the pickle.
  package var pickle: Int? { entries.firstIndex { $0.name.suffix(8).elementsEqual("data.pkl".utf8) } }

  /// Where the directory starts in `bytes`.
  var directoryStart: Int { entries.reduce(0) { $0 + 30 + $1.name.count + $1.bytes.count } }

  /// The file: each entry after its header, the directory, the end record.
  package var bytes: [UInt8] {
    var file: [UInt8] = [], directory: [UInt8] = []
    func number(_ value: Int, _ width: Int) -> [UInt8] {
      (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    for (name, bytes) in entries {
      let sizes = number(0, 4) + number(bytes.count, 4) + number(bytes.count, 4) + number(name.count, 2) + number(0, 2)
      directory += number(0x0201_4B50, 4) + number(0, 6) + number(0, 6) + sizes + number(0, 10) + number(file.count, 4)
      directory += name
      file += number(0x0403_4B50, 4) + number(0, 10) + sizes + name + bytes
    }
    let end =
      number(0x0605_4B50, 4) + number(0, 4) + number(entries.count, 2) + number(entries.count, 2)
      + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
    return file + directory + end
  }

  /// Changes, adds or removes an entry.
  mutating func change(_ mutator: inout Mutator) {
    let place = mutator.random.below(entries.count)
    switch mutator.random.below(8) {
    case 0: mutator.change(&entries[place].name)
    case 1 where mutator.random.once(in: 4): entries.append(entries[place])
    case 2 where entries.count > 1: entries.remove(at: place)
    case 3: entries[place].bytes = entries[mutator.random.below(entries.count)].bytes
    case 4: entries.swapAt(place, mutator.random.below(entries.count))
    default: mutator.change(&entries[place].bytes)
    }
  }
}
