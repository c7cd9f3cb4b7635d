// Every pair of element types, over all numbers of the narrow ones, in tensors of several blocks and in views whose
// elements are not in order. The reference is Swift's own conversion, or arithmetic in double precision.

import Checkpoints
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

/// Elements of one type as bit patterns, with their numbers.
private struct Elements {
  let type: ElementType
  let bits: [UInt32]

  /// Every finite number of a half format, or floats at, next to and between the numbers of both.
  init(_ type: ElementType, within target: ElementType) {
    self.type = type
    let all: [UInt32]
    switch type {
    case .float16: all = (0...0xFFFF).filter { $0 & 0x7C00 != 0x7C00 }
    case .bfloat16: all = (0...0xFFFF).filter { $0 & 0x7F80 != 0x7F80 }
    default: all = Self.floats(near: target)
    }
    bits = all.filter { Self.limit(of: target) > abs(Self.value($0, type)) }
  }

  /// Both signs of numbers of `target` (each for float16, a sample with all exponents for bfloat16), their neighbours among
  /// floats, the middle between two, and its neighbours.
  private static func floats(near target: ElementType) -> [UInt32] {
    var result: [UInt32] = []
    for half in stride(from: UInt32(0), to: target == .bfloat16 ? 0x7F7F : 0x7BFF, by: target == .bfloat16 ? 3 : 1) {
      let type = target == .bfloat16 ? target : .float16
      let low = Float(value(half, type)), high = Float(value(half + 1, type))
      let middle = Float((Double(low) + Double(high)) / 2)
      for x in [low, low.nextUp, middle, middle.nextUp, middle.nextDown] {
        result += [x.bitPattern, (-x).bitPattern]
      }
    }
    return result
  }

  /// The first magnitude that rounds to infinity.
  private static func limit(of type: ElementType) -> Double {
    switch type {
    case .float16: 65520
    case .bfloat16: 0x1.FFp127
    default: .infinity
    }
  }

  /// By definition of the formats.
  static func value(_ bits: UInt32, _ type: ElementType) -> Double {
    let (width, mantissa, bias): (UInt32, UInt32, Int)
    switch type {
    case .float16: (width, mantissa, bias) = (16, 10, 15)
    case .bfloat16: (width, mantissa, bias) = (16, 7, 127)
    default: (width, mantissa, bias) = (32, 23, 127)
    }
    let fraction = bits & (1 << mantissa - 1), exponent = Int(bits >> mantissa & (1 << (width - 1 - mantissa) - 1))
    let magnitude =
      exponent == 0
      ? Double(fraction) * Double(sign: .plus, exponent: 1 - bias - Int(mantissa), significand: 1)
      : Double(fraction | 1 << mantissa)
        * Double(sign: .plus, exponent: exponent - bias - Int(mantissa), significand: 1)
    return bits >> (width - 1) & 1 == 1 ? -magnitude : magnitude
  }

}

/// The bytes of the patterns at `places`, little-endian.
private func bytes(_ patterns: [UInt32], _ type: ElementType, _ places: [Int]) -> [UInt8] {
  let size = type.byteCount
  return [UInt8](unsafeUninitializedCapacity: places.count * size) { buffer, count in
    for (number, place) in places.enumerated() {
      for byte in 0..<size { buffer[number * size + byte] = UInt8(truncatingIfNeeded: patterns[place] >> (8 * byte)) }
    }
    count = places.count * size
  }
}

/// The bits of `value` in a type: rounded to nearest, ties to even, by trying both neighbours.
private func rounded(_ value: Double, _ type: ElementType) -> UInt32 {
  switch type {
  case .float32: return Float(value).bitPattern
  case .float16: return UInt32(Float16(value).bitPattern)
  default:
    // Truncation gives one neighbour; the other is one more.
    let low = Float(value).bitPattern >> 16
    let below = abs(value - Elements.value(low, .bfloat16)), above = abs(value - Elements.value(low + 1, .bfloat16))
    if below == above { return low & 1 == 0 ? low : low + 1 }
    return below < above ? low : low + 1
  }
}

@Suite struct ConversionTests {
  static let floats: [ElementType] = [.float32, .float16, .bfloat16]

  private static func storage(_ type: ElementType) -> String {
    switch type {
    case .float32: "FloatStorage"
    case .float16: "HalfStorage"
    case .bfloat16: "BFloat16Storage"
    case .int64: "LongStorage"
    case .bool: "BoolStorage"
    }
  }

  /// Blocks of an import are 1 MiB; no count here is a multiple of one, and each has elements in three of them.
  private static let rows = 601
  private static func columns(_ type: ElementType) -> Int { (5 << 19) / type.byteCount / rows }

  /// Imports one tensor and returns its bytes in the file.
  private func stored(_ tensor: TorchTensor, _ target: ElementType?) throws -> (type: ElementType, bytes: [UInt8]) {
    let folder = try TemporaryFolder()
    try folder.write("x.pt", torchFile([tensor]))
    try folder.write("config.json", "{}")
    var importer = Importer(try ModelSource(folder("x.pt")), modelName: "m", program: "p")
    importer.languageModelType = target
    try importer.run(to: folder("m.h5"))
    let found = try WeightCache.open(folder("m.h5")).stored(tensor.name, tensor.shape)
    return withExtendedLifetime(found) { (found.elementType, Array(found.bytes)) }
  }

  @Test("Every pair of types, dense and transposed", arguments: floats, floats)
  func pairs(_ type: ElementType, _ target: ElementType) throws {
    let elements = Elements(type, within: target)
    let (rows, columns) = (Self.rows, Self.columns(type))
    let expected = elements.bits.map { rounded(Elements.value($0, type), target) }
    // A step coprime to the number of elements, so that each occurs, at different positions in each block.
    let places = (0..<rows * columns).map { $0 * 7919 % elements.bits.count }
    let data = bytes(elements.bits, type, places)
    for isTransposed in [false, true] {
      var tensor = TorchTensor("t", Self.storage(type), key: "0", [rows * columns], data)
      var order = places
      if isTransposed {
        tensor = TorchTensor("t", Self.storage(type), key: "0", [rows, columns], strides: [1, rows], data)
        order = (0..<rows * columns).map { places[$0 % columns * rows + $0 / columns] }
      }
      tensor.elements = rows * columns
      let found = try stored(tensor, target)
      #expect(found.type == target)
      let bytes = bytes(expected, target, order)
      #expect(firstDifference(found.bytes, bytes) == nil, "\(isTransposed ? "transposed" : "dense")")
    }
  }

  @Test("Integers and booleans are kept whatever the floats are converted to", arguments: [ElementType.int64, .bool])
  func others(_ type: ElementType) throws {
    let (rows, columns) = (Self.rows, Self.columns(type))
    var numbers = RandomNumbers(seed: 11)
    let size = type.byteCount
    let data = (0..<rows * columns * size).map { _ in
      UInt8.random(in: 0...(type == .bool ? 1 : 255), using: &numbers)
    }
    var tensor = TorchTensor("t", Self.storage(type), key: "0", [rows, columns], strides: [1, rows], data)
    tensor.elements = rows * columns
    let found = try stored(tensor, .float16)
    #expect(found.type == type)
    var expected: [UInt8] = []
    for number in 0..<rows * columns {
      let start = (number % columns * rows + number / columns) * size
      for byte in start..<start + size { expected.append(data[byte]) }
    }
    #expect(firstDifference(found.bytes, expected) == nil)
  }

  @Test("A view of three axes that starts inside its storage and skips elements")
  func view() throws {
    // 7 x 300 x 211 elements, with axes in the order 1, 2, 0 and a gap after each line.
    let shape = [7, 300, 211], strides = [2, 212 * 15, 15], offset = 5
    let count = offset + 6 * 2 + 299 * 212 * 15 + 210 * 15 + 1
    let values = (0..<count).map(Float.init)
    var tensor = TorchTensor("t", "FloatStorage", key: "0", shape, strides: strides, values)
    tensor.offset = offset
    let found = try stored(tensor, nil)
    var expected: [Float] = []
    for i in 0..<7 {
      for j in 0..<300 { for k in 0..<211 { expected.append(values[offset + i * 2 + j * 212 * 15 + k * 15]) } }
    }
    #expect(expected.withUnsafeBytes { found.bytes.elementsEqual($0) })
  }

  /// The first number that each format rounds to infinity, and the one before it.
  @Test(
    "A value that rounds to infinity is refused, with its position",
    arguments: [
      (ElementType.float16, Float(65520), Float(65520).nextDown),
      (.bfloat16, Float(bitPattern: 0x7F7F_8000), Float(bitPattern: 0x7F7F_7FFF)),
    ], [0, 262_143, 262_144, 300_000])
  func overflow(_ format: (type: ElementType, tooLarge: Float, largest: Float), _ index: Int) throws {
    for sign: Float in [1, -1] {
      var values = [Float](repeating: sign * format.largest, count: 300_001)
      values[index] = sign * format.tooLarge
      let error = failure { () throws(WeightError) in
        do { _ = try stored(TorchTensor("t", "FloatStorage", key: "0", [300_001], values), format.type) } catch {
          guard let error = error as? WeightError else { return }
          throw error
        }
      }
      guard case .overflow("t", index, sign * format.tooLarge, format.type, _)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }
}
