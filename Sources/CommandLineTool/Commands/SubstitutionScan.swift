// All substitutions of a sequence: a row for each residue, a column for each of the twenty amino acids.

import ESMFoldKit
import Platform
import Protein

enum SubstitutionScan {
  /// The columns.
  static let residues: [Character] = Array("ACDEFGHIKLMNPQRSTVWY")

  /// log p(mutant) - log p(wild type) [L, 20]; NaN where the sequence has no amino acid (a `<mask>`, say).
  ///
  /// - Parameters:
  ///   - tokens: the residues.
  ///   - rows: their log-probabilities [L, vocabulary].
  ///   - tokenizer: the vocabulary.
  /// - Returns: the scores.
  static func scores(_ tokens: [Int], _ rows: Matrix, _ tokenizer: Tokenizer) -> Matrix {
    let columns = residues.map { tokenizer.id(of: String($0)) }
    let isAminoAcid = Set(columns)
    let values = tokens.enumerated().flatMap { row, token in
      columns.map { isAminoAcid.contains(token) ? rows[row, $0] - rows[row, token] : .nan }
    }
    return Matrix(rows: tokens.count, columns: columns.count, values: values)
  }

  /// Writes the scans of all records to an HDF5 file, dataset `scores` in a group for each.
  static func run(
    _ options: ScoreOptions, path: String, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    guard
      let run = try LanguageRun.prepare(
        options.language, files: files, naming: .identifiers, cost: options.cost, context)
    else { return ExitStatus.failed }
    let model = run.model
    do {
      try model.checkHeads(ESM.Wanted(logits: true))
      try OutputPath.check(path, inputs: run.input.paths)
      let windows = options.language.usesWindows
      let way = options.language.input.gaps
      let gaps = way == .drop ? "" : ", \"gaps\": \(jsonString(way.rawValue))"
      let settings =
        "{\"model\": \(jsonString(model.modelName)), \"model_sha256\": \(jsonString(model.modelDigest)), \"method\": \(jsonString(options.method.rawValue)), \"columns\": "
        + "\(jsonString(String(residues))), \"precision\": \(jsonString(model.precision.rawValue)), \"long\": "
        + jsonString(windows ? "windows" : "error") + gaps + "}"
      let store = try HDF5Store(path, settings: settings, startsAnew: options.overwrites, context.temporaryFiles)
      return run.fill(store, at: path, doing: "scored") { run, order in
        run.forEach(skips: { (record) throws(OutputError) in
          order.append(record.hash)
          return try store.contains(record)
        }) { record, tokens in
          let marginals: ESM.Marginals = options.method == .wildTypeMarginals ? .wildType : .masked
          let rows = try model.logProbabilities(of: tokens, marginals, windows: windows) {
            context.diagnostics.progress($0, record.name)
          }
          let scores = scores(Array(tokens.dropFirst().prefix(rows.rows)), rows, model.tokenizer)
          let array = ResultArray("scores", [scores.rows, scores.columns], scores.values)
          try store.append(
            ResultRecord(name: record.name, header: record.header, sequence: record.sequence, arrays: [array]))
          return true
        }
      }
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }
}
