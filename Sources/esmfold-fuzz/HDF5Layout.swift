// Where the metadata of an HDF5 1.8 file are and which checksums they have (HDF5 File Format Specification 3.0),
// just enough to give changed metadata valid checksums.

import Weights

/// The checksummed structures of a file.
package struct HDF5Layout {
  /// A structure and its checksum, which follows it or, in a heap block, is inside it.
  package struct Part {
    /// The bytes that the checksum covers.
    package let range: Range<Int>
    let checksum: Int
  }

  package private(set) var parts: [Part] = []
  private let bytes: [UInt8]

  /// Finds the structures by their signatures. Addresses and lengths have 8 bytes.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.count > 48, bytes[8] == 2 || bytes[8] == 3 { add(0..<44) }
    var continuations: [Range<Int>] = []
    for place in bytes.indices.dropLast(3) {
      switch bytes[place..<place + 4] {
      case [0x4F, 0x48, 0x44, 0x52]: addObjectHeader(place, &continuations)
      case [0x42, 0x54, 0x48, 0x44]: addTree(place)  // BTHD
      case [0x46, 0x52, 0x48, 0x50]: add(place..<place + 142)  // FRHP
      case [0x46, 0x48, 0x44, 0x42]: addHeapBlock(place)
      default: break
      }
    }
    for range in continuations where range.count >= 8 { add(range.lowerBound..<range.upperBound - 4) }
  }

  private func number(_ place: Int, _ width: Int) -> Int {
    guard place >= 0, place <= bytes.count - width else { return 0 }
    return Int(clamping: bytes[place..<place + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private mutating func add(_ range: Range<Int>) {
    if range.upperBound <= bytes.count - 4 { parts.append(Part(range: range, checksum: range.upperBound)) }
  }

  /// OHDR: flags say which fields exist and how wide the size of the first chunk of messages is.
  private mutating func addObjectHeader(_ place: Int, _ continuations: inout [Range<Int>]) {
    let flags = number(place + 5, 1), width = 1 << (flags & 3)
    var start = place + 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    let size = number(start, width)
    start += width
    guard size < bytes.count, start + size <= bytes.count else { return }
    add(place..<start + size)
    var message = start
    while message + 4 <= start + size {
      let length = number(message + 1, 2), content = message + 4 + (flags & 4 != 0 ? 2 : 0)
      // A continuation: address and length of more messages.
      if bytes[message] == 0x10, length == 16 {
        let at = number(content, 8), count = number(content + 8, 8)
        if at < bytes.count, count <= bytes.count - at { continuations.append(at..<at + count) }
      }
      message = content + length
    }
  }

  /// BTHD, and the leaf that it names.
  private mutating func addTree(_ place: Int) {
    add(place..<place + 34)
    let leaf = number(place + 16, 8), records = number(place + 24, 2), size = number(place + 10, 2)
    let end = leaf.addingReportingOverflow(6 + records * size)
    if number(place + 12, 2) == 0, !end.overflow, end.partialValue < bytes.count { add(leaf..<end.partialValue) }
  }

  /// FHDB of a heap whose offsets have 4 or 5 bytes, as in link heaps: the checksum is inside the block.
  private mutating func addHeapBlock(_ place: Int) {
    let heap = number(place + 5, 8)
    guard heap < bytes.count - 142, bytes[heap..<heap + 4] == [0x46, 0x52, 0x48, 0x50] else { return }
    let size = number(heap + 112, 8), width = (number(heap + 128, 2) + 7) / 8
    guard size > 0, size <= bytes.count - place, number(heap + 9, 1) & 2 != 0, 17 + width <= size else { return }
    parts.append(Part(range: place..<place + size, checksum: place + 13 + width))
  }

  /// Recomputes the checksums of structures.
  package static func mend(_ bytes: inout [UInt8], _ parts: [Part]) {
    for part in parts where part.range.upperBound <= bytes.count && part.checksum + 4 <= bytes.count {
      if part.range.contains(part.checksum) { for index in 0..<4 { bytes[part.checksum + index] = 0 } }
      let sum = hdf5Checksum(Array(bytes[part.range]))
      for index in 0..<4 { bytes[part.checksum + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
    }
  }
}
