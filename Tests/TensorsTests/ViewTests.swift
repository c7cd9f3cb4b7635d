// Windows, views and stored tensors: which memory they refer to.

import Tensors
import TestSupport
import Testing

@Suite("Views of memory") struct ViewTests {
  init() { Buffer.isPoisoned = true }

  /// 0, 1, 2, …
  private static func counted<let rank: Int>(_ shape: [rank of Int]) -> Tensor<rank> {
    var count = 1
    for i in 0..<rank { count *= shape[i] }
    return Tensor(shape, (0..<count).map(Float.init))
  }

  @Test("Rows and columns of a matrix") func matrix() {
    let tensor = Self.counted([4, 5])
    defer { withExtendedLifetime(tensor) {} }
    let all = Rows(tensor)
    #expect((all.count, all.columns, all.stride) == (4, 5, 5))
    #expect(all.values == tensor.values)
    #expect(all.rows(1..<3).values == [5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    #expect(all.columns(2..<4).values == [2, 3, 7, 8, 12, 13, 17, 18])
    #expect(all.columns(1..<4).columns(1..<3).rows(1..<4).rows(1..<3).values == [12, 13, 17, 18])
    #expect(all.rows(4..<4).values.isEmpty && all.columns(5..<5).values.isEmpty)
    #expect(all.columns(2..<4)[3, 1] == 18)
    all.columns(2..<4)[1, 0] = 70
    #expect(tensor.values[7] == 70)
    all.rows(1..<3).columns(1..<3).fill(-1)
    #expect(
      tensor.values == [0, 1, 2, 3, 4, 5, -1, -1, 8, 9, 10, -1, -1, 13, 14, 15, 16, 17, 18, 19])
  }

  @Test("Copies between windows of different strides") func copy() {
    let from = Self.counted([3, 7]), to = Tensor<2>([3, 4])
    defer { withExtendedLifetime((from, to)) {} }
    to.fill(.nan)
    Rows(to).columns(1..<3).copy(Rows(from).columns(4..<6))
    let nan = Float.nan
    let expected = [nan, 4, 5, nan, nan, 11, 12, nan, nan, 18, 19, nan]
    #expect(zip(to.values, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
  }

  @Test("Lines and matrices of a stack") func lines() {
    let pairs = Self.counted([3, 4, 2])
    defer { withExtendedLifetime(pairs) {} }
    #expect(pairs.row(1).values == [8, 9, 10, 11, 12, 13, 14, 15])
    #expect((pairs.row(1).count, pairs.row(1).columns) == (4, 2))
    #expect(pairs.column(2).values == [4, 5, 12, 13, 20, 21])
    #expect((pairs.column(2).count, pairs.column(2).columns) == (3, 2))
    #expect(pairs.matrix(2).values == pairs.row(2).values)
  }

  @Test("Tensors share their memory with their views") func views() {
    let tensor = Self.counted([2, 3, 4])
    #expect(tensor.count == 24)
    let middle = tensor.viewed(as: [2, 5], from: 3)
    #expect(middle.values == (3..<13).map(Float.init))
    #expect(middle.viewed(as: [4], from: 6).values == [9, 10, 11, 12])
    #expect(tensor.viewed(as: [24]).values == tensor.values)
    #expect(tensor.viewed(as: [0], from: 24).values.isEmpty)
    middle.fill(-1)
    #expect(tensor.values == (0..<24).map { (3..<13).contains($0) ? -1 : Float($0) })
    #expect(Tensor<1>([1, 2, 3] as [Float])[2] == 3)
    #expect(Tensor<2>([0, 5]).values.isEmpty)
    #expect(Tensor<2>(zeros: [2, 2]).values == [0, 0, 0, 0])
    // New memory holds the NaNs that the tests request, so that reads before writes show.
    #expect(Tensor<2>([1, 3]).values.allSatisfy { $0.isNaN })
  }

  @Test("Operands in both formats") func operands() {
    let floats = Self.counted([3, 6])
    defer { withExtendedLifetime(floats) {} }
    let wide = Operand(Rows(floats))
    #expect((wide.count, wide.columns, wide.stride, wide.precision) == (3, 6, 6, .float32))
    let arena = Arena()
    let bits = (0..<21).map { UInt16($0) }
    let narrow = arena.operand(3, 7, shift: 2, bits)
    #expect(narrow.rows(1..<3).bits == Array(7..<21))
    #expect(narrow.columns(2..<5).bits == [2, 3, 4, 9, 10, 11, 16, 17, 18])
    #expect(narrow.rows(1..<2).columns(4..<7).bits == [11, 12, 13])
    let odd = arena.operand(2, 3)
    #expect(odd.padding == [0xffff, 0xffff])
    odd.padWithZero()
    #expect(odd.padding == [0, 0] && odd.bits == [UInt16](repeating: 0xffff, count: 6))
    // A float32 window may start at an odd column.
    #expect(wide.rows(1..<3).columns(1..<4).start == floats.pointer + 7)
    #expect(arena.isIntact)
  }

  @Test("Sizes in both formats") func sizes() {
    #expect(Precision.float32.byteCount == 4 && Precision.bfloat16.byteCount == 2)
    #expect((0...4).map { Precision.float32.stride($0) } == [0, 1, 2, 3, 4])
    #expect((0...4).map { Precision.bfloat16.stride($0) } == [0, 2, 2, 4, 4])
    #expect(Precision.float32.floats(3, 5) == 15 && Precision.bfloat16.floats(3, 5) == 9)
    for kernels in KernelTests.sets {
      for precision in Precision.allCases {
        let panel = kernels.panelWidth(precision), units = precision == .float32 ? [7, 8] : [4, 4]
        for (columns, panels) in [(0, 0), (1, 1), (panel, 1), (panel + 1, 2), (3 * panel, 3)] {
          for (depth, units) in zip([7, 8], units) {
            #expect(kernels.packedCount(columns: columns, depth: depth, precision) == panels * panel * units)
          }
        }
      }
    }
  }

  @Test("Stored tensors of each type, at an offset") func stored() {
    let values: [Float] = [1, -2, 0.5, 96, 0, -0.25]
    for (type, size) in [(ElementType.float32, 4), (.float16, 2), (.bfloat16, 2)] {
      for offset in [0, 4, 12] {
        let tensor = ProductTests.stored(values, as: type, shape: [2, 3], at: offset)
        #expect(tensor.floats() == values)
        #expect(tensor.count == 6 && tensor.byteCount == 6 * size && tensor.bytes.count == 6 * size)
      }
      #expect(type.byteCount == size && type.isFloat)
    }
    #expect(ElementType.int64.byteCount == 8 && ElementType.bool.byteCount == 1)
    #expect(!ElementType.int64.isFloat && !ElementType.bool.isFloat)
    let scalar = ProductTests.stored([7], as: .float32, shape: [])
    #expect(scalar.count == 1 && scalar.floats() == [7])
    #expect(ProductTests.stored([], as: .float16, shape: [3, 0]).floats().isEmpty)
    // Exactly the end of the buffer.
    let buffer = Buffer(byteCount: 20)
    #expect(StoredTensor(name: "x", elementType: .int64, shape: [2], buffer: buffer, byteOffset: 0).byteCount == 16)
    #expect(StoredTensor(name: "x", elementType: .float32, shape: [3], buffer: buffer, byteOffset: 8).byteCount == 12)
  }

  @Test("A tap makes names and copies only for a receiver") func tap() {
    let heard = Recorder()
    let tap = Tap { name, values in heard.record(name, values) }
    #expect(tap.isListening && !Tap.none.isListening)
    tap("a", [1, 2])
    Tap.none(
      {
        Issue.record("a name for nobody"); return ""
      }(),
      {
        Issue.record("a copy for nobody"); return []
      }())
    #expect(heard.names == ["a"] && heard.values == [[1, 2]])
  }
}
