// What suites share that run the program again and again in one folder, with one cache.

import Foundation
import TestSupport
import Testing

/// A suite with a folder and a cache of its own.
protocol CachedRuns {
  var scratch: ScratchFolder { get }
}

extension CachedRuns {
  /// The environment of the runs.
  var cache: [String: String] { ["ESMFOLD_CACHE": scratch.path + "/cache"] }

  func path(_ name: String) -> String { "\(scratch.path)/\(name)" }
  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }
  func tar(_ name: String) throws -> TestTar { try TestTar(path(name)) }

  @discardableResult
  func run(_ words: [String], _ input: Data? = nil) throws -> Binary.Ran {
    try Binary.run(words, input: input, environment: cache)
  }

  /// Folds with the demo model, one pass.
  @discardableResult
  func fold(_ input: String, _ output: String, _ options: [String] = []) throws -> Binary.Ran {
    try run(["fold", input, "-o", path(output), "--model", "demo", "-n", "0"] + options)
  }
}
