// The graph of what a pickle would build.

/// Containers and objects of a pickle.
///
/// A few bytes can describe a value that is astronomically large when it is written out (a list that holds a list twice
/// that holds a list twice, and so on) or too deep to be walked through. Nothing here expands a value, but both are
/// counted, and what exceeds any checkpoint is refused.
struct PickleGraph {
  enum Node {
    case list([PickleValue])
    case tuple([PickleValue])
    case dictionary([(key: PickleValue, value: PickleValue)])
    /// A set, whose elements are not used here.
    case set
    case storage(PickleStorage)
    case tensor(PickleTensor)
    /// An object that was not instantiated: the callable, and the attributes that it would have.
    case object(String, attributes: PickleValue)

    var kind: String {
      switch self {
      case .list: "a list"
      case .tuple: "a tuple"
      case .dictionary: "a dictionary"
      case .set: "a set"
      case .storage: "a storage"
      case .tensor: "a tensor"
      case .object(let name, _): "an object made by \(name)"
      }
    }
  }

  /// The size and depth of a node when it is expanded.
  private struct Extent {
    var size = 1, depth = 1
  }

  private var nodes: [Node] = []
  private var extents: [Extent] = []
  private var partCount = 0

  /// Far beyond any checkpoint: the one for ESM-2 15B unfolds to some ten thousand values, six deep.
  static let largestSize = 1 << 32, largestDepth = 200
  /// The limit of all elements together: each takes memory, and one opcode can copy many.
  static let mostParts = 1 << 20

  /// Why a value is refused.
  enum Excess: Error, Equatable {
    case size, depth, parts
  }

  subscript(_ value: PickleValue) -> Node? {
    guard case .node(let index) = value else { return nil }
    return nodes[index]
  }

  // MARK: Growth

  /// Adds a node that consists of `parts`.
  mutating func add(_ node: Node, of parts: [PickleValue] = []) throws(Excess) -> PickleValue {
    nodes.append(node)
    extents.append(Extent())
    let value = PickleValue.node(nodes.count - 1)
    try extend(nodes.count - 1, by: parts)
    return value
  }

  /// Appends to a list; `false` if `value` is none. For an object the value is dropped.
  mutating func append(_ items: [PickleValue], to value: PickleValue) throws(Excess) -> Bool {
    guard case .node(let index) = value else { return false }
    if var list = takeList(index) {
      list.append(contentsOf: items)
      nodes[index] = .list(list)
      try extend(index, by: items)
      return true
    }
    switch nodes[index] {
    case .object, .set: return true
    default: return false
    }
  }

  /// Moves a list out of its node, so that it is uniquely referenced and grows in place. It must be put back.
  private mutating func takeList(_ index: Int) -> [PickleValue]? {
    guard case .list(let list) = nodes[index] else { return nil }
    nodes[index] = .set
    return list
  }

  /// The same for a dictionary.
  private mutating func takeDictionary(_ index: Int) -> [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let dictionary) = nodes[index] else { return nil }
    nodes[index] = .set
    return dictionary
  }

  /// Sets items of a dictionary, keys and values in turn; `false` if `value` is none or a value is missing.
  mutating func set(_ items: [PickleValue], of value: PickleValue) throws(Excess) -> Bool {
    guard case .node(let index) = value, items.count % 2 == 0 else { return false }
    if var dictionary = takeDictionary(index) {
      for place in stride(from: 0, to: items.count, by: 2) { dictionary.append((items[place], items[place + 1])) }
      nodes[index] = .dictionary(dictionary)
      try extend(index, by: items)
      return true
    }
    if case .object = nodes[index] { return true }
    return false
  }

  /// Sets the attributes of an object; those of a dictionary (PyTorch stores versions there) are not used.
  mutating func build(_ value: PickleValue, _ attributes: PickleValue) -> Bool {
    guard case .node(let index) = value else { return false }
    switch nodes[index] {
    case .object(let name, _): nodes[index] = .object(name, attributes: attributes)
    case .dictionary, .tensor: break
    default: return false
    }
    return true
  }

  private mutating func extend(_ index: Int, by parts: [PickleValue]) throws(Excess) {
    partCount += parts.count
    guard partCount <= Self.mostParts else { throw .parts }
    var extent = extents[index]
    for case .node(let part) in parts {
      // A container that is put into itself counts with its size at that moment.
      let (size, overflow) = extent.size.addingReportingOverflow(extents[part].size)
      extent.size = overflow ? .max : size
      extent.depth = max(extent.depth, extents[part].depth + 1)
    }
    extent.size = extent.size.addingReportingOverflow(parts.count).partialValue
    extents[index] = extent
    guard extent.size >= 0, extent.size <= Self.largestSize else { throw .size }
    guard extent.depth <= Self.largestDepth else { throw .depth }
  }

  // MARK: Reading

  /// The values of a tuple or list.
  func items(_ value: PickleValue) -> [PickleValue]? {
    switch self[value] {
    case .list(let items), .tuple(let items): items
    default: nil
    }
  }

  /// The integers of a tuple or list that holds only integers.
  func integers(_ value: PickleValue) -> [Int]? {
    guard let items = items(value) else { return nil }
    var result: [Int] = []
    for item in items {
      guard case .int(let number) = item else { return nil }
      result.append(number)
    }
    return result
  }

  /// The value of a text key in a dictionary, or among the attributes of an object; the last one counts.
  func member(_ key: String, of value: PickleValue) -> PickleValue? {
    var holder = self[value]
    if case .object(_, let attributes)? = holder { holder = self[attributes] }
    guard case .dictionary(let members)? = holder else { return nil }
    return members.last { $0.key == .text(key) }?.value
  }

  /// What a value is, for messages.
  func kind(_ value: PickleValue) -> String {
    if case .node(let index) = value { nodes[index].kind } else { value.plainKind }
  }
}
