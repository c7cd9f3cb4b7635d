// The reference's values for the language models: sequences of tokens and the results.

import ESMFoldKit
import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// One small model of the family and its goldens (see Tests/Fixtures/README.md).
struct FamilyGolden {
  /// Models with a masked-language head, a pooler or a classifier.
  static let names = ["esm2", "esm1b", "esm1v", "untied", "regression", "single-label", "multi-label", "tokens"]

  /// One sequence and the reference's values by name, such as "hidden_states.0".
  struct Case {
    let tokens: [Int]
    let values: [String: [Float]]
  }

  let cases: [Case]

  /// Reads the goldens of a model.
  init(_ name: String) throws { try self.init(path: Fixtures.path("family/\(name)/goldens.safetensors")) }

  /// Reads the goldens of a model's long sequences: rows and sums, see `Summary`.
  init(long name: String) throws { try self.init(path: Fixtures.path("family/\(name)/long.safetensors")) }

  /// Reads goldens from a given location.
  init(path: String) throws {
    let file = try Safetensors(path)
    let values = try file.allValues()
    cases = try (0..<file.metadata.keys.filter { $0.hasSuffix(".tokens") }.count).map { number in
      let prefix = "\(number)."
      let own = values.filter { $0.key.hasPrefix(prefix) }
      let tokens = try #require(file.metadata[prefix + "tokens"])
      return Case(
        tokens: try tokens.split(separator: " ").map { try #require(Int($0)) },
        values: Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst(prefix.count)), $0.value) }))
    }
    try #require(!cases.isEmpty && cases.allSatisfy { !$0.values.isEmpty })
  }

  /// Loads a model as a user would: its folder is imported into a temporary cache, which is then removed; the mapped
  /// file lives as long as the model. New memory and scratch hold NaN from then on, so that unwritten values
  /// show in the model's output.
  static func model(_ name: String, threads: Int = 2, precision: ESMFold.Precision = .fp32) throws -> ESM {
    Buffer.isPoisoned = true
    let cache = NSTemporaryDirectory() + "esmfold-family-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: cache) }
    let location = try ModelLocation.resolve(Fixtures.path("family/\(name)"), cacheFolder: cache).importIfNeeded()
    return try ESM(location, threads: threads, precision: precision)
  }
}

extension ESM {
  /// All outputs of this model for a sequence.
  var everything: Wanted {
    Wanted(
      layers: Array(0...description.layers), logits: description.hasMaskedLanguageHead,
      contacts: description.hasContactHead, attentions: true, pooled: description.hasPooler,
      classification: description.hasSequenceClassifier || description.hasTokenClassifier)
  }
}

extension ESM.Reading {
  /// The values keyed by the names of the goldens.
  var byName: [String: [Float]] {
    var found = Dictionary(
      uniqueKeysWithValues: representations.map { ("hidden_states.\($0.key)", $0.value.values) })
    found["logits"] = logits?.values ?? classification?.logits.values
    found["contacts"] = contacts?.values
    found["attentions"] = attentions?.values
    found["pooled"] = pooled
    return found
  }
}
