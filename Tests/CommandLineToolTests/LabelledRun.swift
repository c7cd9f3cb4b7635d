// Runs of `esmfold classify --labels`: the sequences of the reference's batches, and what is printed about them.

import Foundation
import TestSupport
import Testing

/// `classify` with the text of a file of labels.
enum LabelledRun {
  /// The sequences of the reference's batches (Scripts/golden_inputs.py).
  static let batch = ["MKTVRQERLK", "W", "MK<mask>VR", "GIVEQCCTSICSLYQ"]
  static let names = ["sp|P1|one", "two", "three", "four"]
  static let fasta = zip(names, batch).map { ">\($0) a protein\n\($1)\n" }.joined()

  /// Runs `classify` with the text of a file of labels.
  static func run(
    _ labels: String, _ options: [String] = [], model: String = "single-label", fasta: String = fasta,
    file: String = "labels.tsv", in scratch: ScratchFolder? = nil
  ) throws -> Binary.Ran {
    let folder = try scratch ?? ScratchFolder()
    let path = try folder.file(file, labels)
    let words = ["classify", "--model", Fixtures.path("family/\(model)"), "--labels", path]
    return try Binary.run(words + options, input: Data(fasta.utf8))
  }

  static func table(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }

  static func measures(_ ran: Binary.Ran) -> [String: String] {
    Dictionary(table(ran.output).map { ($0[0], $0.count == 2 ? $0[1] : "?") }, uniquingKeysWith: { "\($0) \($1)" })
  }

  static func tsv(_ labels: [String]) -> String { zip(names, labels).map { "\($0)\t\($1)\n" }.joined() }
}
