// The members of a group: messages in its header when they are few, else a heap of links with two indices, by name and by
// order.

/// The members of a group as the format stores them, with the order in which they were given.
struct HDF5Links {
  /// The most members that are kept in the header of the group.
  private static let mostInHeader = 128
  /// Heap blocks have this size.
  private static let blockSize = 1 << 16
  /// Bytes of a heap block before its objects: signature, version, address of the heap, offset, checksum.
  private static let blockHeader = 21
  /// The longest object of a heap.
  private static let longestObject = 4096
  /// The size of the largest node of an index.
  private static let largestNode = 1 << 16
  /// Offsets in the heap have this many bits.
  private static let heapBits = 32
  /// The longest name: a link has 21 bytes more at most.
  static let longestName = 4000

  private let members: [(name: String, address: Int)]
  /// The file, for messages.
  private let path: String

  init(_ members: [(name: String, address: Int)], of path: String) {
    self.members = members
    self.path = path
  }

  /// Whether the members need an index.
  var areMany: Bool { members.count > Self.mostInHeader }

  /// The messages of the group when its members are in its header.
  var messages: [(kind: Int, body: [UInt8])] {
    let undefined = HDF5Format.undefined
    return [information(heap: undefined, names: undefined, order: undefined), Self.limits]
      + members.indices.map { (HDF5Format.Message.link, link($0)) }
  }

  private func information(heap: UInt64, names: UInt64, order: UInt64) -> (kind: Int, body: [UInt8]) {
    // The order of creation is kept and indexed.
    var body: [UInt8] = [0, 3]
    body.append(members.count, width: 8)
    for address in [heap, names, order] { body.append(address, width: 8) }
    return (HDF5Format.Message.linkInfo, body)
  }

  /// How many members are kept in the header, and when an index is given up, should another program add or remove some.
  private static var limits: (kind: Int, body: [UInt8]) {
    var body: [UInt8] = [0, 1]
    body.append(mostInHeader, width: 2)
    body.append(mostInHeader / 2, width: 2)
    return (HDF5Format.Message.groupInfo, body)
  }

  /// A hard link: the order of creation, the name in UTF-8 with its length in two bytes, the address.
  private func link(_ index: Int) -> [UInt8] {
    let (name, address) = members[index]
    var link: [UInt8] = [1, 0b10101]
    link.append(index, width: 8)
    link.append(1)
    link.append(name.utf8.count, width: 2)
    link += name.utf8
    link.append(address, width: 8)
    return link
  }

  // MARK: Many members

  private var tooMany: WeightError {
    .hdf5(path: path, reason: "found \(members.count) members of a group, expected fewer")
  }

  /// Heap and indices of the members, to be put at `address`, and the messages of the group that lead to them. Throws when
  /// there are more members than they can hold.
  func index(at address: Int) throws(WeightError) -> (bytes: [UInt8], messages: [(kind: Int, body: [UInt8])]) {
    var bytes: [UInt8] = []
    let identifiers = try appendHeap(to: &bytes, at: address)
    // Names are sorted by their hashes; equal hashes by the bytes of the names.
    let hashes = members.map { hdf5Checksum(Array($0.name.utf8)) }
    let byName = members.indices.sorted {
      hashes[$0] != hashes[$1]
        ? hashes[$0] < hashes[$1] : members[$0].name.utf8.lexicographicallyPrecedes(members[$1].name.utf8)
    }
    let names = try appendTree(
      HDF5Format.Tree.linkNames,
      byName.map { index in
        var record: [UInt8] = []
        record.append(hashes[index], width: 4)
        return record + identifiers[index]
      }, to: &bytes, at: address)
    let order = try appendTree(
      HDF5Format.Tree.linkOrder,
      members.indices.map { index in
        var record: [UInt8] = []
        record.append(index, width: 8)
        return record + identifiers[index]
      }, to: &bytes, at: address)
    let information = information(heap: UInt64(address), names: UInt64(names), order: UInt64(order))
    return (bytes, [information, Self.limits])
  }

  /// Appends a fractal heap of all links: its header, then a row of blocks of one size, or a single block. Returns the
  /// identifiers of the links in the heap.
  private func appendHeap(
    to bytes: inout [UInt8], at address: Int
  ) throws(WeightError) -> [[UInt8]] {
    var blocks: [[UInt8]] = [], identifiers: [[UInt8]] = []
    for index in members.indices {
      let link = link(index)
      if blocks.last.map({ $0.count + link.count > Self.blockSize }) ?? true {
        blocks.append(blockBeginning(heap: address, offset: blocks.count * Self.blockSize))
      }
      let last = blocks.count - 1
      // A managed object: its offset in the heap and its length.
      var identifier: [UInt8] = [0]
      identifier.append(last * Self.blockSize + blocks[last].count, width: 4)
      identifier.append(link.count, width: 2)
      identifiers.append(identifier)
      blocks[last] += link
    }
    var width = 4
    while width < blocks.count { width *= 2 }
    guard width * Self.blockSize <= 1 << Self.heapBits else { throw tooMany }
    let free = blocks.reduce(0) { $0 + Self.blockSize - $1.count }
    let first = address + Self.heapHeaderSize
    let root = blocks.count == 1 ? first : first + blocks.count * Self.blockSize
    bytes += heapHeader(width: width, blocks: blocks.count, free: free, root: root)
    for block in blocks {
      var block = block + repeatElement(0, count: Self.blockSize - block.count)
      let sum = hdf5Checksum(block)
      for byte in 0..<4 { block[Self.blockHeader - 4 + byte] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * byte)) }
      bytes += block
    }
    guard blocks.count > 1 else { return identifiers }
    // The root: addresses of the blocks of its only row.
    let start = bytes.count
    bytes += Array("FHIB".utf8) + [0]
    bytes.append(address, width: 8)
    bytes.append(0, width: 4)
    for index in 0..<width {
      let address = index < blocks.count ? UInt64(first + index * Self.blockSize) : HDF5Format.undefined
      bytes.append(address, width: 8)
    }
    bytes.appendChecksum(from: start)
    return identifiers
  }

  private func blockBeginning(heap: Int, offset: Int) -> [UInt8] {
    var block = Array("FHDB".utf8) + [0]
    block.append(heap, width: 8)
    block.append(offset, width: 4)
    // The checksum, in which it counts as zero.
    block.append(0, width: 4)
    return block
  }

  /// Bytes of the header of a heap, filled up to a multiple of eight.
  private static let heapHeaderSize = 152

  private func heapHeader(width: Int, blocks: Int, free: Int, root: Int) -> [UInt8] {
    let managed = blocks == 1 ? Self.blockSize : width * Self.blockSize
    var header = Array("FRHP".utf8) + [0]
    // Bytes of an identifier, no filters, checksums in blocks.
    header.append(7, width: 2)
    header.append(0, width: 2)
    header.append(2)
    header.append(Self.longestObject, width: 4)
    // No huge objects; free space that nobody manages.
    header.append(0, width: 8)
    header.append(HDF5Format.undefined, width: 8)
    header.append(free, width: 8)
    header.append(HDF5Format.undefined, width: 8)
    header.append(managed, width: 8)
    header.append(blocks * Self.blockSize, width: 8)
    // Where the next block would begin.
    header.append(blocks * Self.blockSize, width: 8)
    header.append(members.count, width: 8)
    // Sizes and numbers of huge and of tiny objects.
    for _ in 0..<4 { header.append(0, width: 8) }
    header.append(width, width: 2)
    header.append(Self.blockSize, width: 8)
    header.append(Self.blockSize, width: 8)
    header.append(Self.heapBits, width: 2)
    header.append(1, width: 2)
    header.append(root, width: 8)
    header.append(blocks == 1 ? 0 : 1, width: 2)
    header.appendChecksum()
    return header + repeatElement(0, count: Self.heapHeaderSize - header.count)
  }

  /// Appends a B-tree of sorted records of one size: its header, a leaf, or leaves and a root. Returns its address.
  private func appendTree(
    _ type: Int, _ records: [[UInt8]], to bytes: inout [UInt8], at address: Int
  ) throws(WeightError) -> Int {
    let recordSize = records[0].count
    var nodeSize = 512
    while nodeSize < Self.largestNode, HDF5Format.TreeShape.overhead + records.count * recordSize > nodeSize {
      nodeSize *= 2
    }
    guard let shape = HDF5Format.TreeShape(nodeSize: nodeSize, recordSize: recordSize, depth: 1) else { throw tooMany }
    // Between two leaves is a record of the root.
    let most = shape.mostRecords[0], leaves = (records.count + 1 + most) / (most + 1)
    guard leaves - 1 <= shape.mostRecords[1] else { throw tooMany }

    let tree = address + bytes.count, headerSize = 40, first = tree + headerSize
    var header = Array("BTHD".utf8) + [0, UInt8(type)]
    header.append(nodeSize, width: 4)
    header.append(recordSize, width: 2)
    header.append(leaves == 1 ? 0 : 1, width: 2)
    // Nodes are split when they are full and merged when 40 % are left.
    header += [100, 40]
    header.append(leaves == 1 ? first : first + leaves * nodeSize, width: 8)
    header.append(leaves == 1 ? records.count : leaves - 1, width: 2)
    header.append(records.count, width: 8)
    header.appendChecksum()
    bytes += header + repeatElement(0, count: headerSize - header.count)

    func appendNode(_ signature: String, _ content: [UInt8]) {
      let start = bytes.count
      bytes += Array(signature.utf8) + [0, UInt8(type)] + content
      bytes.appendChecksum(from: start)
      bytes += repeatElement(0, count: start + nodeSize - bytes.count)
    }
    let inLeaves = records.count - (leaves - 1)
    var next = 0, borders: [UInt8] = [], counts: [Int] = []
    for leaf in 0..<leaves {
      // As even as possible.
      let taken = inLeaves / leaves + (leaf < inLeaves % leaves ? 1 : 0)
      appendNode("BTLF", records[next..<next + taken].flatMap { $0 })
      counts.append(taken)
      next += taken
      if leaf < leaves - 1 {
        borders += records[next]
        next += 1
      }
    }
    guard leaves > 1 else { return tree }
    for (leaf, count) in counts.enumerated() {
      borders.append(first + leaf * nodeSize, width: 8)
      borders.append(count, width: shape.countWidth)
    }
    appendNode("BTIN", borders)
    return tree
  }
}
