// Folders of tests.

import Foundation
import Platform

/// A folder for one test, removed at its end.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/esmfold-platform-\(UUID().uuidString)"
    try Folder.create(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` in this folder.
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and gives its path.
  @discardableResult
  func write(_ name: String, _ text: String = "x") throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  /// All names in a folder, hidden ones too, sorted.
  func names(_ folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: self(folder))) ?? []).sorted()
  }

  func text(_ name: String) -> String? { try? String(contentsOfFile: self(name), encoding: .utf8) }
}

/// The error that an expression throws.
func failure<Value: ~Copyable>(_ value: @autoclosure () throws(SystemError) -> Value) -> SystemError? {
  do {
    _ = try value()
    return nil
  } catch {
    return error
  }
}
