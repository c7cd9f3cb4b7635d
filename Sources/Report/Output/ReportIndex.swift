// What the index of a report says: the runs, and a line for each protein.

import ESMFoldKit
import Platform
package import Protein

/// The index on its way, filled protein by protein.
package struct ReportIndex {
  /// What several proteins have in common.
  struct Run: Hashable {
    var program: String?, model: String?, digest: String?, recycles: Int?, precision: String?
    var details: [String] = []
    var machine: String?
  }

  /// A line.
  private struct Line {
    let entry: SummaryEntry
    let length: Int?, chains: Int?, meanPLDDT: Double?
    let status: String, message: String
    let run: Int?
    let strip: String?
    let hasData: Bool
  }

  private var runs: [(run: Run, first: String?, last: String?, count: Int)] = []
  private var lines: [Line] = []
  /// Whether a structure is that of the demo model.
  private(set) var hasDemo = false

  /// How many proteins of each kind there are.
  var folded: Int { lines.count { $0.status == "ok" } }
  var unreadable: Int { lines.count { $0.status == "unreadable" } }
  var failed: Int { lines.count { $0.status == "failed" } }

  /// Adds a protein that was folded.
  ///
  /// - Parameters:
  ///   - entry: What the summary says of it.
  ///   - results: Its files.
  ///   - finished: When; the time of its file where the summary does not say.
  mutating func add(_ entry: SummaryEntry, _ results: ProteinResults, finished: String?) {
    let made = results.provenance
    let run = Run(
      program: made?.program, model: made?.model ?? entry.model, digest: made?.modelDigest, recycles: made?.recycles,
      precision: made?.precision, details: made?.details ?? [], machine: entry.machine)
    if run.model == Self.demoModel { hasDemo = true }
    let values = results.residues.compactMap { $0.plddt.map(Double.init) }
    let mean = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    lines.append(
      Line(
        entry: entry, length: results.residues.count, chains: Set(results.residues.map(\.chain)).count,
        meanPLDDT: entry.meanPLDDT ?? mean, status: "ok", message: results.remarks.joined(separator: "; "),
        run: place(of: run, finished), strip: Self.strip(results.residues), hasData: true))
  }

  private static let demoModel = "demo"

  /// Adds a protein that was not folded, or whose results cannot be read.
  mutating func add(_ entry: SummaryEntry, unreadable message: String? = nil) {
    lines.append(
      Line(
        entry: entry, length: entry.length, chains: entry.chains, meanPLDDT: entry.meanPLDDT,
        status: message == nil ? "failed" : "unreadable", message: message ?? entry.message, run: nil, strip: nil,
        hasData: false))
  }

  private mutating func place(of run: Run, _ finished: String?) -> Int {
    let place = runs.firstIndex { $0.run == run } ?? runs.count
    if place == runs.count { runs.append((run, finished, finished, 0)) }
    runs[place].count += 1
    guard let finished else { return place }
    // Times of ISO 8601 in UTC sort as texts do.
    runs[place].first = min(runs[place].first ?? finished, finished)
    runs[place].last = max(runs[place].last ?? finished, finished)
    return place
  }

  /// Most classes of a strip.
  static let stripCount = 48

  /// The classes of pLDDT along the sequence, 0 very low to 3 very high: of each residue, or where there are more than
  /// `stripCount` of the mean of consecutive ones; `-` where there is no value.
  package static func strip(_ residues: [ListedResidue]) -> String {
    let plddt = residues.map { $0.plddt.map(Double.init) }
    return ConfidenceClass.blocks(of: plddt, min(residues.count, stripCount)).map { $0.map { "\($0.rawValue)" } ?? "-" }
      .joined()
  }

  // MARK: JSON

  /// The index as a JSON object; `Page/README.md` has its form.
  func json(_ head: ReportHead, files: String?) -> [UInt8] {
    var text = ReportText()
    text.append("{\"title\":")
    text.append(string: head.title)
    text.append(",\"made\":\"\(head.made)\",\"program\":")
    text.append(string: head.program)
    text.append(",\"stamp\":\"\(head.stamp)\",\"demo\":\(hasDemo),\"files\":")
    text.append(string: files)
    text.append(key: "runs")
    text.append(list: runs) { text, item in
      Self.append(item.run, to: &text)
      for (key, value) in [("first", item.first), ("last", item.last)] {
        text.append(key: key)
        text.append(string: value)
      }
      text.append(",\"count\":\(item.count)}")
    }
    text.append(key: "records")
    text.append(list: lines) { Self.append($1, to: &$0) }
    text.append("}")
    return text.bytes
  }

  private static func append(_ run: Run, to text: inout ReportText) {
    text.append("{\"program\":")
    text.append(string: run.program)
    for (key, value) in [
      ("model", run.model), ("digest", run.digest), ("precision", run.precision), ("machine", run.machine),
    ] {
      text.append(key: key)
      text.append(string: value)
    }
    text.append(key: "recycles")
    text.append(number: run.recycles)
    text.append(key: "details")
    text.append(list: run.details) { $0.append(string: $1) }
  }

  private static func append(_ line: Line, to text: inout ReportText) {
    text.append("{\"name\":")
    text.append(string: line.entry.name)
    text.append(key: "header")
    text.append(string: line.entry.header)
    text.append(key: "length")
    text.append(number: line.length)
    text.append(key: "chains")
    text.append(number: line.chains)
    for (key, value, decimals) in [
      ("plddt", line.meanPLDDT, 2), ("ptm", line.entry.ptm, 4), ("iptm", line.entry.iptm, 4),
      ("seconds", line.entry.seconds, 3),
    ] {
      text.append(key: key)
      text.append(number: value, decimals)
    }
    text.append(",\"status\":\"\(line.status)\",\"message\":")
    text.append(string: line.message)
    text.append(key: "run")
    text.append(number: line.run)
    text.append(key: "strip")
    text.append(string: line.strip)
    text.append(",\"data\":\(line.hasData)}")
  }
}
