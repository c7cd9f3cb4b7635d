// Reads the array files that commands write, independently of the code that writes them.

import Foundation
import Tensors
import Testing
import Weights

/// Extents and values of an array.
struct FoundArray: Equatable {
  let shape: [Int]
  let values: [Float]
}

/// An HDF5 file of results.
struct ArrayReader {
  private let path: String
  private let mapped: MappedFile

  init(_ path: String) throws {
    self.path = path
    mapped = try MappedFile(path)
  }

  /// The arrays of a group by name.
  func arrays(_ group: String) throws -> [String: FoundArray] {
    let file = try HDF5File(image: mapped.bytes, owner: mapped, path: path)
    var found: [String: FoundArray] = [:]
    for dataset in try file.datasets(in: group, aligned: false) { found[dataset.name] = try array(dataset) }
    return found
  }

  /// One array of a group.
  func array(_ group: String, _ name: String) throws -> FoundArray {
    try array(try HDF5File(image: mapped.bytes, owner: mapped, path: path).dataset(name, in: group))
  }

  private func array(_ dataset: HDF5File.Dataset) throws -> FoundArray {
    let bytes = UnsafeRawBufferPointer(rebasing: mapped.bytes[dataset.offset...])
    return FoundArray(
      shape: dataset.shape, values: try Self.values(bytes, dataset.shape.reduce(1, *), dataset.elementType))
  }

  /// A text attribute of a group.
  func attribute(_ name: String, of group: String = "/") throws -> String? {
    try ArrayFile.attribute(name, of: group, ofFile: path)
  }

  /// An integer attribute of a group or dataset.
  func integer(_ name: String, of object: String) throws -> Int? {
    try HDF5File(image: mapped.bytes, owner: mapped, path: path).integer(name, of: object)
  }

  /// A text attribute of the file, of fixed length.
  func text(_ name: String) throws -> String? {
    try HDF5File(image: mapped.bytes, owner: mapped, path: path).text(name)
  }

  fileprivate static func values(_ bytes: UnsafeRawBufferPointer, _ count: Int, _ type: ElementType) throws -> [Float] {
    try #require(bytes.count >= count * type.byteCount)
    return try (0..<count).map { index in
      switch type {
      case .float32: bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
      case .float16: Float(bytes.loadUnaligned(fromByteOffset: 2 * index, as: Float16.self))
      case .int64: Float(bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self))
      default: throw UnexpectedType(type: type)
      }
    }
  }

  struct UnexpectedType: Error { let type: ElementType }
}

/// A file in the format of NumPy, version 1.0 (numpy.lib.format).
enum NumpyReader {
  static func read(_ path: String) throws -> FoundArray {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    try #require(bytes.count >= 10 && bytes.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]), "\(path)")
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    try #require(start % 64 == 0 && bytes.count >= start && bytes[start - 1] == UInt8(ascii: "\n"))
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    let format = /\{'descr': '<f([24])', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n/
    let match = try #require(header.wholeMatch(of: format), "\(header)")
    let shape = match.output.2.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
    let count = shape.reduce(1, *), type = match.output.1 == "4" ? ElementType.float32 : .float16
    try #require(bytes.count == start + count * type.byteCount)
    return FoundArray(
      shape: shape, values: try bytes[start...].withUnsafeBytes { try ArrayReader.values($0, count, type) })
  }
}
