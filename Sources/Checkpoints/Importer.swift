// From a published checkpoint to a file of the cache, tensor by tensor.

import Platform
package import Tensors
package import Weights

/// Writes the cache file of a model.
///
/// Needs a few megabytes of memory whatever the model's size: blocks go from the mapped source through the check for
/// NaN and the digest into the file, and their pages are given back. A file under the final name is always complete.
package struct Importer: Sendable {
  /// What is imported.
  package let source: ModelSource
  /// The name that the model will have.
  package let modelName: String
  /// The name and version of this program, for the record.
  package let program: String
  /// Stores the floats of the language model in this type, except for its rotary frequencies, whose last digits matter;
  /// `nil` keeps each tensor as it is.
  package var languageModelType: ElementType?
  /// Stores every float in this type, including those of a trunk and rotary frequencies; with `nil`, `languageModelType`
  /// decides.
  package var floatType: ElementType?
  /// The recorded origin, instead of path and times of this machine's files.
  package var recordedSource: String?
  /// The recorded time, instead of now.
  package var recordedTime: String?

  /// An import of `source` under `modelName`.
  package init(_ source: ModelSource, modelName: String, program: String) {
    self.source = source
    self.modelName = modelName
    self.program = program
  }

  /// One tensor and its type in the file.
  private struct Item {
    let tensor: SourceTensor
    let stored: ElementType

    var name: String { tensor.name }
    var read: ElementType { tensor.elementType }
    /// Bytes as read.
    var byteCount: Int { tensor.entry.count * read.byteCount }

    /// Elements that are written as zeros, whatever the source holds.
    var zeroedElements: Range<Int> {
      guard let row = tensor.zeroedRow, let columns = tensor.entry.shape.last else { return 0..<0 }
      return row * columns..<(row + 1) * columns
    }
  }

  /// Writes the file `path`, replacing what is there when it is complete and accepted; on failure nothing is left and
  /// nothing is changed.
  ///
  /// - Parameters:
  ///   - path: A file, or the name of a new one.
  ///   - progress: Called before the unfinished file is created and after every block.
  ///   - accepting: Whether the finished file, open under the source's path, is a model; `false` makes this throw
  ///     `WeightError.refused`.
  /// - Throws: `WeightError`.
  package func run(
    to path: String, progress: (CopyProgress) -> Void = { _ in }, accepting: (WeightStore) -> Bool = { _ in true }
  ) throws(WeightError) {
    guard CacheFolder.isModelName(modelName) else { throw .modelName(modelName) }
    // A device, for instance, would be replaced by the file.
    if path.exists { _ = try FileStatus.ofFile(path) }
    var fingerprint = try source.fingerprint()
    let contents = try source.contents()
    let items = try items(of: contents)
    let total = items.reduce(0) { $0 + $1.byteCount }
    let writer = try CacheWriter(
      for: path, description(contents.configuration),
      tensors: items.map { .init(name: $0.name, elementType: $0.stored, shape: $0.tensor.entry.shape) }
    ) {
      progress(CopyProgress(temporaryPath: $0, bytesDone: 0, bytesTotal: total))
    }
    let temporaryPath = writer.temporaryPath
    var digests: [String: String] = [:]
    var tensorDigests: [String] = []
    var done = 0
    for (index, file) in contents.files.enumerated() {
      let own = items.enumerated().filter { $0.element.tensor.file == index }
      digests[file.file.path] = try copy(own, of: file, into: writer, &tensorDigests) { count in
        done += count
        progress(CopyProgress(temporaryPath: temporaryPath, bytesDone: done, bytesTotal: total))
      }
    }
    guard try source.fingerprint() == fingerprint else { throw .changed(path: source.path) }
    for index in fingerprint.indices {
      let file = source.path(of: fingerprint[index])
      fingerprint[index].sha256 =
        if let known = digests[file] {
          known
        } else {
          try WeightError.wrapping(try Digest(ofFile: file).hexadecimal)
        }
    }
    let isAccepted = try writer.finish(
      sources: recorded(fingerprint), digest: combinedDigest(contents.files, digests), tensorDigests: tensorDigests
    ) { (temporaryPath) throws(WeightError) in
      accepting(try WeightCache.open(temporaryPath, label: source.path))
    }
    guard isAccepted else { throw .refused(path: source.path) }
  }

  // MARK: Preparation

  private func items(of contents: SourceContents) throws(WeightError) -> [Item] {
    let isFoldingModel = try Self.isFoldingModel(contents.configuration, path: source.configurationPath)
    return contents.tensors.map { tensor in
      let isOfLanguageModel = !isFoldingModel || tensor.name.hasPrefix("esm.")
      let type =
        floatType ?? (isOfLanguageModel && !TensorName.isRotaryFrequencies(tensor.name) ? languageModelType : nil)
      return Item(tensor: tensor, stored: tensor.elementType.isFloat ? type ?? tensor.elementType : tensor.elementType)
    }
  }

  private static func isFoldingModel(_ configuration: String, path: String) throws(WeightError) -> Bool {
    guard case .object(let fields) = try JSONValue(parsing: Array(configuration.utf8), path: path) else { return false }
    return fields["is_folding_model"] == .bool(true)
  }

  private func description(_ configuration: String) -> CacheWriter.Description {
    .init(
      modelName: modelName, configuration: configuration, source: recordedSource ?? source.path, program: program,
      created: recordedTime ?? utcTime())
  }

  // MARK: Data

  /// Copies the tensors of a file to their places, adds the digest of each as it is stored to `tensorDigests`, and gives
  /// that of the whole file, what no tensor uses included. `items` are in the order of their data, so that the file is read
  /// once from the front to the back; with each goes its number among all tensors.
  ///
  /// A zip file's own checksums are compared on the way, those of entries without tensors included.
  ///
  /// The two digests of a block and the writing run concurrently: one after the other they would be slower than a good
  /// disk.
  private func copy(
    _ items: [(offset: Int, element: Item)], of file: Checkpoint, into writer: borrowing CacheWriter,
    _ tensorDigests: inout [String], progress: (Int) -> Void
  ) throws(WeightError) -> String {
    let threads = Threads(min(2, Threads.availableProcessors))
    nonisolated(unsafe) var digest = FileDigest(file.file, checksums: file.checksums)
    for (number, item) in items {
      nonisolated(unsafe) var stored = RunningDigest()
      let entry = item.tensor.entry, size = item.read.byteCount, step = FileDigest.blockByteCount / size
      for first in stride(from: 0, to: entry.count, by: step) {
        let block = first..<min(first + step, entry.count)
        let source = entry.range(of: block, size: size), target = first * item.stored.byteCount
        try file.withElements(block, of: entry, size: size) { elements throws(WeightError) in
          try withStoredForm(of: elements, block, item, file.file.path) { bytes throws(WeightError) in
            nonisolated(unsafe) let bytes = bytes
            nonisolated(unsafe) var outcome: Result<Void, WeightError> = .success(())
            threads.forEach(3) { task, _ in
              switch task {
              case 0:
                outcome = Result { () throws(WeightError) in
                  try writer.write(bytes, ofTensor: number, at: target)
                }
              case 1: digest.advance(to: source.upperBound, keeping: source.lowerBound)
              default: stored.update(bytes)
              }
            }
            try outcome.get()
            try digest.check()
          }
        }
        if entry.strides == nil { file.file.advise(.dontNeed, source) }
        progress(block.count * size)
      }
      file.file.advise(.dontNeed, entry.range)
      tensorDigests.append(stored.finish().hexadecimal)
    }
    return try digest.finish()
  }

  /// Checks the elements `block` of a tensor and passes them to `body` as they are written to the file.
  private func withStoredForm(
    of elements: UnsafeRawBufferPointer, _ block: Range<Int>, _ item: Item, _ path: String,
    _ body: (UnsafeRawBufferPointer) throws(WeightError) -> Void
  ) throws(WeightError) {
    let name = item.tensor.entry.name
    if let index = ElementConversion.firstNonFinite(elements, item.read) {
      let value = ElementConversion.float(elements, item.read, at: index)
      throw .notFinite(tensor: name, index: block.lowerBound + index, value: value, path: path)
    }
    let zeros = item.zeroedElements.clamped(to: block)
    guard item.stored != item.read || !zeros.isEmpty else { return try body(elements) }
    switch ElementConversion.convert(elements, item.read, to: item.stored) {
    case .success(var bytes):
      let size = item.stored.byteCount
      for byte in (zeros.lowerBound - block.lowerBound) * size..<(zeros.upperBound - block.lowerBound) * size {
        bytes[byte] = 0
      }
      let outcome = bytes.withUnsafeBytes { bytes in Result { () throws(WeightError) in try body(bytes) } }
      try outcome.get()
    case .failure(let element):
      throw .overflow(
        tensor: name, index: block.lowerBound + element.index, value: element.value, target: item.stored, path: path)
    }
  }

  // MARK: End

  private func combinedDigest(_ files: [Checkpoint], _ digests: [String: String]) -> String {
    let lines = files.map(\.file.path).map { (digests[$0] ?? "", $0.lastComponent) }
    if lines.count == 1, let only = lines.first { return only.0 }
    return Digest(of: lines.map { "\($0)  \($1)\n" }.joined()).hexadecimal
  }

  /// What the file says about its sources: with a source that was given in words, no times of this machine's files.
  private func recorded(_ sources: [SourceFile]) -> [SourceFile] {
    recordedSource == nil
      ? sources : sources.map { SourceFile(name: $0.name, bytes: $0.bytes, modified: 0, sha256: $0.sha256) }
  }
}
