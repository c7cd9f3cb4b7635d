// The propagation of NaN and infinities: the result of a computation must show that something went wrong in it.

import CKernels
import Tensors
import TestSupport
import Testing

@Suite("Numbers that are not finite") struct NonFiniteTests {
  init() { Buffer.isPoisoned = true }

  /// NaNs of both signs with the first bit of the fraction, with all bits or with only the last one: integer arithmetic
  /// on the bits must not turn them into numbers.
  static let nans = [0x7fc0_0000, 0xffc0_0000, 0x7fff_ffff, 0xffff_ffff, 0x7f80_0001, 0xff80_01fe]
    .map { Float(bitPattern: UInt32($0)) }

  private static let activations = [ck_identity, ck_relu, ck_gelu]
  /// Sizes with whole and partial registers and panels of every set.
  private static let columns = 75, rows = 8, depth = 5

  /// Positions in a row of `columns`: first, mid-register, last of a full register, in the tail.
  private static let positions = [0, 5, 63, 74]

  /// Where the values are NaN.
  private static func nanPlaces(_ values: [Float]) -> Set<Int> { Set(values.indices.filter { values[$0].isNaN }) }

  /// Damage to one operand of a product, and where c must then be NaN.
  private enum Damage: CaseIterable {
    case left, right, bias, sum
  }

  /// c of a product with one NaN in it, in float32 and, if it may, in bfloat16.
  private static func product(
    _ kernels: Kernels, _ damage: Damage, _ nan: Float, at column: Int, _ activation: ck_activation, isNarrow: Bool
  ) -> [[Float]] {
    let arena = Arena(), row = column % rows, k = column % depth
    var random = RandomNumbers(seed: 80)
    var a = random.floats(rows * depth), b = random.floats(columns * depth), bias = random.floats(columns)
    var c = random.floats(rows * columns)
    switch damage {
    case .left: a[row * depth + k] = nan
    case .right: b[column * depth + k] = nan
    case .bias: bias[column] = nan
    case .sum: c[row * columns + column] = nan
    }
    let right = arena.window(columns, depth, b), out = arena.window(rows, columns, c)
    var epilogue = ck_epilogue(bias: arena.array(columns, bias), activation: activation, accumulate: true)
    let packed = arena.array(kernels.packedCount(columns: columns, depth: depth), as: Float.self)
    defer { #expect(arena.isIntact) }
    guard isNarrow else {
      let left = arena.window(rows, depth, a)
      kernels.table.pack_transposed(
        Int64(columns), Int64(depth), right.pointer, Int64(right.stride), ck_float32, packed)
      kernels.table.gemm(
        Int64(rows), Int64(columns), Int64(depth), left.pointer, Int64(left.stride), packed, out.pointer,
        Int64(out.stride), &epilogue)
      return [out.values]
    }
    let left = arena.operand(rows, depth)
    kernels.narrow(arena.window(rows, depth, a), into: left)
    kernels.table.pack_transposed_bf16(
      Int64(columns), Int64(depth), right.pointer, Int64(right.stride), ck_float32, packed)
    kernels.table.gemm_bf16(
      Int64(rows), Int64(columns), Int64(depth), left.pointer, Int64(left.stride), packed, out.pointer,
      Int64(out.stride), false, &epilogue)
    guard damage != .sum else { return [out.values] }
    epilogue.accumulate = false
    let narrow = arena.operand(rows, columns)
    kernels.table.gemm_bf16(
      Int64(rows), Int64(columns), Int64(depth), left.pointer, Int64(left.stride), packed, narrow.pointer,
      Int64(narrow.stride), true, &epilogue)
    return [out.values, narrow.bits.map(BFloat16.value)]
  }

  @Test(
    "A NaN in an operand affects exactly the results that depend on it", arguments: KernelTests.sets, [false, true])
  func products(_ kernels: Kernels, _ isNarrow: Bool) {
    for damage in Damage.allCases {
      for activation in Self.activations {
        for (nan, column) in Self.nans.flatMap({ nan in Self.positions.map { (nan, $0) } }) {
          let row = column % Self.rows
          let expected: Set<Int>
          switch damage {
          case .left: expected = Set((0..<Self.columns).map { row * Self.columns + $0 })
          case .right, .bias: expected = Set((0..<Self.rows).map { $0 * Self.columns + column })
          case .sum: expected = [row * Self.columns + column]
          }
          for found in Self.product(kernels, damage, nan, at: column, activation, isNarrow: isNarrow) {
            #expect(
              Self.nanPlaces(found) == expected,
              "\(kernels.name): NaN \(nan.bitPattern) in \(damage) at \(column), activation \(activation.rawValue)")
          }
        }
      }
    }
  }

  @Test("Infinities through the activations", arguments: KernelTests.sets) func activations(_ kernels: Kernels) {
    let big = Float.greatestFiniteMagnitude
    let x: [Float] = [.infinity, -.infinity, big, -big, -100, 0]
    for (activation, expected) in [
      (ck_relu, [.infinity, 0, big, 0, 0, 0]), (ck_gelu, [.infinity, .nan, big, 0, 0, 0] as [Float]),
    ] {
      let arena = Arena(), out = arena.window(x.count, 1), input = arena.window(x.count, 1, x)
      let packed = arena.array(kernels.packedCount(columns: 1, depth: 1), as: Float.self)
      kernels.table.pack(1, 1, [1], 1, packed)
      var epilogue = ck_epilogue(bias: nil, activation: activation, accumulate: false)
      kernels.table.gemm(
        Int64(x.count), 1, 1, input.pointer, Int64(input.stride), packed, out.pointer, Int64(out.stride), &epilogue)
      #expect(zip(out.values, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(kernels.name)")
    }
  }

  @Test("Layer norm: the row with a NaN or an infinity becomes NaN", arguments: KernelTests.sets, [75, 32, 64, 128])
  func layerNorm(_ kernels: Kernels, _ columns: Int) {
    var random = RandomNumbers(seed: 81)
    for damage in Self.nans + [.infinity, -.infinity] {
      for column in [0, 5, columns - 1] {
        var x = random.floats(3 * columns)
        x[columns + column] = damage
        let arena = Arena()
        let norm = LayerNorm(
          weight: Tensor(random.floats(columns)), bias: Tensor(random.floats(columns)), epsilon: 1e-5)
        let out = arena.window(3, columns)
        norm(arena.window(3, columns, x), into: out, kernels: kernels)
        #expect(Self.nanPlaces(out.values) == Set(columns..<2 * columns), "\(kernels.name) \(damage.bitPattern)")
      }
    }
  }

  /// The numerators and reciprocal sums of three rows, of which the middle one is given.
  private static func softmax(_ kernels: Kernels, _ middle: [Float], isNarrow: Bool) -> (rows: [[Float]], sums: [Float])
  {
    let columns = middle.count, arena = Arena()
    var random = RandomNumbers(seed: 82)
    let x = arena.window(3, columns, random.floats(columns) + middle + random.floats(columns))
    let sums = arena.array(3, as: Float.self), narrow = arena.operand(3, columns)
    defer { #expect(arena.isIntact) }
    guard isNarrow else {
      kernels.table.softmax_numerators(3, Int64(columns), x.pointer, Int64(x.stride), 1, nil, 0, sums)
      return ((0..<3).map { row in (0..<columns).map { x[row, $0] } }, (0..<3).map { sums[$0] })
    }
    kernels.table.softmax_numerators_bf16(
      3, Int64(columns), x.pointer, Int64(x.stride), 1, nil, 0, narrow.pointer, Int64(narrow.stride), sums)
    let values = narrow.bits.map(BFloat16.value)
    return ((0..<3).map { Array(values[$0 * columns..<($0 + 1) * columns]) }, (0..<3).map { sums[$0] })
  }

  @Test("Softmax", arguments: KernelTests.sets, [false, true]) func softmax(_ kernels: Kernels, _ isNarrow: Bool) {
    for columns in [1, 4, 16, 37, 64, 270] {
      for column in Set([0, columns / 2, columns - 1]) {
        let note: Comment = "\(kernels.name), \(columns) columns, at \(column), bfloat16: \(isNarrow)"
        var scores = RandomNumbers(seed: 83).finite(columns)
        for damage in Self.nans + [.infinity] {
          scores[column] = damage
          let (rows, sums) = Self.softmax(kernels, scores, isNarrow: isNarrow)
          #expect(rows[1][column].isNaN && sums[1].isNaN, note)
          #expect(!rows[0].contains(where: \.isNaN) && !rows[2].contains(where: \.isNaN), note)
          #expect(sums[0].isFinite && sums[2].isFinite, note)
        }
        // −∞ has no visible weight as long as there is another score.
        scores[column] = -.infinity
        let (rows, sums) = Self.softmax(kernels, scores, isNarrow: isNarrow)
        if columns == 1 {
          #expect(rows[1][0].isNaN && sums[1].isNaN, note)
        } else {
          #expect(rows[1][column] > 0 && rows[1][column] < 1.7e-38 && rows[1].max() == 1, note)
          #expect(sums[1].isFinite && sums[1] > 0, note)
        }
      }
      let (rows, sums) = Self.softmax(kernels, .init(repeating: -.infinity, count: columns), isNarrow: isNarrow)
      #expect(rows[1].allSatisfy(\.isNaN) && sums[1].isNaN && sums[0].isFinite, "\(kernels.name), all −∞")
    }
  }

  @Test("Row kernels propagate a NaN from each operand", arguments: KernelTests.sets)
  func rows(_ kernels: Kernels) {
    let columns = 38, count = 2 * columns
    for nan in Self.nans {
      for at in [0, 7, 15, 16, columns - 1, columns + 3, count - 1] {
        let arena = Arena(), note: Comment = "\(kernels.name): NaN \(nan.bitPattern) at \(at)"
        var random = RandomNumbers(seed: 84)
        func fine() -> Rows { arena.window(2, columns, random.floats(count)) }
        func damaged() -> Rows {
          var values = random.floats(count)
          values[at] = nan
          return arena.window(2, columns, values)
        }
        /// y afterwards is NaN where the operand was.
        func check(_ y: Rows, _ operation: (Rows) -> Void) {
          operation(y)
          #expect(Self.nanPlaces(y.values) == [at], note)
        }
        check(fine()) { kernels.gate($0, by: damaged()) }
        check(damaged()) { kernels.gate($0, by: fine()) }
        check(fine()) { kernels.addGated(damaged(), by: fine(), to: $0) }
        check(fine()) { kernels.addGated(fine(), by: damaged(), to: $0) }
        check(damaged()) { kernels.addGated(fine(), by: fine(), to: $0) }
        check(fine()) { kernels.add(damaged(), scaledBy: 0, to: $0) }
        check(damaged()) { kernels.add(fine(), to: $0) }

        let row = at / columns, column = at % columns
        let scaled = fine()
        kernels.table.scale_rows(
          2, Int64(columns), scaled.pointer, Int64(scaled.stride), row == 0 ? [nan, 1] : [1, nan])
        #expect(Self.nanPlaces(scaled.values) == Set(row * columns..<(row + 1) * columns), note)

        let half = columns / 2, rotated = damaged()
        kernels.rotate(
          rotated, heads: 1, scale: 1, cosines: arena.window(2, half, shift: 0, random.floats(2 * half)),
          sines: arena.window(2, half, shift: 0, random.floats(2 * half)))
        #expect(
          Self.nanPlaces(rotated.values)
            == [row * columns + column % half, row * columns + column % half + half], note)

        let features = arena.window(2, 2 * columns)
        kernels.productsAndDifferences(damaged(), arena.window(1, columns, random.floats(columns)), into: features)
        #expect(
          Self.nanPlaces(features.values) == [row * 2 * columns + column, row * 2 * columns + columns + column], note)

        let distances = arena.window(1, columns, random.floats(columns))
        kernels.addSquaredDistances(
          arena.window(1, 2, [1, 2]), damaged(), scaledBy: -0.5, to: distances)
        #expect(Self.nanPlaces(distances.values) == [column], note)

        let transposed = arena.window(columns, 2)
        kernels.transpose(damaged(), into: transposed)
        #expect(Self.nanPlaces(transposed.values) == [column * 2 + row], note)
        #expect(arena.isIntact, note)
      }
    }
  }

  @Test(
    "Attention: a NaN in a key reaches every query, one in a query its own", arguments: KernelTests.sets,
    Precision.allCases)
  func attention(_ kernels: Kernels, _ precision: Precision) {
    let (length, width) = (60, 8)
    var random = RandomNumbers(seed: 85)
    let values = random.floats(length * width)
    for nan in Self.nans {
      for damaged in 0..<3 {
        let arena = Arena(), out = arena.window(length, width)
        let operands = (0..<3).map { operand in
          var copy = values
          if operand == damaged { copy[50 * width + 3] = nan }
          return arena.window(length, width, copy)
        }
        let scratch = Scratch(
          workers: 1,
          floats: Attention.scratchFloats(keys: length, width: width, precision: precision, kernels: kernels))
        defer { withExtendedLifetime(scratch) {} }
        var taker = scratch.taker(0)
        Attention(scale: 0.3, precision: precision, kernels: kernels)
          .attend(q: operands[0], k: operands[1], v: operands[2], bias: nil, into: out, scratch: &taker)
        let expected = [
          Set(50 * width..<51 * width), Set(0..<length * width), Set((0..<length).map { $0 * width + 3 }),
        ]
        #expect(Self.nanPlaces(out.values) == expected[damaged], "\(kernels.name) \(precision), operand \(damaged)")
      }
    }
  }
}

extension RandomNumbers {
  /// Ordinary numbers from a copy of this state.
  fileprivate func finite(_ count: Int) -> [Float] {
    var copy = self
    return copy.floats(count)
  }
}
