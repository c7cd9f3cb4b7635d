// Structures and descriptions for the tests of mmCIF files.

import Protein

enum MMCIFSamples {
  /// A chain of a sample.
  typealias Chain = (id: String, sequence: String, firstNumber: Int)

  /// Chains with made-up atoms: coordinates that differ everywhere, and B-factors that differ from atom to atom.
  static func structure(_ chains: [Chain]) -> Structure {
    let residues = chains.flatMap { $0.sequence.utf8.map(ResidueType.init(letter:)) }
    return Structure(
      positions14: (0..<residues.count * 42).map { Float($0 % 401) * 0.125 - 20 },
      plddt: (0..<residues.count * 37).map { Float($0 % 399) * 0.25 }, residueTypes: residues,
      residueNumbers: chains.flatMap { chain in (0..<chain.sequence.count).map { $0 + chain.firstNumber } },
      chainIDs: chains.flatMap { Array(repeating: $0.id, count: $0.sequence.count) })
  }

  /// Two chains with the same sequence, one of them with other numbers, and a chain of one residue with a long name.
  static let complex: [Chain] = [("A", "GXAS", 1), ("B", "GXAS", 11), ("AA", "W", 1)]

  /// As many chains of one residue, named as AlphaFold names them: A to Z, then AA, BA and so on.
  static func many(_ count: Int) -> [Chain] {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".map { String($0) }
    return (0..<count).map { number -> Chain in
      let id = letters[number % 26] + (number < 26 ? "" : letters[number / 26 - 1])
      return (id, number % 2 == 0 ? "G" : "A", number + 1)
    }
  }

  static func description(
    name: String = "sample", subject: String = "a sample", model: String = "demo", scores: [ModelDescription.Score] = []
  ) -> ModelDescription {
    ModelDescription(
      name: name, subject: subject, program: ("esmfold", "0.0.0"),
      parameters: [
        .init("model", model, meaning: "the name of the weights"), .init("recycles", "3", .integer, meaning: "passes"),
      ],
      meanPLDDT: 71.125, scores: [.init("pTM", type: "pTM", 0.5, meaning: "predicted TM-score, 0-1")] + scores)
  }

  /// [L, L] errors that differ everywhere.
  static func errors(_ count: Int) -> AlignedErrors {
    AlignedErrors((0..<count * count).map { Float($0) * 0.375 }, count: count)
  }

  /// The whole file.
  static func bytes(
    _ structure: Structure, _ description: ModelDescription = description(), _ errors: AlignedErrors? = nil
  ) throws -> [UInt8] {
    try pieces(structure, description, errors).flatMap(\.self)
  }

  /// The file as it is written.
  static func pieces(
    _ structure: Structure, _ description: ModelDescription = description(), _ errors: AlignedErrors? = nil
  ) throws -> [[UInt8]] {
    let sink = Sink()
    try MMCIFWriter.write(structure, description, alignedErrors: errors) { sink.pieces.append($0) }
    return sink.pieces
  }

  private final class Sink {
    var pieces: [[UInt8]] = []
  }

  /// The lines of a table, or the items of a category with one row.
  static func rows(of category: String, in bytes: [UInt8]) -> [String] {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(where: { $0.hasPrefix("_\(category).") }) else { return [] }
    let body = lines[start...].prefix { $0 != "#" }
    let rows = body.drop { $0.hasPrefix("_") && !$0.contains(" ") }
    return rows.map(String.init)
  }
}
