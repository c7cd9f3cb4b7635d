// A line of summary.tsv.

import Platform

/// One line of the summary; nil is written as `NA`.
package struct SummaryRow: Sendable {
  /// What became of the protein.
  package enum Outcome: Sendable {
    case folded(Scores, InterfaceSummary)
    case failed(String)
  }

  /// What a fold has come to; `meanPLDDT` is 0 to 100, samples count from 1.
  package struct Scores: Sendable {
    let meanPLDDT: Double, ptm: Double, seconds: Double
    let passes: Int, samples: Int, bestSample: Int

    package init(meanPLDDT: Double, ptm: Double, seconds: Double, passes: Int, samples: Int, bestSample: Int) {
      (self.meanPLDDT, self.ptm, self.seconds) = (meanPLDDT, ptm, seconds)
      (self.passes, self.samples, self.bestSample) = (passes, samples, bestSample)
    }
  }

  /// What was to be folded.
  package struct Protein: Sendable {
    package let name: String
    /// The whole header of the record; nil where it is not known.
    package let header: String?
    /// Residues and chains; nil where they are not known.
    package let length: Int?, chains: Int?

    package init(name: String, header: String?, length: Int?, chains: Int?) {
      (self.name, self.header, self.length, self.chains) = (name, header, length, chains)
    }
  }

  package let protein: Protein
  package let recycles: Int?
  package let precision: String
  package let model: String
  package let outcome: Outcome
  package let origin: Origin

  /// When and on what a row was made.
  package struct Origin: Sendable {
    /// ISO 8601.
    let finished: String
    /// Processor, threads and kernels, "AMD EPYC 9B14, 2 threads, v3".
    let machine: String

    package init(finished: String = utcTime(), machine: String) {
      (self.finished, self.machine) = (finished, machine)
    }
  }

  package init(
    _ protein: Protein, recycles: Int?, precision: String, model: String, _ origin: Origin, _ outcome: Outcome
  ) {
    self.protein = protein
    self.recycles = recycles
    self.precision = precision
    self.model = model
    self.origin = origin
    self.outcome = outcome
  }

  /// The names of the columns. New ones come last: a table of an earlier version has the first ones.
  package static let columns =
    ["name", "length", "mean_plddt", "ptm", "seconds", "recycles", "precision", "model", "status", "message", "header"]
    + InterfaceSummary.columns + ["passes", "samples", "best_sample", "finished", "machine"]

  /// How many of them the first version had.
  static let oldestColumnCount = 10

  /// The first line of the table.
  package static var head: String { TableText.line(columns) }

  /// The row with its line end.
  package var line: String {
    let none = "NA"
    let measured: [String], status: String, message: String, interfaces: InterfaceSummary, made: [String]
    switch outcome {
    case .folded(let scores, let complex):
      measured = [fixed(scores.meanPLDDT, 2), fixed(scores.ptm, 4), fixed(scores.seconds, 3)]
      made = [scores.passes, scores.samples, scores.bestSample].map { "\($0)" }
      (status, message, interfaces) = ("ok", "", complex)
    case .failed(let reason):
      measured = [none, none, none]
      made = [none, none, none]
      (status, message, interfaces) = ("failed", reason, InterfaceSummary(chains: protein.chains))
    }
    // In steps: as one sum, Swift 6.2 takes too long to find the types.
    var fields = [protein.name, protein.length.map { "\($0)" } ?? none]
    fields += measured
    fields += [recycles.map { "\($0)" } ?? none, precision, model, status, message, protein.header ?? none]
    fields += interfaces.fields.map { $0 ?? none }
    fields += made
    fields += [origin.finished, origin.machine]
    return TableText.line(fields)
  }
}
