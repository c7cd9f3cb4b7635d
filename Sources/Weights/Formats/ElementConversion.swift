// Elements of stored tensors as numbers: widening to float32, rounding to the half formats, and the check for NaN.

package import Tensors

/// Conversions between stored formats, element by element, little-endian.
package enum ElementConversion {
  /// Element `index` in float32; exact.
  package static func float(_ bytes: UnsafeRawBufferPointer, _ type: ElementType, at index: Int) -> Float {
    let offset = index * type.byteCount
    switch type {
    case .float32: return Float(bitPattern: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    case .float16: return Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    case .bfloat16: return Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)) << 16)
    case .int64, .bool: preconditionFailure("\(type) elements are not floats")
    }
  }

  /// The bits of a finite `value` in a half format, rounded to nearest, ties to even; infinite when beyond its range.
  static func halfBits(_ value: Float, _ type: ElementType) -> UInt16 {
    let bits = value.bitPattern
    if type != .float16 { return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16) }
    // In integers and without branches, which the compiler vectorises: processors of the baseline have no instruction
    // for this, and the standard library's conversion takes ten times as long there.
    let magnitude = bits & 0x7FFF_FFFF
    // The exponent counts from 2^-14 in place of 2^-126; half of what is cut off is added, less one when even.
    let normal = (magnitude &+ 0xC800_0FFF &+ (magnitude >> 13 & 1)) >> 13
    // Below 2^-14 the unit is 2^-24, which is that of numbers from 1/2 on: adding 1/2 rounds to it.
    let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- (0.5 as Float).bitPattern
    let half = magnitude < 0x3880_0000 ? small : magnitude < 0x477F_F000 ? normal : 0x7C00
    return UInt16(truncatingIfNeeded: bits >> 16 & 0x8000 | half)
  }

  /// Converts finite floats of any alignment; the index of the first element that is beyond the range of `target` instead
  /// of bytes.
  package static func convert(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, to target: ElementType
  ) -> Result<[UInt8], OutOfRange> {
    if type == target { return .success(Array(bytes)) }
    let values = Kernels.active.widen(bytes, type)
    if target == .float32 { return .success(values.withUnsafeBytes(Array.init)) }
    let halves = values.map { halfBits($0, target) }
    let exponent: UInt16 = target == .float16 ? 0x7C00 : 0x7F80
    if let index = halves.firstIndex(where: { $0 & exponent == exponent }) {
      return .failure(OutOfRange(index: index, value: values[index]))
    }
    return .success(halves.withUnsafeBytes(Array.init))
  }

  /// An element that a format cannot hold.
  package struct OutOfRange: Error {
    package let index: Int
    package let value: Float
  }

  /// The index of the first element that is NaN or infinite. `bytes` may have any alignment.
  package static func firstNonFinite(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) -> Int? {
    let exponent: UInt64
    switch type {
    case .float32: exponent = 0x7F80_0000_7F80_0000
    case .float16: exponent = 0x7C00_7C00_7C00_7C00
    case .bfloat16: exponent = 0x7F80_7F80_7F80_7F80
    case .int64, .bool: return nil
    }
    // Whole blocks first: a checkpoint of 8 GB is checked while it is imported, and this must not slow the import down.
    let stretch = 4096
    var offset = 0
    while offset + stretch <= bytes.count {
      let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + stretch])
      if hasFullExponent(part, exponent) { break }
      offset += stretch
    }
    let mask = exponent & (type.byteCount == 4 ? 0xFFFF_FFFF : 0xFFFF)
    while offset < bytes.count {
      let bits =
        type.byteCount == 4
        ? UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        : UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      if bits & mask == mask { return offset / type.byteCount }
      offset += type.byteCount
    }
    return nil
  }

  /// Whether all exponent bits of some element are set, several elements to a word: adding one to the lowest of a full
  /// exponent, and of no other, carries into the bit above, where the sign was masked away.
  private static func hasFullExponent(_ bytes: UnsafeRawBufferPointer, _ exponent: UInt64) -> Bool {
    // The sign bits: those above the exponents. The lowest exponent bits: exponents without their upper neighbours.
    let sign = (exponent << 1) & ~exponent
    let lowest = exponent & ~(exponent << 1)
    var carries: UInt64 = 0
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      carries |= (word & exponent) &+ lowest
    }
    return carries & sign != 0
  }
}
