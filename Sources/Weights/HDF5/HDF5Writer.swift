// Writes HDF5 files without the library, which crashes when a write fails: groups, contiguous datasets and attributes in
// the form of HDF5 1.8. Everything is appended, members before their group, the superblock last.

import Glibc
package import Platform
package import Tensors

/// An HDF5 file that is being written. It is of use only after `finish`, and readable with h5py and every other HDF5
/// reader. The same calls give the same bytes: no object has a time.
package struct HDF5Writer: ~Copyable {
  /// A group or dataset in the file, to be made a member of one group.
  package struct Object: Sendable {
    /// The address of its header.
    fileprivate(set) var address: Int
  }

  /// A member of a group.
  package typealias Member = (name: String, object: Object)

  /// Every dataset begins at a multiple of this: a cache line, an AVX-512 register.
  package static let alignment = 64

  /// Bytes are collected up to this many before they are written.
  private static let bufferSize = 1 << 20

  /// A part of the file as it was handed to the system.
  private struct Piece {
    let range: Range<Int>
    let digest: Digest
  }

  private let part: UnfinishedFile
  /// What is not yet written: the bytes from `written` on.
  private var buffer: [UInt8] = []
  private var written = 0
  private var pieces: [Piece] = []
  private var texts: HDF5TextHeap?

  /// Begins the file in `part`, which is empty.
  package init(_ part: UnfinishedFile) {
    self.part = part
    // The superblock has its place, but is written when everything else is there.
    written = HDF5Format.superblockSize
  }

  /// Where the next byte goes.
  private var end: Int { written + buffer.count }

  // MARK: Objects

  /// Adds a dataset and its data.
  ///
  /// - Parameters:
  ///   - type: The type of its elements.
  ///   - shape: Extents, outermost first; empty for a scalar.
  ///   - data: The elements, row-major, little-endian.
  ///   - attributes: What is said about it; names are unique.
  /// - Returns: The dataset.
  /// - Throws: `WeightError.system` when the file cannot be written.
  package mutating func add(
    _ type: ElementType, _ shape: [Int], _ data: UnsafeRawBufferPointer, attributes: [HDF5Attribute] = []
  ) throws(WeightError) -> Object {
    try align(to: Self.alignment)
    let offset = end
    try append(data)
    return try add(type, shape, at: offset, attributes: attributes)
  }

  /// Keeps a place for data that are written by `write(_:at:)`.
  ///
  /// - Returns: The place, a multiple of `alignment`.
  package mutating func reserve(_ byteCount: Int) throws(WeightError) -> Int {
    try align(to: Self.alignment)
    try flush()
    defer { written += byteCount }
    return written
  }

  /// Writes bytes into a place that `reserve` gave. Whether they are there at the end is the caller's question.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(WeightError) {
    try WeightError.wrapping(try part.write(bytes, at: offset))
  }

  /// Adds a dataset whose data are at `offset`, where `reserve` has made room for them.
  package mutating func add(
    _ type: ElementType, _ shape: [Int], at offset: Int, attributes: [HDF5Attribute] = []
  ) throws(WeightError) -> Object {
    var dataspace: [UInt8] = [2, UInt8(clamping: shape.count), 0, shape.isEmpty ? 0 : 1]
    for extent in shape { dataspace.append(extent, width: 8) }
    let size = shape.reduce(type.byteCount, *)
    var layout: [UInt8] = [3, 1]
    layout.append(size == 0 ? HDF5Format.undefined : UInt64(offset), width: 8)
    layout.append(size, width: 8)
    return try addHeader(
      [
        (HDF5Format.Message.dataspace, dataspace), (HDF5Format.Message.datatype, type.datatype),
        // Allocated late, never filled.
        (HDF5Format.Message.fillValue, [3, 0b0110]), (HDF5Format.Message.layout, layout),
      ], attributes)
  }

  /// Adds a group of members that are in the file already.
  ///
  /// - Parameters:
  ///   - members: The members in the order that readers are told; names are unique.
  ///   - attributes: What is said about the group; names are unique.
  /// - Returns: The group.
  /// - Throws: `WeightError.hdf5` for a name that stands twice or is too long, `WeightError.system` when the file cannot
  ///   be written.
  package mutating func addGroup(
    _ members: [Member], attributes: [HDF5Attribute] = []
  ) throws(WeightError) -> Object {
    // Names are bytes: two forms of one text in Unicode are two names.
    var names = Set<[UInt8]>()
    for member in members {
      guard names.insert(Array(member.name.utf8)).inserted else {
        throw failure("found the member \(member.name) twice")
      }
      guard (1...HDF5Links.longestName).contains(member.name.utf8.count) else {
        throw failure("found a name of \(member.name.utf8.count) bytes, expected 1 to \(HDF5Links.longestName)")
      }
    }
    let links = HDF5Links(members.map { ($0.name, $0.object.address) }, of: part.target)
    guard links.areMany else { return try addHeader(links.messages, attributes) }
    try align(to: 8)
    let index = try links.index(at: end)
    try append(index.bytes)
    return try addHeader(index.messages, attributes)
  }

  private mutating func addHeader(
    _ messages: [(kind: Int, body: [UInt8])], _ attributes: [HDF5Attribute]
  ) throws(WeightError) -> Object {
    var names = Set<String>(), body: [UInt8] = []
    func add(_ kind: Int, _ message: [UInt8]) {
      body.append(kind, width: 1)
      body.append(message.count, width: 2)
      body.append(0)
      body += message
    }
    for message in messages { add(message.kind, message.body) }
    for attribute in attributes {
      guard names.insert(attribute.name).inserted else { throw failure("found the attribute \(attribute.name) twice") }
      var place: HDF5TextHeap.Place?
      if let text = attribute.heapText { place = try self.place(text) }
      add(HDF5Format.Message.attribute, attribute.message(at: place))
    }
    try align(to: 8)
    let object = Object(address: end)
    // Version 2; the size of the messages in four bytes.
    var header = Array("OHDR".utf8) + [2, 2]
    header.append(body.count, width: 4)
    header += body
    header.appendChecksum()
    try append(header)
    return object
  }

  /// Puts a text of variable length into the heap.
  private mutating func place(_ text: String) throws(WeightError) -> HDF5TextHeap.Place {
    if let place = texts?.add(text) { return place }
    try finishTexts()
    try align(to: 8)
    try flush()
    var heap = HDF5TextHeap(at: written, for: text.utf8.count)
    written += heap.size
    guard let place = heap.add(text) else { throw failure("found a text without a place") }
    texts = heap
    return place
  }

  /// Writes the collection of texts to the place that it has had from the start.
  private mutating func finishTexts() throws(WeightError) {
    guard let heap = texts else { return }
    texts = nil
    try put(heap.collection, at: heap.address)
  }

  // MARK: Bytes

  private mutating func append(_ bytes: [UInt8]) throws(WeightError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(WeightError) in try append(UnsafeRawBufferPointer(bytes)) }
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) throws(WeightError) {
    if buffer.count + bytes.count > Self.bufferSize { try flush() }
    if bytes.count < Self.bufferSize {
      buffer += bytes
    } else {
      try put(bytes, at: written)
      written += bytes.count
    }
  }

  private mutating func align(to unit: Int) throws(WeightError) {
    buffer += repeatElement(0, count: end.roundedUp(to: unit) - end)
  }

  private mutating func flush() throws(WeightError) {
    guard !buffer.isEmpty else { return }
    try put(buffer, at: written)
    written += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }

  private mutating func put(_ bytes: [UInt8], at offset: Int) throws(WeightError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(WeightError) in
      try put(UnsafeRawBufferPointer(bytes), at: offset)
    }
  }

  /// Writes bytes that are compared when the file is read back.
  private mutating func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(WeightError) {
    try write(bytes, at: offset)
    pieces.append(Piece(range: offset..<offset + bytes.count, digest: Self.digest(bytes)))
  }

  private static func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
    var digest = RunningDigest()
    digest.update(bytes)
    return digest.finish()
  }

  private func failure(_ reason: String) -> WeightError { .hdf5(path: part.target, reason: reason) }

  // MARK: The end

  /// Completes the file with `root` as its root group, waits until it is on the disk, and reads it back: it is what was
  /// written, or an error is thrown. The data of reserved places are not looked at.
  ///
  /// - Throws: `WeightError.system` when something cannot be written or read, `WeightError.hdf5` when something else was
  ///   read.
  package consuming func finish(root: Object) throws(WeightError) {
    try finishTexts()
    try flush()
    var superblock = HDF5Format.signature + [2, 8, 8, 0]
    superblock.append(0, width: 8)
    superblock.append(HDF5Format.undefined, width: 8)
    superblock.append(end, width: 8)
    superblock.append(root.address, width: 8)
    superblock.appendChecksum()
    try put(superblock, at: 0)
    try WeightError.wrapping(try synchronize(part.descriptor, part.target))
    try check()
  }

  private func check() throws(WeightError) {
    let status = try WeightError.wrapping(try FileStatus(descriptor: part.descriptor, path: part.target))
    guard status.size == end else { throw failure("found \(status.size) bytes when read back, expected \(end)") }
    var block = [UInt8](repeating: 0, count: Self.bufferSize)
    for piece in pieces {
      var digest = RunningDigest(), offset = piece.range.lowerBound
      while offset < piece.range.upperBound {
        let wanted = min(block.count, piece.range.upperBound - offset)
        let count = pread(part.descriptor, &block, wanted, off_t(offset))
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw .system(path: part.target, action: "read", code: errno) }
        guard count > 0 else { break }
        block.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        offset += count
      }
      guard digest.finish() == piece.digest else {
        throw failure("found other bytes when read back than were written, at \(piece.range.lowerBound)")
      }
    }
  }
}
