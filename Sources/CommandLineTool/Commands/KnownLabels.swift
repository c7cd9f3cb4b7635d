// `esmfold classify --labels`: what is known of the records, beside what the model says of them.

import ESMFoldKit
import Platform
import Protein

/// The labels of a file, the records that have them, and how well the model agrees.
struct KnownLabels {
  /// What a file says of a name; no target where it says that it is not known.
  private struct Entry {
    let line: Int
    var target: Classification.Target?
  }

  /// How many names there are, and the first of them.
  private struct Names {
    private(set) var count = 0
    private(set) var first: [String] = []

    mutating func add(_ name: String) {
      count += 1
      if first.count < 3 { first.append(name) }
    }
  }

  /// What the outputs mean: what the model says, else what the labels are.
  let problem: Classification.Problem
  private let path: String
  private let labels: [String]
  private var entries: [String: Entry] = [:]
  private var order: [String] = []
  private var used: Set<String> = []
  /// The first record of the input, and records without a label.
  private var firstRecord: String?
  private var unlabelled = Names()
  private var evaluation: Evaluation

  /// How many mistakes of a file are listed.
  private static let listed = 10

  /// Reads a file of labels for a model.
  ///
  /// - Returns: nil when the file cannot be used, which has been reported.
  init?(_ path: String, _ model: ESM.Summary, _ diagnostics: Diagnostics) {
    self.path = InputFile.displayName(path)
    labels = model.labels
    do {
      var bytes: [UInt8] = []
      try InputFile.read(path) { bytes += $0 }
      let file = try LabelFile(bytes, path: self.path, labels: model.labels)
      let reader = LabelReader(labels: model.labels, isPerToken: model.hasTokenClassifier)
      problem =
        reader.isPerToken
        ? .singleLabel
        : Classification.Problem(
          stated: model.problem, labels: model.labels.count, hasIntegerTargets: !Self.hasSeveral(file, reader))
      evaluation = Evaluation(problem, labels: model.labels)
      let mistakes = take(file, reader)
      for mistake in mistakes.prefix(Self.listed) { diagnostics.error(mistake.description) }
      if mistakes.count > Self.listed {
        diagnostics.error("\(self.path): labels: found \(mistakes.count - Self.listed) more mistakes, expected none")
      }
      guard mistakes.isEmpty else { return nil }
      if model.problem == nil, !reader.isPerToken {
        diagnostics.note(
          "\(self.path): labels: the model's config.json has no problem_type; by these labels it is "
            + problem.rawValue)
      }
    } catch {
      diagnostics.error(error)
      return nil
    }
  }

  /// Whether a file gives several labels to one record, or a number for each label.
  private static func hasSeveral(_ file: LabelFile, _ reader: LabelReader) -> Bool {
    if file.isWide { return true }
    var first: [String: String] = [:]
    return file.lines.contains { line in
      let text = line.texts.first ?? ""
      defer { first[line.name] = first[line.name] ?? text }
      return reader.hasSeveral(text) || (first[line.name] ?? text) != text
    }
  }

  /// Takes the lines of a file.
  ///
  /// - Returns: the mistakes in them.
  private mutating func take(_ file: LabelFile, _ reader: LabelReader) -> [LabelFileError] {
    var mistakes: [LabelFileError] = []
    for line in file.lines {
      do throws(LabelReader.Mistake) {
        let target = try reader.target(line.texts, problem)
        guard let earlier = entries[line.name] else {
          entries[line.name] = Entry(line: line.number, target: target)
          order.append(line.name)
          continue
        }
        if problem == .multiLabel, !file.isWide, case .values(let one) = earlier.target, case .values(let two) = target
        {
          entries[line.name]?.target = .values(zip(one, two).map(max))
        } else if earlier.target != target {
          mistakes.append(.second(path: path, line: line.number, name: line.name, first: earlier.line))
        }
      } catch {
        let isFirst = line.number == file.lines.first?.number && !error.expected.contains("\nhint: ")
        let hint = isFirst ? "\nhint: a line of column names begins with name" : ""
        mistakes.append(
          .label(
            path: path, line: line.number, name: line.name, found: error.found, expected: error.expected + hint))
      }
    }
    return mistakes
  }

  // === Records ===

  /// The name under which a file has the label of a record: that of its results, the first word of its header, or the
  /// whole header.
  private func name(of record: LanguageRecord) -> String? {
    let word = record.header.split(whereSeparator: \.isWhitespace).first.map(String.init)
    return [record.name, word, record.header.trimmedOfBlanks].compactMap(\.self).first { entries[$0] != nil }
  }

  /// Notes that a record is there, whether or not it can be read.
  mutating func meet(_ record: LanguageRecord) {
    firstRecord = firstRecord ?? record.name
    if let name = name(of: record) { used.insert(name) }
  }

  /// Compares the outputs for a record with its label.
  ///
  /// - Returns: what they should have been, with a label for each token; nil where that is not known.
  /// - Throws: `LabelFileError.count` unless there is a label for each residue.
  mutating func compare(
    _ record: LanguageRecord, _ reading: ESM.Reading, _ outputs: Classification
  ) throws -> Classification.Target? {
    guard let name = name(of: record), let entry = entries[name], var target = entry.target else {
      unlabelled.add(record.name)
      return nil
    }
    if case .tokens(let residues) = target {
      target = .tokens(try tokens(residues, reading, name: name, line: entry.line))
    }
    try evaluation.add(outputs, target)
    return target
  }

  /// Labels of residues, or of all tokens if those around the residues have none, as labels of all tokens.
  private func tokens(
    _ found: [Int], _ reading: ESM.Reading, name: String, line: Int
  ) throws(LabelFileError) -> [Int] {
    let rows = reading.residueRows, none = Loss.ignoredIndex
    if found.count == reading.tokens.count, !found.isEmpty,
      found.indices.allSatisfy({ rows.contains($0) || found[$0] == none })
    {
      return found
    }
    guard found.count == rows.count else {
      throw .count(path: path, line: line, name: name, found: found.count, expected: rows.count)
    }
    return [Int](repeating: none, count: rows.lowerBound) + found
      + [Int](repeating: none, count: reading.tokens.count - rows.upperBound)
  }

  // === Report ===

  /// Says which records and labels do not belong together, and prints loss and measures.
  ///
  /// - Returns: whether any record has a label.
  func report(asJSON isJSON: Bool, _ diagnostics: Diagnostics) -> Bool {
    guard let record = firstRecord else { return true }
    guard !used.isEmpty else {
      diagnostics.error(LabelFileError.noRecord(path: path, name: order.first ?? "", record: record).description)
      return false
    }
    warn("records without a label", unlabelled, "which are not in the measures", diagnostics)
    var unused = Names()
    for name in order where !used.contains(name) { unused.add(name) }
    warn("labels without a record", unused, "which were not read", diagnostics)
    var reasons: [(reason: String, names: [String])] = []
    for measure in evaluation.measures {
      guard let reason = measure.reason else { continue }
      if reasons.last?.reason == reason {
        reasons[reasons.count - 1].names.append(measure.name)
      } else {
        reasons.append((reason, [measure.name]))
      }
    }
    for (reason, names) in reasons { diagnostics.warning("\(path): \(names.joined(separator: ", ")): \(reason)") }
    diagnostics.result(isJSON ? json : table)
    return true
  }

  private func warn(_ what: String, _ names: Names, _ consequence: String, _ diagnostics: Diagnostics) {
    guard names.count > 0 else { return }
    let shown = names.first.map(quoted).joined(separator: ", ") + (names.count > names.first.count ? ", …" : "")
    diagnostics.warning("\(path): \(what): found \(names.count), expected none: \(shown), \(consequence)")
  }

  /// Loss and measures with their names.
  private var rows: [(name: String, value: Double?)] {
    [("loss", evaluation.loss)] + evaluation.measures.map { ($0.name, $0.value) }
  }

  private var table: String {
    let lines =
      [["measure", "value"], ["count", "\(evaluation.count)"]] + rows.map { [$0.name, $0.value.map(Self.digits)] }
    return lines.map { TableText.line($0) }.joined()
  }

  private var json: String {
    let fields = rows.map { "\(jsonString($0.name)): \($0.value.map { "\($0)" } ?? "null")" }
    return "{\"problem\": \(jsonString(problem.rawValue)), \"count\": \(evaluation.count), "
      + fields.joined(separator: ", ") + "}\n"
  }

  /// The digits that a float32 has.
  private static func digits(_ value: Double) -> String {
    let short = Float(value)
    return short.isFinite && (short != 0 || value == 0) ? "\(short)" : "\(value)"
  }
}
