// Windows for kernels, with canaries wherever a kernel must not read or write.

import CKernels
import Tensors
import TestSupport
import Testing

/// Memory of one test: every byte outside the windows is 0xFF, a NaN in each number format, and must stay so. An input that
/// is read beyond its rows shows as NaN in the result, an output that is written beyond them as a changed canary, one that
/// is not written as a NaN.
final class Arena {
  private struct Block {
    let memory: UnsafeMutableRawBufferPointer
    /// All bytes of the memory.
    let start: Int, count: Int, stride: Int, width: Int

    var isIntact: Bool {
      memory.indices.allSatisfy { at in
        let inside = at - start
        let isOwned =
          count > 0 && width > 0 && inside >= 0 && inside < (count - 1) * stride + width && inside % stride < width
        return isOwned || memory[at] == 0xff
      }
    }
  }

  private var blocks: [Block] = []
  /// More than the widest register on both sides.
  private static let margin = 128

  deinit { for block in blocks { block.memory.deallocate() } }

  /// Whether no byte outside the windows has been written.
  var isIntact: Bool { blocks.allSatisfy(\.isIntact) }

  /// A window of `count` × `columns` that starts `shift` floats from an aligned address, in rows wider by `shift`.
  /// Without values it holds canaries.
  func window(_ count: Int, _ columns: Int, shift: Int = 1, _ values: [Float] = []) -> Rows {
    let stride = columns + shift
    let base = take(count, columns, stride, shift: shift, as: Float.self)
    for (i, value) in values.enumerated() { base[i / columns * stride + i % columns] = value }
    return Rows(base: base, count: count, columns: columns, stride: stride)
  }

  /// The same for bfloat16 bits. The zero after an odd last value belongs to the window.
  func operand(_ count: Int, _ columns: Int, shift: Int = 1, _ values: [UInt16] = []) -> Operand {
    let width = (columns + 1) / 2 * 2, stride = width + 2 * shift
    let base = take(count, width, stride, shift: shift, as: UInt16.self)
    if !values.isEmpty {
      for row in 0..<count {
        for column in 0..<columns { base[row * stride + column] = values[row * columns + column] }
        if columns % 2 == 1 { base[row * stride + columns] = 0 }
      }
    }
    return Operand(base: base, precision: .bfloat16, count: count, columns: columns, stride: stride)
  }

  /// `count` values of any type.
  func array<Value>(_ count: Int, _ values: [Value] = [], as type: Value.Type = Value.self) -> UnsafeMutablePointer<
    Value
  > {
    let base = take(1, count, count, shift: 0, as: Value.self)
    for (i, value) in values.enumerated() { base[i] = value }
    return base
  }

  private func take<Value>(_ count: Int, _ columns: Int, _ stride: Int, shift: Int, as: Value.Type)
    -> UnsafeMutablePointer<Value>
  {
    let size = MemoryLayout<Value>.stride, start = Arena.margin + shift * size
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: start + count * stride * size + Arena.margin, alignment: Buffer.alignment)
    for at in memory.indices { memory[at] = 0xff }
    blocks.append(
      Block(memory: memory, start: start, count: count, stride: max(stride, 1) * size, width: columns * size))
    return (memory.baseAddress.unsafelyUnwrapped + start).assumingMemoryBound(to: Value.self)
  }
}

/// Records where two arrays first differ; a failed comparison of whole arrays would print both.
func expectEqual<Value: Equatable>(
  _ found: [Value], _ expected: [Value], _ note: Comment = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  if found.count != expected.count {
    Issue.record("\(note): \(found.count) values, \(expected.count) expected", sourceLocation: sourceLocation)
  } else if let at = found.indices.first(where: { found[$0] != expected[$0] }) {
    Issue.record("\(note): found \(found[at]) at \(at), expected \(expected[at])", sourceLocation: sourceLocation)
  }
}

extension Rows {
  /// The values, row-major.
  var values: [Float] { (0..<count).flatMap { row in (0..<columns).map { self[row, $0] } } }

  /// The first value.
  var pointer: UnsafeMutablePointer<Float> { Operand(self).start.assumingMemoryBound(to: Float.self) }
}

extension Operand {
  /// The bits, row-major, without the zeros after odd rows. Only for bfloat16.
  var bits: [UInt16] { (0..<count).flatMap { row in (0..<columns).map { pointer[row * stride + $0] } } }

  /// The value after an odd last value, row by row. Only for bfloat16.
  var padding: [UInt16] { columns % 2 == 0 ? [] : (0..<count).map { pointer[$0 * stride + columns] } }

  /// The first value's bits.
  var pointer: UnsafeMutablePointer<UInt16> { start.assumingMemoryBound(to: UInt16.self) }
}

extension Kernels {
  /// The table itself, for kernels without a general Swift wrapper.
  var table: ck_kernels {
    guard let table = ck_find(name) else { preconditionFailure("\(name) is gone") }
    return table.pointee
  }

  /// Whether a multiply-add rounds once: scalar twins that are compared bit for bit must do the same as the set.
  var fusesMultiplyAdd: Bool {
    #if arch(arm64)
      true
    #else
      name != "base"
    #endif
  }

  /// Floats of a vector.
  var vectorWidth: Int { Int(table.vector_width) }
}

/// bfloat16 by definition.
enum BFloat16 {
  /// The bits of the nearest number, ties to even; any NaN for a NaN.
  static func bits(_ x: Float) -> UInt16 {
    guard !x.isNaN else { return 0x7fc0 }
    let below = x.bitPattern & 0xffff_0000, rest = x.bitPattern & 0xffff
    let isUp = rest > 0x8000 || rest == 0x8000 && below & 0x1_0000 != 0
    return UInt16((isUp ? below + 0x1_0000 : below) >> 16)
  }

  static func value(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// The nearest number.
  static func rounded(_ x: Float) -> Float { value(bits(x)) }
}
