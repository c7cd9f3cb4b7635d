// Files of Tests/Fixtures/protein, found beside this source file so that tests run from any folder.

import FoundationEssentials

enum ProteinFixture {
  static func bytes(_ name: String, from source: String = #filePath) throws -> [UInt8] {
    let folder = URL(filePath: source).deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: folder.appending(path: "Fixtures/protein/\(name)")))
  }

  static func lines(_ name: String) throws -> [String] {
    String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Little-endian float32 values.
  static func floats(_ name: String) throws -> [Float] {
    let bytes = try bytes(name)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }
}
