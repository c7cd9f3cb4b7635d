// Using ESMFoldKit in your own program: folds a protein and applies a language model to it.
//
//   swift run -c release --package-path Examples/Library Library [SEQUENCE [FOLDING_MODEL [LANGUAGE_MODEL]]]
//
// Models are names in the cache, files or folders; by default the embedded demo model does both.

import ESMFoldKit
import Foundation

/// The command-line arguments, with defaults.
let words = CommandLine.arguments.dropFirst()
let sequence = words.first ?? "NLYIQWLKDGGPSSGRPPPS"
/// The folder of imported models, by default the same as that of the program `esmfold`.
let cache = "\(ProcessInfo.processInfo.environment["HOME"] ?? ".")/.cache/esmfold"

/// The model that a word names; downloaded weights are imported into the cache first, which is never done unasked.
func location(_ index: Int, for role: ModelRole) throws(ModelError) -> ModelLocation {
  guard let name = words.dropFirst(index).first else { return .demo }
  return try ModelLocation.resolve(name, cacheFolder: cache).importIfNeeded(for: role) {
    print("importing \($0.source) into \($0.cacheFolder)")
  }
}

do {
  let threads = SystemInfo.current.availableThreads

  // A structure and how much it can be trusted.
  let folding = try ESMFold(location(1, for: .folding), threads: threads)
  let fold = try folding.fold(FoldRequest(sequence: sequence))
  print("\(folding.modelName): \(fold.length) residues, mean pLDDT \(fold.meanPLDDT), pTM \(fold.ptm)")

  // A vector for the protein: the mean of the last state over its residues.
  let language = try ESM(location(2, for: .languageModel), threads: threads)
  let tokens = language.tokenizer.encode(sequence)
  let last = language.description.layers
  let reading = try language.read([tokens], ESM.Wanted(layers: [last]))[0]
  let vector = reading.residues(ofLayer: last)?.mean ?? []
  print("\(language.modelName): a vector of \(vector.count) numbers, the first \(vector.prefix(3))")

  // The model's score of a mutation; the demo model has no head for that.
  if language.description.hasMaskedLanguageHead, let first = sequence.first {
    let variant = try Variant("\(first)1A")
    let score = try language.score([try variant.placed(in: Array(sequence))], of: tokens, .maskedMarginals)
    print("\(variant): \(score[0])")
  } else {
    print("\(language.modelName) has no masked-language head: cannot score variants")
  }
} catch {
  print("error: \(error)")
}
