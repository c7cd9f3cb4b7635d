// Just enough of Python's pickle to read what `torch.save` writes: protocols 2 to 5, as data. Opcodes and their names
// are those of Python's `pickletools`. Nothing is imported, instantiated or called.

/// Runs through a pickle and collects its values.
struct PickleParser {
  private var reader: ByteReader
  let path: String
  var graph = PickleGraph()
  var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Where the current opcode is, for messages.
  private var place = 0

  /// Far beyond any checkpoint: that of ESM-2 15B has some ten thousand opcodes in 200 kB.
  static let maximumBytes = 64 << 20, maximumSteps = 1 << 20, maximumMarks = 1000
  /// Bytes of the name of a class or function.
  static let longestName = 1000

  private init(_ bytes: UnsafeRawBufferPointer, path: String) {
    reader = ByteReader(bytes)
    self.path = path
  }

  /// Reads `bytes`; `path` is named in errors. Throws if they are not such a pickle, describe something larger or
  /// deeper than any checkpoint, or call what no checkpoint calls.
  static func parse(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws(WeightError) -> (root: PickleValue, graph: PickleGraph) {
    guard bytes.count <= maximumBytes else {
      throw .malformed(
        path: path, what: "pickle", found: "\(bytes.count) bytes", expected: "at most \(maximumBytes)")
    }
    var parser = PickleParser(bytes, path: path)
    return (try parser.run(), parser.graph)
  }

  private mutating func run() throws(WeightError) -> PickleValue {
    for _ in 0..<Self.maximumSteps {
      place = reader.position
      let code = try number(UInt8.self)
      if code == UInt8(ascii: ".") {
        let root = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw error("\(stack.count) values left over", "one value") }
        return root
      }
      do {
        try step(code)
      } catch let excess as PickleGraph.Excess {
        switch excess {
        case .size: throw error("a value that unfolds to more than \(PickleGraph.largestSize) values", "a checkpoint")
        case .depth: throw error("values nested more than \(PickleGraph.largestDepth) deep", "a checkpoint")
        case .parts: throw error("more than \(PickleGraph.mostParts) parts of values", "a checkpoint")
        }
      } catch let error as WeightError {
        throw error
      } catch {
        preconditionFailure("\(error)")
      }
    }
    throw error("more than \(Self.maximumSteps) steps", "a checkpoint, which has far fewer")
  }

  // MARK: Opcodes

  private mutating func step(_ code: UInt8) throws {
    switch code {
    case 0x80: try protocolVersion()
    case 0x95: _ = try number(UInt64.self)  // FRAME
    case UInt8(ascii: "("): try mark()
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "q"): try remember(Int(number(UInt8.self)))
    case UInt8(ascii: "r"): try remember(Int(number(UInt32.self)))
    case 0x94: try remember(memo.count)  // MEMOIZE
    case UInt8(ascii: "h"): try recall(Int(number(UInt8.self)))
    case UInt8(ascii: "j"): try recall(Int(number(UInt32.self)))
    default:
      if try pushAtom(code) { return }
      if try pushContainer(code) { return }
      if try pushObject(code) { return }
      let shown = (0x21...0x7E).contains(code) ? " ('\(Character(UnicodeScalar(code)))')" : ""
      throw error("opcode \(code)\(shown)", "one of protocols 2 to 5 as torch.save writes them")
    }
  }

  private mutating func protocolVersion() throws(WeightError) {
    let version = try number(UInt8.self)
    guard (2...5).contains(version) else { throw error("protocol \(version)", "2 to 5") }
  }

  /// Values without parts.
  private mutating func pushAtom(_ code: UInt8) throws(WeightError) -> Bool {
    let value: PickleValue
    switch code {
    case UInt8(ascii: "N"): value = .none
    case 0x88: value = .bool(true)
    case 0x89: value = .bool(false)
    case UInt8(ascii: "J"): value = .int(Int(try number(Int32.self)))
    case UInt8(ascii: "K"): value = .int(Int(try number(UInt8.self)))
    case UInt8(ascii: "M"): value = .int(Int(try number(UInt16.self)))
    case 0x8A: value = try long(Int(number(UInt8.self)))  // LONG1
    case 0x8B: value = try long(Int(number(Int32.self)))  // LONG4
    case UInt8(ascii: "G"):
      _ = try number(UInt64.self)
      value = .number
    case UInt8(ascii: "X"): value = try text(Int(number(UInt32.self)))
    case 0x8C: value = try text(Int(number(UInt8.self)))  // SHORT_BINUNICODE
    case 0x8D: value = try text(length(number(UInt64.self)))  // BINUNICODE8
    // Texts of Python 2.
    case UInt8(ascii: "T"): value = try text(Int(number(UInt32.self)))
    case UInt8(ascii: "U"): value = try text(Int(number(UInt8.self)))
    case UInt8(ascii: "B"): value = try bytes(Int(number(UInt32.self)))
    case UInt8(ascii: "C"): value = try bytes(Int(number(UInt8.self)))
    case 0x8E, 0x96: value = try bytes(length(number(UInt64.self)))  // BINBYTES8, BYTEARRAY8
    default: return false
    }
    stack.append(value)
    return true
  }

  /// Lists, tuples, dictionaries and sets.
  private mutating func pushContainer(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "]"): stack.append(try graph.add(.list([])))
    case UInt8(ascii: "}"): stack.append(try graph.add(.dictionary([])))
    case UInt8(ascii: ")"): stack.append(try graph.add(.tuple([])))
    case 0x8F: stack.append(try graph.add(.set))  // EMPTY_SET
    case UInt8(ascii: "t"): try pushTuple(popToMark())
    case 0x85...0x87: try pushTuple(pop(Int(code) - 0x84))  // TUPLE1 to TUPLE3
    case UInt8(ascii: "l"):
      let items = try popToMark()
      stack.append(try graph.add(.list(items), of: items))
    case UInt8(ascii: "d"):
      let items = try popToMark()
      let dictionary = try graph.add(.dictionary([]))
      guard try graph.set(items, of: dictionary) else { throw error("an odd number of items", "keys and values") }
      stack.append(dictionary)
    case 0x91:  // FROZENSET
      _ = try popToMark()
      stack.append(try graph.add(.set))
    case UInt8(ascii: "a"): try append(pop(1))
    case UInt8(ascii: "e"), 0x90: try append(popToMark())  // APPENDS, ADDITEMS
    case UInt8(ascii: "s"): try setItems(pop(2))
    case UInt8(ascii: "u"): try setItems(popToMark())
    default: return false
    }
    return true
  }

  private mutating func pushTuple(_ items: [PickleValue]) throws {
    stack.append(try graph.add(.tuple(items), of: items))
  }

  mutating func append(_ items: [PickleValue]) throws {
    let target = try top()
    guard try graph.append(items, to: target) else {
      throw error("items for \(graph.kind(target))", "a list to append them to")
    }
  }

  private mutating func setItems(_ items: [PickleValue]) throws {
    let target = try top()
    guard try graph.set(items, of: target) else {
      throw error("items for \(graph.kind(target))", "a dictionary, keys and values")
    }
  }

  // MARK: The stack

  private mutating func mark() throws(WeightError) {
    guard marks.count < Self.maximumMarks else { throw error("more than \(Self.maximumMarks) open marks", "fewer") }
    marks.append(stack.count)
  }

  mutating func pop() throws(WeightError) -> PickleValue { try pop(1)[0] }

  mutating func pop(_ count: Int) throws(WeightError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw error("nothing on the stack", "a value") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(WeightError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw error("no mark on the stack", "one") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  func top() throws(WeightError) -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else { throw error("nothing on the stack", "a value") }
    return value
  }

  private mutating func remember(_ key: Int) throws(WeightError) { memo[key] = try top() }

  private mutating func recall(_ key: Int) throws(WeightError) {
    guard let value = memo[key] else { throw error("a reference to value \(key)", "one that has been stored") }
    stack.append(value)
  }

  // MARK: Bytes

  private mutating func number<Value: FixedWidthInteger>(_ type: Value.Type) throws(WeightError) -> Value {
    guard let value = reader.number(type) else { throw error("its end", "more bytes") }
    return value
  }

  private func length(_ number: UInt64) throws(WeightError) -> Int {
    guard let count = Int(exactly: number) else { throw error("a length of \(number)", "at most the rest") }
    return count
  }

  mutating func take(_ count: Int) throws(WeightError) -> UnsafeRawBufferPointer {
    let rest = reader.remaining
    guard let bytes = reader.take(count) else { throw error("a length of \(count)", "at most \(rest), the rest") }
    return bytes
  }

  mutating func bytes(_ count: Int) throws(WeightError) -> PickleValue {
    _ = try take(count)
    return .bytes
  }

  mutating func text(_ count: Int) throws(WeightError) -> PickleValue {
    // Python may write lone surrogates, which are not valid text; what they become does not matter.
    .text(String(decoding: try take(count), as: UTF8.self))
  }

  /// Little-endian two's complement.
  mutating func long(_ count: Int) throws(WeightError) -> PickleValue {
    let bytes = try take(count)
    guard count <= 8 else { return .number }
    var value = bytes.last.map { $0 & 0x80 != 0 } == true ? -1 : 0
    for byte in bytes.reversed() { value = value << 8 | Int(byte) }
    return .int(value)
  }

  mutating func line() throws(WeightError) -> String {
    guard let bytes = reader.line(), let text = String(validating: bytes, as: UTF8.self) else {
      throw error("a name that does not end", "text and a line end")
    }
    return text
  }

  // MARK: Errors

  func error(_ found: String, _ expected: String) -> WeightError {
    .malformed(path: path, what: "pickle, byte \(place)", found: found, expected: expected)
  }
}
