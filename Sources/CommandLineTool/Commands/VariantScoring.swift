// `esmfold score --variant` and `--variants`: variants of one sequence.

import ESMFoldKit
import Platform

/// Scores of the variants on the command line and in a table.
struct VariantScoring {
  private let scoring: SequenceScoring
  private let context: CommandContext
  /// A variant to score: the fields of its line, and where it comes from.
  private let rows: [(fields: [String], text: String, place: String)]
  private let columns: [String]

  private var options: ScoreOptions { scoring.options }
  private var model: ESM { scoring.table.run.model }

  /// Reads the table.
  init(_ scoring: SequenceScoring, _ context: CommandContext) throws {
    self.scoring = scoring
    self.context = context
    let listed = scoring.options.variants.map { (text: $0, place: "--variant") }
    guard let path = scoring.options.table else {
      columns = ["variant"]
      rows = listed.map { ([$0.text], $0.text, $0.place) }
      return
    }
    var bytes: [UInt8] = []
    try InputFile.read(path) { bytes += $0 }
    let name = InputFile.displayName(path)
    let table = try VariantTable(bytes, path: name, column: scoring.options.column)
    columns = table.columns
    rows =
      listed.map { row in
        (table.columns.indices.map { $0 == table.column ? row.text : "" }, row.text, row.place)
      } + table.rows.map { ($0.fields, $0.fields[table.column], "\(name):\($0.line)") }
  }

  /// Scores all variants of the one sequence of the input.
  func run() throws -> Int32 {
    let run = scoring.table.run
    var isFirst = true
    var failed = 0
    try scoring.table.table.write(scoring.table.line(columns + [nameOfScore]))
    var counts = run.forEach { record, tokens in
      guard isFirst else { throw ScoreError.severalSequences }
      isFirst = false
      failed += try score(record, tokens)
      return true
    }
    // Of variants, not of their sequence.
    if counts.done > 0 { counts.done = rows.count - failed }
    counts.failed += failed
    if !counts.isCut { try scoring.table.table.finish() }
    return run.finish(counts, doing: "scored")
  }

  /// The name of the new column: a table that has a `score` of its own keeps it.
  private var nameOfScore: String {
    let taken = Set(columns.map { $0.lowercased() })
    guard taken.contains("score") else { return "score" }
    let others = ["esm_score"] + (2...columns.count + 2).map { "esm_score_\($0)" }
    let name = others.first { !taken.contains($0) } ?? "esm_score"
    context.diagnostics.note("the table has a column score of its own, which is kept; the new scores are in \(name)")
    return name
  }

  /// Scores the variants of a sequence and writes their lines; a wrong one does not affect the others.
  ///
  /// - Returns: how many could not be scored.
  private func score(_ record: LanguageRecord, _ tokens: [Int]) throws -> Int {
    let letters = model.tokenizer.tokenize(record.sequence).map { $0.count == 1 ? Character($0) : "?" }
    var good: [(row: Int, variant: PlacedVariant)] = []
    var wrongPlaces: [Variant] = [], failures = 0
    for (index, row) in rows.enumerated() {
      var variant: Variant?
      do throws(VariantError) {
        let parsed = try Variant(row.text.trimmedOfBlanks)
        try parsed.check(model.tokenizer)
        variant = parsed
        let placed = try parsed.placed(in: letters, offset: options.offset)
        if let error = error(ofLength: tokens.count, placed) {
          context.diagnostics.error(error, at: "\(row.place): variant \(parsed)")
          failures += 1
        } else {
          good.append((index, placed))
        }
      } catch {
        context.diagnostics.error(error, at: row.place)
        failures += 1
        if let variant { wrongPlaces.append(variant) }
      }
    }
    // If some variants match the sequence, the others are individual mistakes.
    if good.isEmpty, let hint = offsetHint(wrongPlaces, letters) { context.diagnostics.context(hint + "\n") }
    sayWhatIsUnusual(of: good.map(\.variant))
    let scores = try model.score(
      good.map(\.variant), of: tokens, options.method, windows: options.language.usesWindows
    ) { context.diagnostics.progress($0, record.name) }
    let byRow = Dictionary(uniqueKeysWithValues: zip(good.map(\.row), scores))
    for (index, row) in rows.enumerated() {
      try scoring.table.table.write(scoring.table.line(row.fields + [byRow[index].map { fixed($0, 5) }]))
    }
    return failures
  }

  /// Why a variant makes a sequence too long that the model could read without it; nil unless it does.
  private func error(ofLength tokens: Int, _ variant: PlacedVariant) -> ModelError? {
    guard !options.language.usesWindows, let longest = model.description.maximumTokens, tokens <= longest,
      tokens + variant.growth > longest
    else { return nil }
    return .tooManyTokens(count: tokens + variant.growth, longest: longest)
  }

  /// Says once what may not be expected of the scores.
  private func sayWhatIsUnusual(of variants: [PlacedVariant]) {
    let whole = variants.count { !$0.isSubstitution }
    if whole > 0, options.method != .pseudoLikelihood {
      context.diagnostics.note(
        "\(whole) of \(counted(variants.count, "variant")) "
          + (whole == 1
            ? "deletes, inserts, duplicates or replaces residues: its score"
            : "delete, insert, duplicate or replace residues: their score")
          + " is the difference of the pseudo-log-likelihoods of the two sequences, from one pass over each")
    }
    let references = Set(variants.compactMap(\.variant.reference)).sorted()
    if references.count > 1 {
      context.diagnostics.warning(
        "variants: found \(references.count) names of sequences (\(quoted(references[0])), \(quoted(references[1]))"
          + "\(references.count > 2 ? " and others" : "")), expected one\nhint: the names are not compared with the "
          + "sequence of the input, to which all variants are applied")
    }
  }

  /// The offset with which all misplaced variants would fit, if there is one.
  private func offsetHint(_ variants: [Variant], _ letters: [Character]) -> String? {
    guard let first = variants.first?.residues.first else { return nil }
    for (index, letter) in letters.enumerated() where letter == first.letter {
      let (offset, overflow) = first.number.subtractingReportingOverflow(index)
      guard !overflow, ScoreOptions.offsets.contains(offset), offset != options.offset else { continue }
      let all = variants.allSatisfy { (try? $0.placed(in: letters, offset: offset)) != nil }
      if all {
        let count = variants.count
        return
          "hint: with --offset \(offset) \(count == 1 ? "this variant fits" : "all \(count) of them fit") the sequence"
      }
    }
    return
      "hint: --offset N says which number the variants give the sequence's first residue; \(options.offset) was used"
  }
}
