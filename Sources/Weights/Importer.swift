// From safetensors to our cache file: laid out by HDF5, filled tensor by tensor, marked complete at the very end.

package import Tensors

#if canImport(Glibc)
  import Glibc
#endif

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
  /// Stores all float tensors in this type; `nil` keeps each as it is.
  package var convertingTo: ElementType?
  /// What the file shall say about where it comes from, instead of path and times of this machine's files.
  package var recordedSource: String?
  /// What the file shall say about when it was made, instead of now.
  package var recordedTime: String?

  /// Bytes that are handled at a time: little enough to stay in the processor's cache from one step to the next.
  static let blockByteCount = 1 << 20
  /// The system is told to fetch so much of the source at a time, one such stretch ahead.
  private static let readAhead = 16 << 20

  /// An import of `source` under `modelName`.
  package init(_ source: ModelSource, modelName: String, program: String) {
    self.source = source
    self.modelName = modelName
    self.program = program
  }

  /// One tensor: where it is, and where it goes.
  private struct Item {
    let name: String
    let file: Int
    let entry: SafetensorsEntry
    let stored: ElementType
    let read: ElementType
  }

  /// Writes the file `path`, replacing what is there when it is complete and accepted; on failure nothing is left and
  /// nothing is changed.
  ///
  /// - Parameters:
  ///   - path: A file, or the name of a new one.
  ///   - progress: Called before the first byte is written and after every block.
  ///   - accepting: Whether the finished file, open under the source's path, is a model; `false` makes this throw
  ///     `WeightError.refused`.
  /// - Throws: `WeightError`.
  package func run(
    to path: String, progress: (ImportProgress) -> Void = { _ in }, accepting: (WeightStore) -> Bool = { _ in true }
  ) throws(WeightError) {
    guard ModelSource.isModelName(modelName) else { throw .modelName(modelName) }
    // A device, for instance, would be replaced by the file.
    if path.exists { _ = try FileStatus(of: path) }
    let configuration = try source.configuration()
    var fingerprint = try source.fingerprint()
    let files = try source.open()
    let items = try items(of: files)
    let dataBytes = items.reduce(0) { $0 + $1.entry.range.count / $1.read.byteCount * $1.stored.byteCount }
    // Header, name, alignment, and what the library spends on them: measured at about 400 bytes for each tensor.
    let metadataBytes = items.count * 448 + configuration.utf8.count + 8192
    try checkSpace(for: dataBytes + items.count * HDF5File.alignment + metadataBytes, beside: path)

    let part = try PartFile(for: path)
    let total = items.reduce(0) { $0 + $1.entry.range.count }
    progress(ImportProgress(temporaryPath: part.path, bytesDone: 0, bytesTotal: total))
    let places = try layOut(part.path, items, configuration: configuration, metadataBytes: metadataBytes)
    defer { withExtendedLifetime(files) {} }
    let digests = try copy(items, of: files, to: places, in: part) { done in
      progress(ImportProgress(temporaryPath: part.path, bytesDone: done, bytesTotal: total))
    }
    guard try source.fingerprint() == fingerprint else { throw .changed(path: source.path) }
    for index in fingerprint.indices {
      let name = fingerprint[index].name
      if let digest = digests[name] {
        fingerprint[index].sha256 = digest
      } else {
        fingerprint[index].sha256 = try digest(of: name)
      }
    }
    try finish(part.path, sources: fingerprint, digest: combinedDigest(files, digests))
    guard accepting(try WeightCache.open(part.path, label: source.path)) else { throw .refused(path: source.path) }
    try part.keep()
  }

  // MARK: Preparation

  private func items(of files: [Safetensors]) throws(WeightError) -> [Item] {
    var items: [Item] = []
    var names: Set<String> = []
    for (index, file) in files.enumerated() {
      for entry in file.entries {
        guard let type = entry.elementType else {
          throw .elementType(tensor: entry.name, found: entry.dtype, path: file.file.path)
        }
        guard !entry.name.isEmpty, entry.name != ".",
          !entry.name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else {
          throw .malformed(
            path: file.file.path, what: "tensor name", found: "\"\(entry.name)\"",
            expected: "no '/' and at least a letter")
        }
        let stored = type == .int64 ? type : convertingTo ?? type
        let name = TensorName.canonical(entry.name)
        guard names.insert(name).inserted else {
          throw .malformed(
            path: file.file.path, what: "tensor name", found: "\(name) twice", expected: "every tensor once")
        }
        items.append(Item(name: name, file: index, entry: entry, stored: stored, read: type))
      }
    }
    guard !items.isEmpty else {
      throw .malformed(path: source.path, what: "weights", found: "no tensors", expected: "at least one")
    }
    return items
  }

  private func checkSpace(for needed: Int, beside path: String) throws(WeightError) {
    var status = statvfs()
    guard statvfs(path.folder, &status) == 0 else { throw .system(path: path.folder, call: "statvfs", code: errno) }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    let available = overflow ? Int.max : Int(clamping: bytes)
    if available < needed { throw .noSpace(path: path, needed: needed, available: available) }
  }

  /// Writes everything but the tensors' data, which gets its room, and what is known only at the end.
  private func layOut(
    _ path: String, _ items: [Item], configuration: String, metadataBytes: Int
  ) throws(WeightError) -> [HDF5File.Dataset] {
    let file = try HDF5File.create(path, metadataBytes: metadataBytes)
    try file.setAttribute(WeightCache.Attribute.format, WeightCache.format)
    try file.setAttribute(WeightCache.Attribute.version, WeightCache.version)
    try file.setAttribute(WeightCache.Attribute.program, program)
    try file.setAttribute(WeightCache.Attribute.created, recordedTime ?? Importer.now())
    try file.setAttribute(WeightCache.Attribute.modelName, modelName)
    try file.setAttribute(WeightCache.Attribute.config, configuration)
    try file.setAttribute(WeightCache.Attribute.source, recordedSource ?? source.path)
    try file.setAttribute(WeightCache.Attribute.tensorCount, items.count)
    let places = try file.createDatasets(
      in: WeightCache.tensorGroup, items.map { ($0.name, $0.stored, $0.entry.shape) })
    try file.close()
    return places
  }

  private static func now() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Data

  /// Copies every tensor to its place and gives the digests of the source files by name. The data of a safetensors file
  /// follow its header without gaps, so reading the tensors in order is reading the file.
  private func copy(
    _ items: [Item], of files: [Safetensors], to places: [HDF5File.Dataset], in part: borrowing PartFile,
    progress: (Int) -> Void
  ) throws(WeightError) -> [String: String] {
    var digests: [String: String] = [:]
    var done = 0
    for (index, file) in files.enumerated() {
      var digest = SHA256()
      file.file.advise(.sequential, 0..<file.file.bytes.count)
      var fetched = 0
      digest.update(UnsafeRawBufferPointer(rebasing: file.file.bytes[..<file.dataStart]))
      for (item, place) in zip(items, places) where item.file == index {
        var position = item.entry.range.lowerBound
        while position < item.entry.range.upperBound {
          let end = min(position + Importer.blockByteCount, item.entry.range.upperBound)
          if position >= fetched {
            fetched = position + Importer.readAhead
            file.file.advise(.willNeed, position..<fetched + Importer.readAhead)
          }
          let block = UnsafeRawBufferPointer(rebasing: file.file.bytes[position..<end])
          digest.update(block)
          let first = (position - item.entry.range.lowerBound) / item.read.byteCount
          try copy(block, of: item, first: first, to: place.offset, in: part, path: file.file.path)
          file.file.advise(.dontNeed, position..<end)
          done += end - position
          position = end
          progress(done)
        }
      }
      digests[file.file.path.lastComponent] = digest.finish()
    }
    return digests
  }

  /// Writes the elements of `block`, of which the first is element `first` of its tensor.
  private func copy(
    _ block: UnsafeRawBufferPointer, of item: Item, first: Int, to offset: Int, in part: borrowing PartFile,
    path: String
  ) throws(WeightError) {
    let name = item.entry.name
    if let index = ElementConversion.firstNonFinite(block, item.read) {
      let value = ElementConversion.float(block, item.read, at: index)
      throw .notFinite(tensor: name, index: first + index, value: value, path: path)
    }
    let target = offset + first * item.stored.byteCount
    if item.stored == item.read {
      try part.write(block, at: target)
      return
    }
    switch ElementConversion.convert(block, item.read, to: item.stored) {
    case .success(let bytes):
      let status = bytes.withUnsafeBytes { bytes in
        Result { () throws(WeightError) in try part.write(bytes, at: target) }
      }
      try status.get()
    case .failure(let element):
      throw .overflow(
        tensor: name, index: first + element.index, value: element.value, target: item.stored, path: path)
    }
  }

  // MARK: End

  /// The digest of one small file: the configuration, the index.
  private func digest(of name: String) throws(WeightError) -> String {
    let file = try MappedFile("\(source.folder)/\(name)")
    var digest = SHA256()
    withExtendedLifetime(file) { digest.update(file.bytes) }
    return digest.finish()
  }

  private func combinedDigest(_ files: [Safetensors], _ digests: [String: String]) -> String {
    let lines = files.map(\.file.path.lastComponent).map { (digests[$0] ?? "", $0) }
    if lines.count == 1, let only = lines.first { return only.0 }
    return SHA256.digest(of: lines.map { "\($0)  \($1)\n" }.joined())
  }

  /// Adds what is known now, and after everything else the mark that the file is complete.
  private func finish(_ path: String, sources: [SourceFile], digest: String) throws(WeightError) {
    let file = try HDF5File.openForWriting(path)
    var sources = sources
    if recordedSource != nil {
      sources = sources.map { SourceFile(name: $0.name, bytes: $0.bytes, modified: 0, sha256: $0.sha256) }
    }
    try file.setAttribute(WeightCache.Attribute.sources, sources.json)
    try file.setAttribute(WeightCache.Attribute.digest, digest)
    try file.flush()
    try file.setAttribute(WeightCache.Attribute.complete, 1)
    try file.close()
  }
}
