// Elements of stored tensors as numbers: widening to float32, rounding to the half formats, and the check for NaN.

internal import Tensors

/// Conversions between stored formats, element by element, little-endian.
enum ElementConversion {
  /// Element `index` in float32; exact.
  static func float(_ bytes: UnsafeRawBufferPointer, _ type: ElementType, at index: Int) -> Float {
    let offset = index * type.byteCount
    switch type {
    case .float32: return Float(bitPattern: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    case .float16: return Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    case .bfloat16: return Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)) << 16)
    case .int64: preconditionFailure("int64 elements are not floats")
    }
  }

  /// The bits of `value` in a half format, rounded to nearest, ties to even; infinite when beyond its range.
  static func halfBits(_ value: Float, _ type: ElementType) -> UInt16 {
    if type == .float16 { return Float16(value).bitPattern }
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }

  /// Converts finite floats; the index of the first element that is beyond the range of `target` instead of bytes.
  static func convert(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, to target: ElementType
  ) -> Result<[UInt8], OutOfRange> {
    let count = bytes.count / type.byteCount
    var result: [UInt8] = []
    result.reserveCapacity(count * target.byteCount)
    for index in 0..<count {
      let value = float(bytes, type, at: index)
      if target == .float32 {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { result.append(contentsOf: $0) }
      } else {
        let bits = halfBits(value, target)
        let exponent: UInt16 = target == .float16 ? 0x7C00 : 0x7F80
        if bits & exponent == exponent { return .failure(OutOfRange(index: index, value: value)) }
        withUnsafeBytes(of: bits.littleEndian) { result.append(contentsOf: $0) }
      }
    }
    return .success(result)
  }

  /// An element that a format cannot hold.
  struct OutOfRange: Error {
    let index: Int
    let value: Float
  }

  /// The index of the first element that is NaN or infinite. `bytes` may have any alignment.
  static func firstNonFinite(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) -> Int? {
    let exponent: UInt64
    switch type {
    case .float32: exponent = 0x7F80_0000_7F80_0000
    case .float16: exponent = 0x7C00_7C00_7C00_7C00
    case .bfloat16: exponent = 0x7F80_7F80_7F80_7F80
    case .int64: return nil
    }
    // Whole stretches first: a checkpoint of 8 GB is checked while it is imported, and must not be kept waiting by this.
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
