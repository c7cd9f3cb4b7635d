// The bytes of an HDF5 file as untrusted data: nothing is read beyond the end, and no structure without its checksum.

/// A whole file in memory, and how much of it a reader may still look at.
struct HDF5Bytes {
  let path: String
  let image: UnsafeRawBufferPointer
  /// What is left: metadata that lead to the same bytes again and again would keep a reader busy for ever. True metadata
  /// do not overlap.
  private var allowance: Int
  /// The texts of collections that have been looked at, by address and number: objects share them.
  private var collections: [Int: [Int: UnsafeRawBufferPointer]] = [:]

  init(_ image: UnsafeRawBufferPointer, path: String) {
    self.path = path
    self.image = image
    // Heap blocks are read once for their checksum and once for their objects.
    allowance = 2 * image.count + 1024
  }

  /// What is wrong with `what`, as an error.
  func malformed(_ what: String, _ found: String, _ expected: String) -> WeightError {
    .malformed(path: path, what: what, found: found, expected: expected)
  }

  /// The number `width` bytes wide at `offset` of `bytes`. `nil` when it ends behind them, or does not fit.
  static func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ width: Int) -> Int? {
    guard offset >= 0, width <= 8, offset <= bytes.count - width else { return nil }
    var value: UInt64 = 0
    for byte in 0..<width { value |= UInt64(bytes[offset + byte]) << UInt64(8 * byte) }
    return Int(exactly: value)
  }

  /// `count` bytes from `address` on.
  mutating func take(_ address: Int, _ count: Int, _ what: String) throws(WeightError) -> UnsafeRawBufferPointer {
    guard address >= 0, count >= 0, address <= image.count, count <= image.count - address else {
      throw malformed(what, "bytes \(address) and \(count) more", "a place within the \(image.count) bytes of the file")
    }
    guard count <= allowance else { throw malformed(what, "structures that overlap", "each byte in one structure") }
    allowance -= count
    return UnsafeRawBufferPointer(rebasing: image[address..<address + count])
  }

  /// A structure of `count` bytes that begins with `signature` and ends with its checksum, which is not part of the result.
  mutating func structure(
    _ signature: String, _ address: Int, _ count: Int, _ what: String
  ) throws(WeightError) -> UnsafeRawBufferPointer {
    let bytes = try take(address, count, what)
    let length = count - 4
    guard length >= signature.utf8.count, bytes.starts(with: signature.utf8) else {
      throw malformed(what, "other bytes at \(address)", "the signature \(signature)")
    }
    let body = UnsafeRawBufferPointer(rebasing: bytes[..<length])
    guard Self.number(bytes, length, 4) == Int(hdf5Checksum(body)) else {
      throw malformed(what, "a wrong checksum at \(address)", "undamaged data")
    }
    return body
  }

  /// The texts of the collection at `address` by their numbers.
  mutating func texts(at address: Int) throws(WeightError) -> [Int: UnsafeRawBufferPointer] {
    if let known = collections[address] { return known }
    let header = HDF5TextHeap.header, what = "text"
    guard let size = Self.number(try take(address, header, what), 8, 8),
      case let collection = try take(address, size, what), collection.starts(with: "GCOL".utf8)
    else { throw malformed(what, "no collection", "a collection of texts") }
    var texts: [Int: UnsafeRawBufferPointer] = [:], place = header
    // Free space has the number 0.
    while place + header <= collection.count, let number = Self.number(collection, place, 2), number > 0,
      let count = Self.number(collection, place + 8, 8), count <= collection.count - place - header
    {
      let start = place + header
      if texts[number] == nil { texts[number] = UnsafeRawBufferPointer(rebasing: collection[start..<start + count]) }
      place = start + count.roundedUp(to: 8)
    }
    collections[address] = texts
    return texts
  }

  /// An address at `offset` of a structure; `nil` when it is undefined.
  func address(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ what: String) throws(WeightError) -> Int? {
    guard offset >= 0, offset <= bytes.count - 8 else { throw malformed(what, "an early end", "an address") }
    let value = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    if value == HDF5Format.undefined { return nil }
    guard let address = Int(exactly: value), address < image.count else {
      throw malformed(what, "the address \(value)", "a place within the \(image.count) bytes of the file")
    }
    return address
  }
}
