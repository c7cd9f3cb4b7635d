// A pickle as opcodes, so that changed pickles run beyond the first wrong length.

/// The opcodes of a pickle, each with its argument.
package struct PickleOps {
  package var ops: [[UInt8]] = []

  /// Splits a pickle into opcodes; any other byte stands alone.
  package init(_ bytes: [UInt8]) {
    var place = 0
    while place < bytes.count {
      let end = min(bytes.count, place + Self.length(bytes, place))
      ops.append(Array(bytes[place..<end]))
      place = end
    }
  }

  private static func length(_ bytes: [UInt8], _ place: Int) -> Int {
    func number(_ width: Int) -> Int {
      guard place + 1 + width <= bytes.count else { return bytes.count }
      let value = bytes[place + 1..<place + 1 + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return min(Int(clamping: value), bytes.count) + 1 + width
    }
    switch bytes[place] {
    case UInt8(ascii: "K"), UInt8(ascii: "h"), UInt8(ascii: "q"), 0x80: return 2
    case UInt8(ascii: "M"): return 3
    case UInt8(ascii: "J"), UInt8(ascii: "j"), UInt8(ascii: "r"): return 5
    case UInt8(ascii: "G"), 0x95: return 9
    case 0x8A, 0x8C, UInt8(ascii: "U"), UInt8(ascii: "C"): return number(1)
    case 0x8B, UInt8(ascii: "X"), UInt8(ascii: "T"), UInt8(ascii: "B"): return number(4)
    case 0x8D, 0x8E, 0x96: return number(8)
    case UInt8(ascii: "c"):
      let lines = bytes[place...].indices.filter { bytes[$0] == UInt8(ascii: "\n") }.prefix(2)
      return lines.count == 2 ? lines[lines.startIndex + 1] - place + 1 : 1
    default: return 1
    }
  }

  /// Changes one or a few opcodes.
  mutating func change(_ mutator: inout Mutator) {
    guard !ops.isEmpty else { return }
    let place = mutator.random.below(ops.count)
    switch mutator.random.below(9) {
    case 0: ops.remove(at: place)
    case 1: ops.insert(ops[place], at: mutator.random.below(ops.count + 1))
    case 2: ops.swapAt(place, mutator.random.below(ops.count))
    case 3:
      let part = ops[mutator.random.range(in: ops.count)]
      ops.insert(contentsOf: part, at: mutator.random.below(ops.count + 1))
    case 4:
      let part = ops[mutator.random.range(in: ops.count)], count = 1 << mutator.random.below(10)
      guard part.reduce(0, { $0 + $1.count }) * count < Subject.largestInput / 4 else { return }
      ops.insert(contentsOf: repeatElement(part, count: count).joined(), at: place)
    case 5: ops.insert(mutator.random.element(of: Self.tokens) ?? [], at: place)
    case 6: ops[place] = mutator.random.element(of: Self.tokens) ?? []
    case 7:
      // Replaces a number, if there is one: extents, strides, offsets, sizes.
      let numbers = ops.indices.filter { [0x4B, 0x4D, 0x4A, 0x8A].contains(ops[$0].first) }
      if let index = mutator.random.element(of: numbers) { ops[index] = Self.number(mutator.number()) }
    default: mutator.change(&ops[place])
    }
  }

  /// A number of eight bytes (LONG1).
  static func number(_ value: Int) -> [UInt8] {
    [0x8A, 8] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// Opcodes with arguments that torch.save writes, and some that it does not.
  static let tokens: [[UInt8]] = texts.map { [UInt8]($0) } + codes + strings.map(shortString)

  private static let texts: [String] = [
    "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_parameter\n", "ccollections\nOrderedDict\n",
    "ctorch\nFloatStorage\n", "ctorch\nHalfStorage\n", "ctorch\nLongStorage\n", "ctorch\nSize\n",
    "cargparse\nNamespace\n",
    "cos\nsystem\n", "N", "(", ")", "]", "}", "t", "l", "d", "R", "b", "Q", "a", "e", "s", "u", "0", "1", "2", ".",
    "G12345678",
  ]

  private static let codes: [[UInt8]] = [
    [0x80, 2], [0x95, 0, 0, 0, 0, 0, 0, 0, 0], [0x81], [0x85], [0x86], [0x87], [0x88], [0x8F], [0x90], [0x91], [0x92],
    [0x93], [0x94], [0x68, 0], [0x68, 1], [0x71, 0], [0x71, 1], [0x4B, 0], [0x4B, 1], [0x8A, 0], [0x8B, 0, 0, 0, 0],
  ]

  private static let strings: [String] = [
    "storage", "0", "cpu", "w", "model", "state_dict", "args", "attention_heads", "embed_tokens.weight",
    "embed_positions.weight", "esm_s_combine", "torch._utils", "_rebuild_tensor_v2",
  ]

  /// A string of less than 256 bytes (SHORT_BINUNICODE).
  private static func shortString(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + [UInt8](text) }
}
