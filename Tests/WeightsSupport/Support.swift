// What tests of weights share: folders that go away, files made on the spot, and calls whose error is the result.

import Glibc
import Platform
import TestSupport
package import Weights

/// A folder for one test.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    path = try Folder.createTemporary("/tmp/esmfold-weights-")
  }

  deinit { TemporaryFolder.remove(path) }

  /// The path of `name` in this folder.
  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, creating folders as needed, and returns its path.
  @discardableResult
  package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += "/\(part)"
      mkdir(folder, 0o755)
    }
    let file = try require(fopen(self(name), "w"))
    defer { fclose(file) }
    try require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    return self(name)
  }

  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  /// The names in this folder, hidden ones, too.
  package func names() -> [String] { TemporaryFolder.names(in: path) }

  /// The names in any folder, hidden ones, too.
  package static func names(_ path: String) -> [String] { names(in: path) }

  private static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func remove(_ path: String) {
    for name in names(in: path) { remove("\(path)/\(name)") }
    if rmdir(path) != 0 { unlink(path) }
  }
}

/// The content of a file.
package func content(_ path: String) throws -> [UInt8] {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { Array(file.bytes) }
}

/// The content of a fixture of `Tests/Fixtures/weights`.
package func fixture(_ name: String) throws -> [UInt8] { try content(Fixtures.path("weights/\(name)")) }

/// Makes a named pipe.
package func makePipe(_ path: String) -> Bool { mkfifo(path, 0o644) == 0 }

/// The bytes of a safetensors file.
package func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + data
}

/// Where two arrays differ first; `nil` when they are the same. Tests of long arrays ask for this, because an expectation
/// that two arrays are equal looks for the shortest way from one to the other when they are not.
package func firstDifference(_ found: [UInt8], _ expected: [UInt8]) -> Int? {
  if found == expected { return nil }
  return zip(found, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(found.count, expected.count)
}

/// The error that `body` throws.
package func failure<T>(_ body: () throws(WeightError) -> T) -> WeightError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error
  }
}
