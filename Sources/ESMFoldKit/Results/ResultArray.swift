// Arrays of a result as bytes, ready for a file.

import Tensors
import Weights

/// A named array of a record's results, row-major.
public struct ResultArray: Sendable, Equatable {
  /// How values are stored.
  public enum ElementType: String, Sendable, CaseIterable {
    case float32, float16

    /// Bytes of a value.
    public var byteCount: Int { self == .float32 ? 4 : 2 }
  }

  /// Name within the record, such as `contacts` or `representations/33`.
  public let name: String
  /// How values are stored.
  public let elementType: ElementType
  /// Extents.
  public let shape: [Int]
  /// The values, little-endian.
  public let bytes: [UInt8]

  /// An array of values, rounded to nearest where they are stored in float16.
  ///
  /// - Parameters:
  ///   - name: Name within the record.
  ///   - shape: Extents.
  ///   - values: As many values as the extents say, row-major.
  ///   - elementType: How they are stored.
  public init(_ name: String, _ shape: [Int], _ values: [Float], as elementType: ElementType = .float32) {
    // Values of an array, not of any collection: of what is generic, another module gets each by a call of the runtime.
    precondition(shape.reduce(1, *) == values.count, "\(name): \(values.count) values for \(shape)")
    let bytes =
      switch elementType {
      case .float32: Self.bytes(of: values) { $0.bitPattern }
      case .float16: Self.bytes(of: values) { Float16($0).bitPattern }
      }
    self.init(name, shape, bytes: bytes, as: elementType)
  }

  /// An array that is bytes already; there must be as many as the extents say.
  public init(_ name: String, _ shape: [Int], bytes: [UInt8], as elementType: ElementType) {
    precondition(shape.reduce(elementType.byteCount, *) == bytes.count, "\(name): \(bytes.count) bytes for \(shape)")
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  private static func bytes<Bits: FixedWidthInteger>(of values: [Float], _ bits: (Float) -> Bits) -> [UInt8] {
    let size = MemoryLayout<Bits>.size
    return [UInt8](unsafeUninitializedCapacity: values.count * size) { buffer, initialized in
      let buffer = UnsafeMutableRawBufferPointer(buffer)
      for (index, value) in values.enumerated() {
        buffer.storeBytes(of: bits(value).littleEndian, toByteOffset: index * size, as: Bits.self)
      }
      initialized = values.count * size
    }
  }

  /// The array as a NumPy file, format 1.0 (numpy.lib.format).
  public var npy: [UInt8] { Self.npyHead(shape, elementType) + bytes }

  /// How many bytes `npy` has; nil for extents that no array has.
  ///
  /// - Parameters:
  ///   - shape: Extents.
  ///   - elementType: How values are stored.
  /// - Returns: Bytes of the head and of the values.
  package static func npyByteCount(_ shape: [Int], _ elementType: ElementType) -> Int? {
    // Also bounds the length of the head.
    guard shape.count <= 32 else { return nil }
    var count = elementType.byteCount
    for extent in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflows else { return nil }
      count = product
    }
    let (sum, overflows) = count.addingReportingOverflow(npyHead(shape, elementType).count)
    return overflows ? nil : sum
  }

  private static func npyHead(_ shape: [Int], _ elementType: ElementType) -> [UInt8] {
    let type = elementType == .float32 ? "<f4" : "<f2"
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    // Magic, version and length take 10 bytes; the values begin at a multiple of 64.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
  }
}
