// Files of results as the HDF5 library reads them.

import Platform
import Tensors
import Testing
import Weights
import WeightsTestSupport

/// In the same suite, as the library is not safe for threads.
extension HDF5LibraryTests {
  @Test("Arrays that are appended as bytes, with attributes, are those of the library") func appended() throws {
    let path = folder("x.h5"), integers = [3, -1, .max, .min], floats: [Float] = [1.5, -0, .infinity]
    let part = try UnfinishedFile(for: path)
    var file = ArrayFile(part, attributes: [("a", "b")])
    let unit = ArrayFile.Attributes(texts: [("unit", "Å")])
    try integers.withUnsafeBytes { try file.append("i", .int64, [2, 2], bytes: $0, attributes: unit) }
    try floats.withUnsafeBytes { try file.append("f", .float32, [3], bytes: $0, attributes: unit) }
    try file.finish()
    try part.commit()
    let library = try LibraryFile(path, .read), i = try library.dataset("i"), f = try library.dataset("f")
    #expect(i.shape == [2, 2] && i.type == "int64" && i.bytes == integers.flatMap { little($0, 8) })
    #expect(f.shape == [3] && f.type == "float32" && f.bytes == floats.flatMap { little(Int($0.bitPattern), 4) })
    #expect(try library.text("a").text == "b" && ArrayFile.attribute("unit", of: "i", ofFile: path) == "Å")
  }
}
