// The heaps in which HDF5 1.8 keeps links and attributes when they are many (fractal heaps).

/// An opened heap: where its blocks are.
struct HDF5Heap {
  /// Bytes of an identifier.
  let identifierSize: Int

  private static let what = "heap"
  private static let headerSize = 146

  private let address: Int
  /// Bytes of an offset and of a length in an identifier.
  private let offsetWidth: Int, lengthWidth: Int
  /// Blocks in the order of their offsets in the heap.
  private var blocks: [(offset: Int, bytes: UnsafeRawBufferPointer)] = []
  /// Places of objects too large for blocks, by their numbers.
  private var huge: [Int: (address: Int, count: Int)] = [:]

  /// The blocks of a heap come in rows of `width`: the first two rows have the smallest size, each later one twice that of
  /// the row before; beyond the largest size each entry is a table of blocks of its own.
  private struct Table {
    let width: Int, smallest: Int, largest: Int
    let hasChecksums: Bool

    /// The size of the blocks of a row; `nil` when it does not fit.
    func size(ofRow row: Int) -> Int? {
      guard row > 1 else { return smallest }
      guard row - 1 < 62 else { return nil }
      let (size, isTooLarge) = smallest.multipliedReportingOverflow(by: 1 << (row - 1))
      return isTooLarge ? nil : size
    }

    /// Rows of a table that spans `size` bytes.
    func rows(spanning size: Int) -> Int {
      var rows = 0, span = 0
      while span < size, let block = self.size(ofRow: rows) {
        let (row, isTooLarge) = block.multipliedReportingOverflow(by: width)
        guard !isTooLarge, row < Int.max - span else { break }
        span += row
        rows += 1
      }
      return rows
    }
  }

  /// Opens the heap at `address`: all its blocks are found, and their checksums compared. Throws if it is damaged, or
  /// compressed.
  init(_ file: inout HDF5Bytes, at address: Int) throws(WeightError) {
    self.address = address
    let header = try file.structure("FRHP", address, Self.headerSize, Self.what)
    func number(_ offset: Int, _ width: Int) -> Int? { HDF5Bytes.number(header, offset, width) }
    guard header[4] == 0, number(7, 2) == 0, let identifierSize = number(5, 2), (4...4096).contains(identifierSize),
      let longest = number(10, 4), let width = number(110, 2), width > 0, let smallest = number(112, 8), smallest > 0,
      let largest = number(120, 8), largest >= smallest, largest <= 1 << 31, let bits = number(128, 2), bits <= 62,
      let rows = number(140, 2)
    else { throw file.malformed(Self.what, "another form at \(address)", "a heap of HDF5 1.8 without filters") }
    self.identifierSize = identifierSize
    offsetWidth = (bits + 7) / 8
    let largestBits = largest.bitWidth - 1 - largest.leadingZeroBitCount
    lengthWidth = min((largestBits + 7) / 8, HDF5Format.width(of: longest))
    let table = Table(width: width, smallest: smallest, largest: largest, hasChecksums: header[9] & 2 != 0)
    if let root = try file.address(header, 132, Self.what) {
      if rows == 0 {
        try addBlock(&file, table, at: root, size: smallest, offset: 0)
      } else {
        try addTable(&file, table, at: root, rows: rows, offset: 0, depth: 0)
      }
    }
    if let index = try file.address(header, 22, Self.what) {
      for record in try HDF5Tree.records(&file, at: index, type: HDF5Format.Tree.hugeObjects) {
        guard record.count >= 24, let place = try file.address(record, 0, Self.what),
          let count = HDF5Bytes.number(record, 8, 8), let key = HDF5Bytes.number(record, 16, 8)
        else { throw file.malformed(Self.what, "another record of a huge object", "its place and number") }
        huge[key] = (place, count)
      }
    }
  }

  private mutating func addBlock(
    _ file: inout HDF5Bytes, _ table: Table, at place: Int, size: Int, offset: Int
  ) throws(WeightError) {
    let block = try file.take(place, size, Self.what), field = 13 + offsetWidth
    guard block.starts(with: "FHDB".utf8), block.count >= field + 4, block[4] == 0,
      HDF5Bytes.number(block, 5, 8) == address, HDF5Bytes.number(block, 13, offsetWidth) == offset
    else { throw file.malformed(Self.what, "another block at \(place)", "the block at \(offset)") }
    if table.hasChecksums {
      var copy = Array(block)
      // The checksum counts as zero in itself.
      copy.replaceSubrange(field..<field + 4, with: [0, 0, 0, 0])
      guard HDF5Bytes.number(block, field, 4) == Int(hdf5Checksum(copy)) else {
        throw file.malformed(Self.what, "a wrong checksum at \(place)", "undamaged data")
      }
    }
    blocks.append((offset, block))
  }

  private mutating func addTable(
    _ file: inout HDF5Bytes, _ table: Table, at place: Int, rows: Int, offset: Int, depth: Int
  ) throws(WeightError) {
    let deepest = 8
    let (entries, isTooLarge) = rows.multipliedReportingOverflow(by: table.width)
    guard depth < deepest, !isTooLarge, entries <= file.image.count / 8 else {
      throw file.malformed(Self.what, "a table of \(rows) rows at \(place)", "a table within the file")
    }
    let start = 13 + offsetWidth
    let body = try file.structure("FHIB", place, start + 8 * entries + 4, Self.what)
    guard body[4] == 0, HDF5Bytes.number(body, 5, 8) == address, HDF5Bytes.number(body, 13, offsetWidth) == offset
    else { throw file.malformed(Self.what, "another table at \(place)", "the table at \(offset)") }
    var next = offset
    for entry in 0..<entries {
      guard let size = table.size(ofRow: entry / table.width), size < Int.max - next else {
        throw file.malformed(Self.what, "\(rows) rows at \(place)", "blocks that fit 63 bits")
      }
      if let child = try file.address(body, start + 8 * entry, Self.what) {
        if size <= table.largest {
          try addBlock(&file, table, at: child, size: size, offset: next)
        } else {
          try addTable(&file, table, at: child, rows: table.rows(spanning: size), offset: next, depth: depth + 1)
        }
      }
      next += size
    }
  }

  /// The object with an identifier.
  func object(
    _ identifier: UnsafeRawBufferPointer, _ file: inout HDF5Bytes
  ) throws(WeightError) -> UnsafeRawBufferPointer {
    let kind = identifier[0] >> 4 & 3
    if kind == 1, let key = HDF5Bytes.number(identifier, 1, min(8, identifier.count - 1)), let place = huge[key] {
      return try file.take(place.address, place.count, Self.what)
    }
    guard kind == 0, let offset = HDF5Bytes.number(identifier, 1, offsetWidth),
      let count = HDF5Bytes.number(identifier, 1 + offsetWidth, lengthWidth), let block = block(at: offset),
      offset - block.offset <= block.bytes.count, count <= block.bytes.count - (offset - block.offset)
    else { throw file.malformed(Self.what, "an object outside", "an object within the heap at \(address)") }
    let start = offset - block.offset
    return UnsafeRawBufferPointer(rebasing: block.bytes[start..<start + count])
  }

  /// The last block that does not begin after `offset`.
  private func block(at offset: Int) -> (offset: Int, bytes: UnsafeRawBufferPointer)? {
    var low = 0, high = blocks.count
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? blocks[low - 1] : nil
  }
}
