// Reads a cache file again and checks whether every tensor still is what the import wrote.

import Platform
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

  /// Passes the bytes of a tensor to `body`, block by block with their position, and throws if they are not those that
  /// were imported.
  package func copy(
    _ tensor: StoredTensor, _ body: (_ block: UnsafeRawBufferPointer, _ offset: Int) throws(WeightError) -> Void
  ) throws(WeightError) {
    if let fault = damage(of: tensor, digest: try read(tensor, body)) { throw fault }
  }

  /// Reads every tensor once, in the order of the file, in blocks whose pages are given back.
  ///
  /// - Parameter progress: Called after every block with the bytes that are done.
  /// - Returns: What is wrong: for each tensor a wrong or missing digest, or the first element that is not finite.
  package func run(progress: (Int) -> Void) -> [WeightError] {
    var faults: [WeightError] = []
    var done = 0
    for tensor in store.tensorsInOrder {
      let type = tensor.elementType
      var notFinite: WeightError?
      let digest = read(tensor) { block, offset in
        if notFinite == nil, let index = ElementConversion.firstNonFinite(block, type) {
          notFinite = .notFinite(
            tensor: tensor.name, index: offset / type.byteCount + index,
            value: ElementConversion.float(block, type, at: index), path: store.path)
        }
        done += block.count
        progress(done)
      }
      if let fault = damage(of: tensor, digest: digest) ?? notFinite { faults.append(fault) }
    }
    return faults
  }

  /// What is wrong with a tensor that has `digest` now.
  private func damage(of tensor: StoredTensor, digest: String) -> WeightError? {
    guard hasDigests, digests[tensor.name] != digest else { return nil }
    guard let expected = digests[tensor.name] else {
      return .digest(
        tensor: tensor.name, found: "none recorded", expected: "one, as other tensors have", path: store.path)
    }
    return .digest(tensor: tensor.name, found: digest, expected: expected, path: store.path)
  }

  /// Passes the bytes of a tensor to `body`, block by block with their position, and returns their digest.
  private func read<Failure>(
    _ tensor: StoredTensor, _ body: (_ block: UnsafeRawBufferPointer, _ offset: Int) throws(Failure) -> Void
  ) throws(Failure) -> String {
    var digest = RunningDigest()
    let bytes = tensor.bytes, size = FileDigest.blockByteCount
    for start in stride(from: 0, to: bytes.count, by: size) {
      let block = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
      fetch(beyond: block)
      digest.update(block)
      try body(block, start)
      release(block)
    }
    return digest.finish().hexadecimal
  }

  // MARK: Pages

  /// The system is advised to read ahead by this many bytes.
  private static let readAhead = 16 << 20

  /// Where a block lies in the file, if there is one.
  private func place(of block: UnsafeRawBufferPointer) -> Range<Int>? {
    guard let base = file?.bytes.baseAddress, let start = block.baseAddress else { return nil }
    return start - base..<start - base + block.count
  }

  private func fetch(beyond block: UnsafeRawBufferPointer) {
    guard let place = place(of: block), place.lowerBound / Self.readAhead < place.upperBound / Self.readAhead else {
      return
    }
    file?.advise(.willNeed, place.upperBound..<place.upperBound + 2 * Self.readAhead)
  }

  /// Releases the pages of a block, including the one that it shares with the previous block.
  private func release(_ block: UnsafeRawBufferPointer) {
    guard let place = place(of: block) else { return }
    file?.advise(.dontNeed, max(0, place.lowerBound - Self.largestPage)..<place.upperBound)
  }

  /// The page size of the supported systems.
  private static let largestPage = 1 << 16
}

// MARK: The files that a model was imported from

extension CacheHeader {
  /// The state of a file that a model was imported from.
  package enum SourceState: Equatable, Sendable {
    /// It has the size and the time of the import; its content was not read.
    case unchanged
    /// Its content has the digest that the import recorded.
    case sameContent
    /// Its size, time or content has changed; the text says which.
    case changed(found: String, expected: String)
    /// It no longer exists, or cannot be read.
    case absent
  }

  /// The state of every file that the import read.
  ///
  /// - Parameter rereading: Whether contents are read again and compared with their digests; else size and time decide.
  /// - Returns: The files and their states, in the order of the import.
  package func sourceStates(rereading: Bool) -> [(path: String, state: SourceState)] {
    let folder = source.isFolder ? source : source.folder
    return sources.map { file in
      let path = file.name.hasPrefix("/") ? file.name : "\(folder)/\(file.name)"
      return (path, Self.state(of: path, file, rereading: rereading))
    }
  }

  private static func state(of path: String, _ file: SourceFile, rereading: Bool) -> SourceState {
    guard let status = try? FileStatus.ofFile(path) else { return .absent }
    let bytes = status.size
    guard bytes == file.bytes else {
      return .changed(found: "\(bytes) bytes", expected: "\(file.bytes) bytes")
    }
    if rereading {
      guard let digest = try? Digest(ofFile: path).hexadecimal else { return .absent }
      return digest == file.sha256
        ? .sameContent : .changed(found: "sha256 \(digest)", expected: "sha256 \(file.sha256)")
    }
    return status.modified == file.modified
      ? .unchanged : .changed(found: "another time of last change", expected: "the time of the import")
  }
}
