// From downloaded weights to our cache file: laid out by HDF5, filled tensor by tensor, marked complete at the very end.

import Platform
package import Tensors

/// How far an import is.
package struct ImportProgress: Sendable {
  /// The unfinished file. Whoever ends the process from a signal handler should remove it.
  package let temporaryPath: String
  /// Bytes of tensors read so far.
  package let bytesDone: Int
  /// Bytes of all tensors.
  package let bytesTotal: Int
}

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
  /// Stores the floats of the language model in this type, but for its rotary frequencies, whose last digits count; `nil`
  /// keeps each tensor as it is.
  package var stemType: ElementType?
  /// Stores every float in this type, those of a trunk and rotary frequencies, too; `nil` leaves it to `stemType`.
  package var floatType: ElementType?
  /// What the file shall say about where it comes from, instead of path and times of this machine's files.
  package var recordedSource: String?
  /// What the file shall say about when it was made, instead of now.
  package var recordedTime: String?

  /// An import of `source` under `modelName`.
  package init(_ source: ModelSource, modelName: String, program: String) {
    self.source = source
    self.modelName = modelName
    self.program = program
  }

  /// Header, name, digest, alignment, and what the library spends on them: measured at about 360 bytes for each tensor.
  private static let metadataBytesOfTensor = 448

  /// One tensor and the type that it goes into the file in.
  private struct Item {
    let tensor: SourceTensor
    let stored: ElementType

    var name: String { tensor.name }
    var read: ElementType { tensor.elementType }
    /// Bytes as they are read.
    var byteCount: Int { tensor.entry.count * read.byteCount }

    /// Elements that are zero whatever the file says.
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
    to path: String, progress: (ImportProgress) -> Void = { _ in }, accepting: (WeightStore) -> Bool = { _ in true }
  ) throws(WeightError) {
    guard ModelSource.isModelName(modelName) else { throw .modelName(modelName) }
    // A device, for instance, would be replaced by the file.
    if path.exists { _ = try FileStatus.ofFile(path) }
    var fingerprint = try source.fingerprint()
    let contents = try source.contents()
    let items = try items(of: contents)
    let dataBytes = items.reduce(0) { $0 + $1.tensor.entry.count * $1.stored.byteCount }
    let metadataBytes = items.count * Self.metadataBytesOfTensor + contents.configuration.utf8.count + 8192
    try FreeSpace.check(for: dataBytes + items.count * HDF5File.alignment + metadataBytes, beside: path)

    let total = items.reduce(0) { $0 + $1.byteCount }
    let part = try UnfinishedFile.create(for: path) {
      progress(ImportProgress(temporaryPath: $0, bytesDone: 0, bytesTotal: total))
    }
    let places = try layOut(
      part.path, items, configuration: contents.configuration, metadataBytes: metadataBytes)
    var digests: [String: String] = [:]
    var tensorDigests: [(dataset: String, value: String)] = []
    var done = 0
    for (index, file) in contents.files.enumerated() {
      let own = zip(items, places).filter { $0.0.tensor.file == index }
      digests[file.file.path] = try copy(own, of: file, in: part, &tensorDigests) { count in
        done += count
        progress(ImportProgress(temporaryPath: part.path, bytesDone: done, bytesTotal: total))
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
    try finish(
      part.path, sources: fingerprint, digest: combinedDigest(contents.files, digests), tensorDigests: tensorDigests)
    guard accepting(try WeightCache.open(part.path, label: source.path)) else { throw .refused(path: source.path) }
    try WeightError.wrapping(try part.commit())
  }

  // MARK: Preparation

  private func items(of contents: SourceContents) throws(WeightError) -> [Item] {
    let isFoldingModel = try Self.isFoldingModel(contents.configuration, path: source.configurationPath)
    return contents.tensors.map { tensor in
      let isStem = !isFoldingModel || tensor.name.hasPrefix("esm.")
      let type = floatType ?? (isStem && !tensor.name.hasSuffix("inv_freq") ? stemType : nil)
      return Item(tensor: tensor, stored: tensor.elementType.isFloat ? type ?? tensor.elementType : tensor.elementType)
    }
  }

  private static func isFoldingModel(_ configuration: String, path: String) throws(WeightError) -> Bool {
    guard case .object(let fields) = try JSONValue(parsing: Array(configuration.utf8), path: path) else { return false }
    return fields["is_folding_model"] == .bool(true)
  }

  /// Writes everything but the tensors' data, which gets its room, and what is known only at the end.
  private func layOut(
    _ path: String, _ items: [Item], configuration: String, metadataBytes: Int
  ) throws(WeightError) -> [HDF5File.Dataset] {
    let file = try HDF5File.create(path, metadataBytes: metadataBytes)
    try file.setAttribute(WeightCache.Attribute.format, WeightCache.format)
    try file.setAttribute(WeightCache.Attribute.version, WeightCache.version)
    try file.setAttribute(WeightCache.Attribute.program, program)
    try file.setAttribute(WeightCache.Attribute.created, recordedTime ?? utcTime())
    try file.setAttribute(WeightCache.Attribute.modelName, modelName)
    try file.setAttribute(WeightCache.Attribute.config, configuration)
    try file.setAttribute(WeightCache.Attribute.source, recordedSource ?? source.path)
    try file.setAttribute(WeightCache.Attribute.tensorCount, items.count)
    let places = try file.createDatasets(
      in: WeightCache.tensorGroup, items.map { ($0.name, $0.stored, $0.tensor.entry.shape) },
      placeholder: (
        WeightCache.Attribute.tensorDigest, String(repeating: "0", count: Digest.Algorithm.sha256.digitCount)
      ))
    try file.close()
    return places
  }

  // MARK: Data

  /// Copies the tensors of a file to their places, adds the digest of each as it is stored to `tensorDigests`, and gives
  /// that of the whole file, what no tensor uses included. `items` are in the order of their data, so that the file is read
  /// once from the front to the back.
  ///
  /// The two digests of a block and its writing are tasks of their own: one after the other they would be slower than a good
  /// disk.
  private func copy(
    _ items: [(Item, HDF5File.Dataset)], of file: Checkpoint, in part: UnfinishedFile,
    _ tensorDigests: inout [(dataset: String, value: String)], progress: (Int) -> Void
  ) throws(WeightError) -> String {
    let threads = Threads(min(2, Threads.availableProcessors))
    nonisolated(unsafe) var digest = FileDigest(file.file)
    for (item, place) in items {
      nonisolated(unsafe) var stored = RunningDigest()
      let entry = item.tensor.entry, size = item.read.byteCount, step = FileDigest.blockByteCount / size
      for first in stride(from: 0, to: entry.count, by: step) {
        let block = first..<min(first + step, entry.count)
        let source = entry.range(of: block, size: size), target = place.offset + first * item.stored.byteCount
        try file.withElements(block, of: entry, size: size) { elements throws(WeightError) in
          try withStoredForm(of: elements, block, item, file.file.path) { bytes throws(WeightError) in
            nonisolated(unsafe) let bytes = bytes
            nonisolated(unsafe) var outcome: Result<Void, SystemError> = .success(())
            threads.forEach(3) { task, _ in
              switch task {
              case 0: outcome = Result { () throws(SystemError) in try part.write(bytes, at: target) }
              case 1: digest.advance(to: source.upperBound, keeping: source.lowerBound)
              default: stored.update(bytes)
              }
            }
            try WeightError.wrapping(try outcome.get())
          }
        }
        if entry.strides == nil { file.file.advise(.dontNeed, source) }
        progress(block.count * size)
      }
      file.file.advise(.dontNeed, entry.range)
      tensorDigests.append((item.name, stored.finish().hexadecimal))
    }
    return digest.finish()
  }

  /// Checks the elements `block` of a tensor and hands them to `body` as they go into the file.
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

  /// Adds what is known now, and after everything else the mark that the file is complete.
  private func finish(
    _ path: String, sources: [SourceFile], digest: String, tensorDigests: [(dataset: String, value: String)]
  ) throws(WeightError) {
    let file = try HDF5File.openForWriting(path)
    var sources = sources
    if recordedSource != nil {
      sources = sources.map { SourceFile(name: $0.name, bytes: $0.bytes, modified: 0, sha256: $0.sha256) }
    }
    try file.setAttribute(WeightCache.Attribute.sources, sources.json)
    try file.setAttribute(WeightCache.Attribute.digest, digest)
    try file.replaceTexts(WeightCache.Attribute.tensorDigest, in: WeightCache.tensorGroup, tensorDigests)
    try file.flush()
    try file.setAttribute(WeightCache.Attribute.complete, 1)
    try file.close()
  }
}
