// Matrices and arrays of results: order, rounding, and the bytes that NumPy writes.

import ESMFoldKit
import Foundation
import TestSupport
import Testing

@Suite("Results") struct ResultArrayTests {
  /// The output of NumPy 2's `numpy.save` without the comma after the last extent: a header of 128 bytes, and the data.
  private static func saved(_ head: String, _ data: [UInt8]) -> [UInt8] {
    let blanks = String(repeating: " ", count: 117 - head.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 0x76, 0] + Array((head + blanks + "\n").utf8) + data
  }

  @Test("Values row by row, little-endian") func float32() {
    let array = ResultArray("a", [2, 3], (0..<6).map(Float.init))
    let bytes: [UInt8] = [
      0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40, 0, 0, 0xA0, 0x40,
    ]
    #expect(array.bytes == bytes && array.shape == [2, 3] && array.name == "a" && array.elementType == .float32)
    #expect(array.npy == Self.saved("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3,), }", bytes))
    #expect(ResultArray("a", [2, 3], bytes: bytes, as: .float32) == array)
  }

  @Test("float16 is rounded to the nearest, ties to even, as NumPy does") func float16() {
    let values: [Float] = [0.1, -2.5, 65504, 1e-8, 2049, 2051, 65520, 6e-8]
    // numpy: array(values, '<f4').astype('<f2').tobytes()
    let bytes: [UInt8] = [0x66, 0x2E, 0, 0xC1, 0xFF, 0x7B, 0, 0, 0, 0x68, 2, 0x68, 0, 0x7C, 1, 0]
    let array = ResultArray("a", [8], values, as: .float16)
    #expect(array.bytes == bytes && array.elementType.byteCount == 2)
    #expect(array.npy == Self.saved("{'descr': '<f2', 'fortran_order': False, 'shape': (8,), }", bytes))
  }

  @Test("Scalars, empty arrays, and headers of every length: data begin at a multiple of 64") func heads() {
    #expect(
      ResultArray("a", [], [1.5]).npy
        == Self.saved("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", [0, 0, 0xC0, 0x3F]))
    #expect(
      ResultArray("a", [0, 4], [Float]()).npy
        == Self.saved("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4,), }", [])
    )
    for rank in 1...40 {
      let npy = ResultArray("a", [Int](repeating: 1, count: rank), [2]).npy
      let length = Int(npy[8]) | Int(npy[9]) << 8
      #expect((10 + length) % 64 == 0 && npy.count == 10 + length + 4 && npy[9 + length] == 0x0A)
      #expect(npy.dropFirst(10).dropLast(4).filter { $0 == 0x0A }.count == 1 && npy.suffix(4) == [0, 0, 0, 0x40])
    }
  }

  @Test("Matrices are row-major") func matrices() {
    let matrix = Matrix(rows: 3, columns: 2, values: [1, -20, 3, -40, 5, -6])
    #expect(matrix[0, 1] == -20 && matrix[2, 0] == 5 && Array(matrix.row(1)) == [3, -40])
    #expect(matrix.rows(1..<3) == Matrix(rows: 2, columns: 2, values: [3, -40, 5, -6]))
    #expect(matrix.rows(1..<1).rows == 0 && matrix.mean == [3, -22])
    // The maximum of negative numbers is not zero.
    #expect(matrix.maximum == [5, -6] && matrix.rows(0..<1).maximum == [1, -20])
    let empty = Matrix(rows: 0, columns: 2, values: [])
    #expect(empty.mean == [0, 0] && empty.maximum == [0, 0])
    // Small numbers are not lost beside a large one.
    let sums = Matrix(rows: 5, columns: 1, values: [16_777_216, 1, 1, 1, 1])
    #expect(sums.mean == [Float(16_777_220.0 / 5)])
  }

  @Test("A file of results has a group for each record") func file() throws {
    let folder = try TestFolder(), path = folder.path + "/a.h5"
    var file = try ResultFile(creating: path, attributes: [("settings", "{}")])
    try file.append(
      ResultRecord(
        name: "one", header: "one first", sequence: "MK", arrays: [ResultArray("representations/3", [2, 1], [1, 2])]))
    try file.close()
    #expect(try ResultFile.attribute("settings", ofFile: path) == "{}")
    #expect(try ResultFile.attribute("program", ofFile: path) == "esmfold \(ESMFoldKit.version)")
    #expect(try ResultFile.attribute("other", ofFile: path) == nil)
    #expect(throws: ModelError.self) { try ResultFile.attribute("settings", ofFile: folder.path) }
    #expect(throws: ModelError.self) { _ = try ResultFile(creating: folder.path + "/none/a.h5") }
  }
}
