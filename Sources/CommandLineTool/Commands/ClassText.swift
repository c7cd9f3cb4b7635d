// The results of `esmfold classify` for a record: lines of a table, or an object of JSON.

import ESMFoldKit
import Platform

/// What a classifier says of one record, and what is known of it.
struct ClassText {
  let record: LanguageRecord
  let reading: ESM.Reading
  let result: Classification
  /// What the outputs should be; nil where labels were not asked for.
  var known: Known?

  /// The label of a record, if there is one.
  struct Known {
    let target: Classification.Target?
  }

  /// The rows to report: one for the sequence, or those of its residues.
  private var rows: Range<Int> { result.isPerToken ? reading.residueRows : 0..<1 }

  func lines(_ table: TableRun) -> String {
    let values = result.probabilities ?? result.logits
    return rows.map { row in
      let residue = [
        "\(row - reading.residueRows.lowerBound + 1)",
        result.isPerToken ? table.run.model.tokenizer.token(of: reading.tokens[row]) : "",
      ]
      let labels = result.labels(ofRow: row)
      let label = result.problem == .regression ? nil : labels.joined(separator: ",")
      return table.line(
        [record.name] + (result.isPerToken ? residue : []) + [label]
          + values.row(row).map { fixed(Double($0), 6) } + (known.map { [text($0.target, row)] } ?? []))
    }.joined()
  }

  var json: String {
    func numbers(_ matrix: Matrix) -> String {
      list(rows.map { row in "[" + matrix.row(row).map(Self.number).joined(separator: ", ") + "]" })
    }
    let labels = rows.map { row -> String in
      let labels = result.labels(ofRow: row).map(jsonString)
      switch result.problem {
      case .regression: return "null"
      case .multiLabel: return "[" + labels.joined(separator: ", ") + "]"
      case .singleLabel: return labels.first ?? "null"
      }
    }
    let expected = known.map { known in ", \"expected\": \(list(rows.map { json(known.target, $0) }))" }
    return "{\"name\": \(jsonString(record.name)), \"logits\": \(numbers(result.logits)), \"probabilities\": "
      + "\(result.probabilities.map(numbers) ?? "null"), \"label\": \(list(labels))\(expected ?? "")}\n"
  }

  // === What is known ===

  private func name(_ index: Int) -> String? { index == Loss.ignoredIndex ? nil : result.labels[index] }

  /// The labels that hold; nil where numbers are not 0 and 1.
  private func names(_ values: [Float]) -> [String]? {
    guard result.problem == .multiLabel, values.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
    return zip(result.labels, values).filter { $0.1 == 1 }.map(\.0)
  }

  private func text(_ target: Classification.Target?, _ row: Int) -> String? {
    switch target {
    case nil: nil
    case .label(let index): name(index)
    case .tokens(let indices): name(indices[row])
    case .values(let values): (names(values) ?? values.map { "\($0)" }).joined(separator: ",")
    }
  }

  private func json(_ target: Classification.Target?, _ row: Int) -> String {
    switch target {
    case nil: "null"
    case .label(let index): name(index).map(jsonString) ?? "null"
    case .tokens(let indices): name(indices[row]).map(jsonString) ?? "null"
    case .values(let values):
      "[" + (names(values)?.map(jsonString) ?? values.map(Self.number)).joined(separator: ", ") + "]"
    }
  }

  /// A list of the residues' values, or the one value of the sequence.
  private func list(_ values: [String]) -> String {
    result.isPerToken ? "[" + values.joined(separator: ", ") + "]" : values.first ?? "null"
  }

  /// The shortest digits that read back as the same float32; JSON has no infinities.
  private static func number(_ value: Float) -> String { value.isFinite ? "\(value)" : "null" }
}
