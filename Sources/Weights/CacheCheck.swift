// Re-reads a cache file and tells whether every tensor still is what the import wrote.

package import Tensors

/// A check of all bytes of a model's file.
package struct CacheCheck: Sendable {
  /// What the file says about its model.
  package let header: CacheHeader
  /// The open model.
  package let store: WeightStore
  /// The digest of each tensor when it was imported; none in files of early versions.
  private let digests: [String: String]
  /// The mapping of a file, whose pages are given back; `nil` for an image in memory.
  private let file: MappedFile?

  /// Opens the file at `path`. Throws if it cannot be a finished import, whatever its tensors hold.
  package init(_ path: String) throws(WeightError) {
    let file = try MappedFile(path)
    (header, store, digests) = try WeightCache.contents(file.bytes, owner: file, path: path)
    self.file = file
  }

  /// Opens an image in memory, for as long as the program runs. `label` stands for its path in messages.
  package init(image: UnsafeRawBufferPointer, label: String) throws(WeightError) {
    (header, store, digests) = try WeightCache.contents(image, owner: WeightCache.StaticOwner.shared, path: label)
    file = nil
  }

  /// Whether the file has digests to compare with: those from before they were recorded have none.
  package var hasDigests: Bool { !digests.isEmpty }

  /// The digest that `tensor` had when it was imported, if that is known.
  package func digest(of tensor: StoredTensor) -> String? { digests[tensor.name] }

  /// Hands the bytes of a tensor to `body`, block by block with their place in it, and throws if they are not those that
  /// were imported.
  func copy(
    _ tensor: StoredTensor, _ body: (_ block: UnsafeRawBufferPointer, _ offset: Int) throws(WeightError) -> Void
  ) throws(WeightError) {
    var digest = SHA256()
    let bytes = tensor.bytes, size = FileDigest.blockByteCount
    for start in stride(from: 0, to: bytes.count, by: size) {
      let block = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
      digest.update(block)
      try body(block, start)
      advise(.dontNeed, block, ahead: 0)
    }
    let found = digest.finish()
    if hasDigests, digests[tensor.name] != found {
      throw .digest(tensor: tensor.name, found: found, expected: digests[tensor.name] ?? "one", path: store.path)
    }
  }

  /// Reads every tensor once, in the order of the file, in blocks whose pages are given back.
  ///
  /// - Parameter progress: Told the bytes that are done after every block.
  /// - Returns: What is wrong: for each tensor a wrong or missing digest, or the first element that is not finite.
  package func run(progress: (Int) -> Void) -> [WeightError] {
    var faults: [WeightError] = []
    var done = 0, fetched = 0
    for tensor in store.tensorsInOrder {
      var digest = SHA256()
      var notFinite: WeightError?
      let bytes = tensor.bytes, block = FileDigest.blockByteCount
      for start in stride(from: 0, to: bytes.count, by: block) {
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + block, bytes.count)])
        if done + part.count > fetched {
          advise(.willNeed, part, ahead: 2 * Self.readAhead)
          fetched = done + part.count + Self.readAhead
        }
        digest.update(part)
        if notFinite == nil, let index = ElementConversion.firstNonFinite(part, tensor.elementType) {
          notFinite = .notFinite(
            tensor: tensor.name, index: start / tensor.elementType.byteCount + index,
            value: ElementConversion.float(part, tensor.elementType, at: index), path: store.path)
        }
        advise(.dontNeed, part, ahead: 0)
        done += part.count
        progress(done)
      }
      let found = digest.finish()
      if hasDigests, digests[tensor.name] != found {
        faults.append(
          .digest(tensor: tensor.name, found: found, expected: digests[tensor.name] ?? "one", path: store.path))
      } else if let notFinite {
        faults.append(notFinite)
      }
    }
    return faults
  }

  /// The system is told to fetch so much at a time, one such stretch ahead.
  private static let readAhead = 16 << 20

  private func advise(_ advice: MappedFile.Advice, _ part: UnsafeRawBufferPointer, ahead: Int) {
    guard let file, let base = file.bytes.baseAddress, let start = part.baseAddress else { return }
    file.advise(advice, start - base..<start - base + part.count + ahead)
  }
}

// MARK: The files that a model was imported from

extension CacheHeader {
  /// What became of a file that a model was imported from.
  package enum SourceState: Equatable, Sendable {
    /// It is there with the size and the time of the import; its content was not read.
    case unchanged
    /// It is there, and its content has the digest that the import recorded.
    case sameContent
    /// It is there, with another size, time or content; the text says which.
    case changed(found: String, expected: String)
    /// It is not there any more, or cannot be read.
    case absent
  }

  /// What became of every file that the import read.
  ///
  /// - Parameter rereading: Whether contents are read anew and compared with their digests; else size and time decide.
  /// - Returns: The files and their states, in the order of the import.
  package func sourceStates(rereading: Bool) -> [(path: String, state: SourceState)] {
    let folder = source.isFolder ? source : source.folder
    return sources.map { file in
      let path = file.name.hasPrefix("/") ? file.name : "\(folder)/\(file.name)"
      return (path, Self.state(of: path, file, rereading: rereading))
    }
  }

  private static func state(of path: String, _ file: SourceFile, rereading: Bool) -> SourceState {
    guard let status = try? FileStatus(of: path) else { return .absent }
    let bytes = status.regularSize ?? 0
    guard bytes == file.bytes else {
      return .changed(found: "\(bytes) bytes", expected: "\(file.bytes) bytes")
    }
    if rereading {
      guard let digest = try? FileDigest.of(path) else { return .absent }
      return digest == file.sha256
        ? .sameContent : .changed(found: "sha256 \(digest)", expected: "sha256 \(file.sha256)")
    }
    return status.modified == file.modified
      ? .unchanged : .changed(found: "another time of last change", expected: "the time of the import")
  }
}
