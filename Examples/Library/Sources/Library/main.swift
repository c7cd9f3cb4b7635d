// ESMFoldKit from a program of one's own: folds a protein, and asks a language model about it.
//
//   swift run -c release --package-path Examples/Library Library [SEQUENCE [FOLDING_MODEL [LANGUAGE_MODEL]]]
//
// Models are names in the cache, files or folders; without any, the demo model inside the library does both.

import ESMFoldKit
import Foundation

/// The words of the command line, with defaults.
let words = CommandLine.arguments.dropFirst()
let sequence = words.first ?? "NLYIQWLKDGGPSSGRPPPS"
/// The folder of imported models, as the program `esmfold` has it by default.
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

  // What the model thinks of a mutation; the demo model has no head for that.
  if language.description.hasMaskedLanguageHead, let first = sequence.first {
    let variant = try Variant("\(first)1A")
    let positions = try variant.positions(in: Array(sequence))
    let score = try language.score([(variant, positions)], of: tokens, .maskedMarginals)
    print("\(variant): \(score[0])")
  } else {
    print("\(language.modelName) has no masked-language head: no scores of variants")
  }
} catch {
  print("error: \(error)")
}
