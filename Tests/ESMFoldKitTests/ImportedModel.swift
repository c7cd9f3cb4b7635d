// A folding fixture as a user has it: a folder of downloaded weights, imported into a cache.

import ESMFoldKit
import Foundation
import TestSupport

/// A copy of a fixture and its own cache; both are removed with the value.
final class ImportedModel {
  let location: ModelLocation
  /// The folder of both, where a test may also write.
  let folder: URL

  /// - Parameters:
  ///   - name: Such as "folding-a".
  ///   - change: Changes the copied config.json and model.safetensors before the import.
  /// - Throws: If the copies cannot be written.
  init(_ name: String, change: (_ configuration: inout String, _ weights: inout Data) throws -> Void = { _, _ in })
    throws
  {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("esmfold-kit-\(UUID().uuidString)")
    let source = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    let fixture = URL(fileURLWithPath: Fixtures.path("folding/\(name)"))
    var configuration = try String(contentsOf: fixture.appendingPathComponent("config.json"), encoding: .utf8)
    var weights = try Data(contentsOf: fixture.appendingPathComponent("model.safetensors"))
    try change(&configuration, &weights)
    try Data(configuration.utf8).write(to: source.appendingPathComponent("config.json"))
    try weights.write(to: source.appendingPathComponent("model.safetensors"))
    location = try ModelLocation.resolve(source.path, cacheFolder: folder.appendingPathComponent("cache").path)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The location of the model in the cache.
  func imported() throws -> ModelLocation { try location.importIfNeeded(for: .folding) }

  /// The model, loaded.
  func model(_ precision: ESMFold.Precision = .fp32, threads: Int = 2) throws -> ESMFold {
    try ESMFold(imported(), threads: threads, precision: precision)
  }
}
