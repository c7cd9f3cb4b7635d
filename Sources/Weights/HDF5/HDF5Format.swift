// Constants and small encodings of the HDF5 file format that writing and reading share (HDF5 File Format Specification 3.0).

internal import Tensors

/// Names and numbers of the format, in the form that HDF5 1.8 introduced: addresses and lengths of eight bytes, and a
/// checksum for every structure.
enum HDF5Format {
  /// The first bytes of a file.
  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Bytes of a superblock of version 2, at the start of the file.
  static let superblockSize = 48
  /// The address of what does not exist.
  static let undefined = UInt64.max

  /// Kinds of messages in an object header.
  enum Message {
    static let dataspace = 0x01, linkInfo = 0x02, datatype = 0x03, fillValue = 0x05, link = 0x06
    static let layout = 0x08, groupInfo = 0x0A, attribute = 0x0C, continuation = 0x10, attributeInfo = 0x15
  }

  /// Types of B-trees (version 2) by what their records hold.
  enum Tree {
    static let hugeObjects = 1, linkNames = 5, linkOrder = 6, attributeNames = 8
  }

  /// The numbers of a B-tree (version 2) that follow from the size of a node and of a record.
  struct TreeShape {
    /// Bytes of a node before its records, and for its checksum.
    static let overhead = 10

    /// For each level, leaves first: the most records of a node.
    private(set) var mostRecords: [Int] = []
    /// For each level: bytes of the count of all records below a child; 0 for leaves, which have none.
    private(set) var totalWidths: [Int] = []

    /// Bytes of the count of records of a child.
    var countWidth: Int { width(of: mostRecords[0]) }

    /// `nil` when a node holds no record.
    init?(nodeSize: Int, recordSize: Int, depth: Int) {
      guard recordSize > 0, nodeSize - Self.overhead >= recordSize else { return nil }
      mostRecords = [(nodeSize - Self.overhead) / recordSize]
      totalWidths = [0]
      var total = mostRecords[0]
      for level in 0..<depth {
        let pointer = pointerSize(above: level), most = (nodeSize - Self.overhead - pointer) / (recordSize + pointer)
        guard most > 0 else { return nil }
        let (product, isTooLarge) = (most + 1).multipliedReportingOverflow(by: total)
        guard !isTooLarge, product < Int.max - most else { return nil }
        total = product + most
        mostRecords.append(most)
        totalWidths.append(width(of: total))
      }
    }

    /// Bytes of an address of a node of `level`, with its counts.
    func pointerSize(above level: Int) -> Int { 8 + countWidth + totalWidths[level] }
  }

  /// Bytes that a number up to `limit` takes.
  static func width(of limit: Int) -> Int { (max(1, limit).bitWidth - 1 - max(1, limit).leadingZeroBitCount) / 8 + 1 }
}

extension ElementType {
  /// The datatype message. bfloat16 is a float type with 8 exponent and 7 mantissa bits; h5py reads it as float32,
  /// converted by the library.
  var datatype: [UInt8] {
    switch self {
    case .float32: Self.float(size: 4, exponentBits: 8)
    case .float16: Self.float(size: 2, exponentBits: 5)
    case .bfloat16: Self.float(size: 2, exponentBits: 8)
    case .int64: [0x10, 0x08, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0]
    case .bool: [0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0]
    }
  }

  /// A little-endian IEEE type: sign, `exponentBits`, and the rest for the mantissa, with an implied leading 1.
  private static func float(size: UInt8, exponentBits: UInt8) -> [UInt8] {
    let mantissaBits = size * 8 - 1 - exponentBits
    return [0x11, 0x20, size * 8 - 1, 0, size, 0, 0, 0, 0, 0, size * 8, 0]
      + [mantissaBits, exponentBits, 0, mantissaBits, UInt8(1 << (exponentBits - 1) - 1), 0, 0, 0]
  }

  /// The type that a datatype message describes, if it is one of ours.
  init?(datatype: UnsafeRawBufferPointer) {
    guard let first = datatype.first, (1...3).contains(first >> 4) else { return nil }
    let found = Self.datatypes.first { _, own in
      // The upper half of the first byte is the version of the message.
      guard own.count <= datatype.count, own[0] & 15 == first & 15 else { return false }
      return (1..<own.count).allSatisfy { own[$0] == datatype[$0] }
    }
    guard let found else { return nil }
    self = found.type
  }

  /// Made once: a model has thousands of tensors.
  private static let datatypes = allCases.map { (type: $0, datatype: $0.datatype) }
}

extension [UInt8] {
  /// Adds the `width` lowest bytes of a number, little-endian.
  mutating func append(_ value: some BinaryInteger, width: Int) {
    for byte in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }

  /// Adds the checksum of the bytes from `start` on.
  mutating func appendChecksum(from start: Int = 0) {
    append(withUnsafeBytes { hdf5Checksum(UnsafeRawBufferPointer(rebasing: $0[start...])) }, width: 4)
  }
}
