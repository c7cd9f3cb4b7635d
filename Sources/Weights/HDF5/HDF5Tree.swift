// The indices of HDF5 1.8: B-trees (version 2), of which only the list of all records is needed.

/// Reading a B-tree.
enum HDF5Tree {
  private static let what = "index"
  private static let headerSize = 38
  /// Deeper trees hold more records than files have bytes.
  private static let deepest = 8

  /// All records of the tree at `address`, in its order. Throws if it is damaged or of another type.
  static func records(
    _ file: inout HDF5Bytes, at address: Int, type: Int
  ) throws(WeightError) -> [UnsafeRawBufferPointer] {
    let header = try file.structure("BTHD", address, headerSize, what)
    guard header[4] == 0, Int(header[5]) == type, let nodeSize = HDF5Bytes.number(header, 6, 4),
      let recordSize = HDF5Bytes.number(header, 10, 2), let depth = HDF5Bytes.number(header, 12, 2), depth <= deepest,
      let count = HDF5Bytes.number(header, 24, 2),
      let shape = HDF5Format.TreeShape(nodeSize: nodeSize, recordSize: recordSize, depth: depth)
    else { throw file.malformed(what, "another form at \(address)", "an index of HDF5 1.8 of type \(type)") }
    guard let root = try file.address(header, 16, what) else { return [] }
    var walk = Walk(type: type, recordSize: recordSize, shape: shape)
    try walk.visit(&file, root, count: count, level: depth)
    return walk.records
  }

  private struct Walk {
    let type: Int, recordSize: Int
    let shape: HDF5Format.TreeShape
    var records: [UnsafeRawBufferPointer] = []

    mutating func visit(
      _ file: inout HDF5Bytes, _ address: Int, count: Int, level: Int
    ) throws(WeightError) {
      guard count <= shape.mostRecords[level] else {
        throw file.malformed(what, "\(count) records at \(address)", "at most \(shape.mostRecords[level])")
      }
      let start = 6, pointer = level == 0 ? 0 : shape.pointerSize(above: level - 1)
      let children = level == 0 ? 0 : count + 1
      let size = start + count * recordSize + children * pointer + 4
      let node = try file.structure(level == 0 ? "BTLF" : "BTIN", address, size, what)
      guard node[4] == 0, Int(node[5]) == type else {
        throw file.malformed(what, "another type at \(address)", "type \(type)")
      }
      for index in 0...count {
        if level > 0 {
          let place = start + count * recordSize + index * pointer
          guard let child = try file.address(node, place, what),
            let below = HDF5Bytes.number(node, place + 8, shape.countWidth)
          else { throw file.malformed(what, "no child at \(address)", "an address") }
          try visit(&file, child, count: below, level: level - 1)
        }
        guard index < count else { break }
        let place = start + index * recordSize
        records.append(UnsafeRawBufferPointer(rebasing: node[place..<place + recordSize]))
      }
    }
  }
}
