// Texts of variable length: collections in the file (global heap) that several objects share.

/// The collection of texts that is being filled. Its place in the file is known before its content.
struct HDF5TextHeap {
  /// Where a text is: in which collection, under which number.
  struct Place {
    let collection: Int
    let index: Int
  }

  /// The smallest collection that the library knows.
  static let smallest = 4096
  /// Bytes before the texts of a collection, and before each text.
  static let header = 16
  /// The most texts of a collection: their numbers have two bytes, and 0 stands for free space.
  private static let mostTexts = 0xFFFF

  /// The address of the collection, and its size.
  let address: Int, size: Int
  private var bytes: [UInt8]
  private var count = 0

  /// A collection at `address` that has room for at least a text of `byteCount` bytes.
  init(at address: Int, for byteCount: Int) {
    self.address = address
    size = max(Self.smallest, Self.header + Self.header + byteCount.roundedUp(to: 8))
    bytes = Array("GCOL".utf8) + [1, 0, 0, 0]
    bytes.append(size, width: 8)
  }

  /// Adds a text; `nil` when there is no room for it.
  mutating func add(_ text: String) -> Place? {
    let length = text.utf8.count
    guard count < Self.mostTexts, bytes.count + Self.header + length.roundedUp(to: 8) <= size else { return nil }
    count += 1
    // Its number, one reference.
    bytes.append(count, width: 2)
    bytes.append(1, width: 2)
    bytes.append(0, width: 4)
    bytes.append(length, width: 8)
    bytes += text.utf8
    bytes += repeatElement(0, count: length.roundedUp(to: 8) - length)
    return Place(collection: address, index: count)
  }

  /// The whole collection; what is free is an object with the number 0.
  var collection: [UInt8] {
    var whole = bytes
    if size - whole.count >= Self.header {
      whole.append(0, width: 8)
      whole.append(size - bytes.count, width: 8)
    }
    return whole + repeatElement(0, count: size - whole.count)
  }
}

extension Int {
  /// The next multiple of `unit`.
  func roundedUp(to unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
