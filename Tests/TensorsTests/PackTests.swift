// Packing and conversion of every stored number, value by value: no tolerance, and no product in between.

import CKernels
import Tensors
import TestSupport
import Testing

@Suite("Packing and conversion") struct PackTests {
  init() { Buffer.isPoisoned = true }

  /// float16 by definition of its fields.
  static func value(ofHalf bits: UInt16) -> Float {
    let sign: Float = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 31), fraction = Float(bits & 1023)
    switch exponent {
    case 0: return sign * Float(sign: .plus, exponent: -24, significand: fraction)
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }

  /// Equal bits, except for NaNs.
  static func same(_ x: Float, _ y: Float) -> Bool { x.bitPattern == y.bitPattern || x.isNaN && y.isNaN }

  private static let everyHalf = (0...UInt16.max).map { $0 }

  /// Special cases of rounding to bfloat16: ties of even and odd upper halves and their neighbours,
  /// both ends of the range, infinities, NaNs of which the last bit, all bits or only the first is set.
  static let edges: [Float] = [
    0, 0x3f80_8000, 0x3f81_8000, 0x3f80_7fff, 0x3f80_8001, 0x3f81_7fff, 0x3fff_ffff, 0x7f7f_0000, 0x7f7f_7fff,
    0x7f7f_8000, 0x7f7f_ffff, 0x0080_0000, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000, 0x7fff_ffff,
  ].flatMap { [Float(bitPattern: $0), Float(bitPattern: $0 | 0x8000_0000)] }

  @Test("Every float16 and bfloat16 is widened exactly", arguments: KernelTests.sets) func widen(_ kernels: Kernels) {
    let halves = Self.everyHalf
    // Eight at a time, then seven converted one by one.
    for count in [halves.count, 7] {
      for start in stride(from: 0, to: halves.count, by: count) {
        let part = Array(halves[start..<min(start + count, halves.count)])
        part.withUnsafeBytes { bytes in
          let wide = kernels.widen(bytes, .float16), brain = kernels.widen(bytes, .bfloat16)
          #expect(zip(wide, part).allSatisfy { Self.same($0, Self.value(ofHalf: $1)) } && wide.count == part.count)
          #expect(zip(brain, part).allSatisfy { Self.same($0, BFloat16.value($1)) } && brain.count == part.count)
        }
      }
    }
    let floats = Self.edges + [1.5]
    let copy = floats.withUnsafeBytes { kernels.widen($0, .float32) }
    #expect(zip(copy, floats).allSatisfy { Self.same($0, $1) } && copy.count == floats.count)
  }

  /// Stored values of each type, and their numbers.
  private static func stored(_ type: ck_type, _ count: Int) -> (bits: [UInt16], floats: [Float], values: [Float]) {
    var random = RandomNumbers(seed: 50)
    switch type {
    case ck_float16:
      let bits = (0..<count).map { everyHalf[$0 % everyHalf.count] }
      return (bits, [], bits.map(value(ofHalf:)))
    case ck_bfloat16:
      let bits = (0..<count).map { everyHalf[$0 % everyHalf.count] }
      return (bits, [], bits.map(BFloat16.value))
    default:
      let floats = (0..<count).map { $0 % 3 == 0 ? edges[$0 / 3 % edges.count] : random.next(in: -1000...1000) }
      return ([], floats, floats)
    }
  }

  /// A matrix packed in both formats, as the product reads it.
  private struct Packed {
    let wide: UnsafeMutablePointer<Float>, narrow: UnsafeMutablePointer<UInt16>
    let columns: Int, depth: Int
    private let panel: Int, narrowPanel: Int

    init(_ arena: Arena, _ kernels: Kernels, columns: Int, depth: Int) {
      (self.columns, self.depth) = (columns, depth)
      (panel, narrowPanel) = (kernels.panelWidth(.float32), kernels.panelWidth(.bfloat16))
      wide = arena.array(kernels.packedCount(columns: columns, depth: depth), as: Float.self)
      narrow = arena.array(2 * kernels.packedCount(columns: columns, depth: depth, .bfloat16), as: UInt16.self)
    }

    /// Columns with those that fill the last panel.
    var wideColumns: Int { (columns + panel - 1) / panel * panel }
    var narrowColumns: Int { (columns + narrowPanel - 1) / narrowPanel * narrowPanel }
    /// Values of a column in bfloat16, where they come in pairs.
    var narrowDepth: Int { (depth + 1) / 2 * 2 }

    func float32(_ column: Int, _ k: Int) -> Float {
      wide[column / panel * panel * depth + k * panel + column % panel]
    }

    func bfloat16(_ column: Int, _ k: Int) -> Float {
      let pair = column / narrowPanel * narrowPanel * (narrowDepth / 2) + k / 2 * narrowPanel + column % narrowPanel
      return BFloat16.value(narrow[2 * pair + k % 2])
    }
  }

  /// Packs [columns, depth] and compares the values of each column and k.
  private static func checkTransposed(_ kernels: Kernels, _ type: ck_type, columns: Int, depth: Int) {
    let gap = 3, ldb = depth + gap
    let (bits, floats, values) = stored(type, columns * ldb)
    let arena = Arena(), packed = Packed(arena, kernels, columns: columns, depth: depth)
    let note: Comment = "\(kernels.name) type \(type.rawValue) \(columns) × \(depth)"
    let b: UnsafeRawPointer =
      type == ck_float32
      ? UnsafeRawPointer(arena.array(floats.count, floats)) : UnsafeRawPointer(arena.array(bits.count, bits))

    kernels.table.pack_transposed(Int64(columns), Int64(depth), b, Int64(ldb), type, packed.wide)
    kernels.table.pack_transposed_bf16(Int64(columns), Int64(depth), b, Int64(ldb), type, packed.narrow)
    #expect(arena.isIntact, note)
    func value(_ column: Int, _ k: Int) -> Float { column < columns && k < depth ? values[column * ldb + k] : 0 }
    var wrong = 0
    for column in 0..<packed.wideColumns {
      for k in 0..<depth where !same(packed.float32(column, k), value(column, k)) { wrong += 1 }
    }
    for column in 0..<packed.narrowColumns {
      for k in 0..<packed.narrowDepth {
        let value = value(column, k), found = packed.bfloat16(column, k)
        // A number below the smallest normal one may become zero.
        if !same(found, BFloat16.rounded(value)), !value.isSubnormal || found != 0 { wrong += 1 }
      }
    }
    #expect(wrong == 0, note)
  }

  /// Counts of columns around one panel of either format, and beyond.
  private static func columnCounts(_ kernels: Kernels) -> [Int] {
    Precision.allCases.map { kernels.panelWidth($0) }.flatMap { [$0 - 1, $0, $0 + 1, 2 * $0 + 11] } + [1, 3, 7, 8, 9]
  }

  @Test("Transposed panels have every value in the right position", arguments: KernelTests.sets)
  func transposed(_ kernels: Kernels) {
    for type in [ck_float32, ck_float16, ck_bfloat16] {
      for columns in Self.columnCounts(kernels) {
        for depth in [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 48] {
          Self.checkTransposed(kernels, type, columns: columns, depth: depth)
        }
      }
      // All 65536 halves.
      Self.checkTransposed(kernels, type, columns: 24, depth: 2744)
    }
  }

  @Test("Straight panels have every value in the right position", arguments: KernelTests.sets)
  func straight(_ kernels: Kernels) {
    for columns in Self.columnCounts(kernels) {
      for depth in [1, 2, 5, 8, 17] {
        let arena = Arena(), ldb = columns + 2
        let values = Self.stored(ck_float32, depth * ldb).values
        let note: Comment = "\(kernels.name) \(columns) × \(depth)"
        let b = arena.array(values.count, values), packed = Packed(arena, kernels, columns: columns, depth: depth)
        kernels.table.pack(Int64(columns), Int64(depth), b, Int64(ldb), packed.wide)
        kernels.table.pack_bf16(Int64(columns), Int64(depth), b, Int64(ldb), packed.narrow)
        #expect(arena.isIntact, note)
        func value(_ column: Int, _ k: Int) -> Float { column < columns && k < depth ? values[k * ldb + column] : 0 }
        var wrong = 0
        for column in 0..<packed.wideColumns {
          for k in 0..<depth where !Self.same(packed.float32(column, k), value(column, k)) { wrong += 1 }
        }
        for column in 0..<packed.narrowColumns {
          // The vectors of the last panel without a column are never read.
          guard column / kernels.vectorWidth * kernels.vectorWidth < columns else { continue }
          for k in 0..<packed.narrowDepth
          where !Self.same(packed.bfloat16(column, k), BFloat16.rounded(value(column, k))) { wrong += 1 }
        }
        #expect(wrong == 0, note)
      }
    }
  }

  @Test("Rounding of rows", arguments: KernelTests.sets) func narrow(_ kernels: Kernels) {
    var random = RandomNumbers(seed: 51)
    for columns in [1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33] {
      for rows in [1, 3] {
        let arena = Arena()
        let values = (0..<rows * columns).map { _ in
          Bool.random(using: &random)
            ? Self.edges[Int.random(in: 0..<Self.edges.count, using: &random)] : random.next(in: -1...1)
        }
        let x = arena.window(rows, columns, shift: 2, values), y = arena.operand(rows, columns)
        kernels.narrow(x, into: y)
        let isRight = zip(y.bits, values).allSatisfy { Self.same(BFloat16.value($0), BFloat16.rounded($1)) }
        #expect(isRight && y.padding.allSatisfy { $0 == 0 }, "\(kernels.name) \(rows) × \(columns)")
        #expect(arena.isIntact)
      }
    }
  }

  @Test("Transposes between the formats", arguments: KernelTests.sets, [1, 2, 3, 7, 8, 9, 16, 17, 40])
  func transposes(_ kernels: Kernels, _ columns: Int) {
    for rows in [1, 2, 7, 8, 9, 15, 16, 17, 32, 41] {
      let arena = Arena()
      let values = Self.stored(ck_float32, rows * columns).values
      let from = arena.window(rows, columns, shift: 2, values), to = arena.operand(columns, rows)
      let note: Comment = "\(kernels.name) \(rows) × \(columns)"
      kernels.transpose(from, into: to)
      let bits = to.bits
      let isNarrow = values.indices.allSatisfy { at in
        let found = bits[at % columns * rows + at / columns]
        return Self.same(BFloat16.value(found), BFloat16.rounded(values[at]))
      }
      #expect(isNarrow, note)
      // This kernel leaves the padding to its caller.
      #expect(to.padding.allSatisfy { $0 == 0xffff }, note)

      let back = arena.window(rows, columns)
      kernels.transpose(to, into: back)
      #expect(zip(back.values, values).allSatisfy { Self.same($0, BFloat16.rounded($1)) }, note)
      #expect(arena.isIntact, note)
    }
  }
}

extension RandomNumbers {
  /// One number, uniform in a range.
  mutating func next(in range: ClosedRange<Float>) -> Float { Float.random(in: range, using: &self) }
}
