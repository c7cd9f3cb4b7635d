// `esmfold score` without variants: the likelihood of each sequence.

import ESMFoldKit
import Platform

/// Scores of whole sequences, of their residues, or of all their substitutions, as a table.
struct SequenceScoring {
  let table: TableRun
  let options: ScoreOptions

  private var model: ESM { table.run.model }

  var marginals: ESM.Marginals { options.method == .wildTypeMarginals ? .wildType : .masked }

  /// Scores every record of the input.
  func run() throws -> Int32 {
    try table.table.write(header)
    var counts: LanguageRun.Counts
    if marginals == .wildType {
      counts = table.run.readEach(
        ESM.Wanted(logits: true), skips: { _ in table.table.isClosed ? nil : false }
      ) { record, reading in
        if let rows = model.logProbabilities(of: reading) {
          try table.table.write(text(record, reading.tokens, rows))
        }
      }
    } else {
      counts = table.run.forEach { record, tokens in
        guard !table.table.isClosed else { return false }
        let rows = try model.logProbabilities(of: tokens, .masked, windows: options.language.usesWindows) {
          table.run.context.diagnostics.progress($0, record.name)
        }
        try table.table.write(text(record, tokens, rows))
        return true
      }
    }
    if table.table.isClosed { counts.failed = 0 }
    if !counts.isCut { try table.table.finish() }
    return table.run.finish(counts, doing: "scored")
  }

  private var header: String {
    if options.isAll {
      return table.line(["name", "position", "residue"] + SubstitutionScan.residues.map(String.init))
    }
    return table.line(
      options.isPerResidue
        ? ["name", "position", "residue", "log_likelihood"]
        : ["name", "length", "method", "log_likelihood", "perplexity"])
  }

  /// The lines of a record; `rows` are the log-probabilities of its residues, `tokens` have `<cls>` and `<eos>` around them.
  private func text(_ record: LanguageRecord, _ tokens: [Int], _ rows: Matrix) -> String {
    let residues = Array(tokens.dropFirst().prefix(rows.rows))
    let values = residues.enumerated().map { Double(rows[$0, $1]) }
    if options.isAll {
      let scores = SubstitutionScan.scores(residues, rows, model.tokenizer)
      return residues.indices.map { row in
        table.line(
          [record.name, "\(row + 1)", model.tokenizer.token(of: residues[row])]
            + scores.row(row).map { $0.isNaN ? nil : fixed(Double($0), 5) })
      }.joined()
    }
    if options.isPerResidue {
      return residues.indices.map { row in
        table.line([record.name, "\(row + 1)", model.tokenizer.token(of: residues[row]), fixed(values[row], 5)])
      }.joined()
    }
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    return table.line([
      record.name, "\(residues.count)", options.method.rawValue, fixed(mean, 5), fixed(ESM.perplexity(mean), 4),
    ])
  }
}
