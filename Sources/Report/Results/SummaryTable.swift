// Lines of summary.tsv, read back.

import Platform
import Protein

/// What the summary of a run says of a protein.
package struct SummaryEntry {
  package let name: String
  /// nil where the summary says NA.
  package var header: String?
  package var length: Int?
  package var chains: Int?
  /// 0-100.
  package var meanPLDDT: Double?
  package var ptm: Double?
  package var iptm: Double?
  package var seconds: Double?
  package var model: String?
  /// Whether it was folded.
  package var isFolded = true
  /// Why it was not.
  package var message = ""
  /// When the fold was finished, and on what: "AMD EPYC 9B14, 2 threads, v3".
  package var finished: String?
  package var machine: String?
  /// Scores of the pairs of chains.
  package var pairs: [PairScores] = []

  package init(name: String) { self.name = name }
}

/// The scores of two chains.
package struct PairScores: Equatable {
  package let first: String, second: String
  package var iptm: Double?, error: Double?, pDockQ: Double?, ipSAE: Double?

  package init(
    first: String, second: String, iptm: Double? = nil, error: Double? = nil, pDockQ: Double? = nil,
    ipSAE: Double? = nil
  ) {
    (self.first, self.second) = (first, second)
    (self.iptm, self.error, self.pDockQ, self.ipSAE) = (iptm, error, pDockQ, ipSAE)
  }
}

package enum SummaryTable {
  /// The lines of a table, in its order; of several lines with one name the last.
  ///
  /// - Parameter bytes: A whole file.
  /// - Returns: nil when it is another table.
  package static func read(_ bytes: [UInt8]) -> [SummaryEntry]? {
    // What a crash has cut off has no line end.
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .dropLast()
    guard let head = lines.first.map(fields), head.starts(with: ["name", "length", "mean_plddt", "ptm"]) else {
      return nil
    }
    var entries: [SummaryEntry] = [], places: [String: Int] = [:]
    for line in lines.dropFirst() {
      let values = fields(line)
      guard values.count <= head.count, let name = values.first, !name.isEmpty else { continue }
      let entry = entry(Dictionary(zip(head, values)) { first, _ in first }, named: name)
      if let place = places[name] {
        entries[place] = entry
      } else {
        places[name] = entries.count
        entries.append(entry)
      }
    }
    return entries
  }

  private static func entry(_ row: [String: String], named name: String) -> SummaryEntry {
    func text(_ column: String) -> String? {
      guard let value = row[column], value != "NA", !value.isEmpty else { return nil }
      return value
    }
    func number(_ column: String) -> Double? { text(column).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }
    func count(_ column: String) -> Int? { text(column).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
    var entry = SummaryEntry(name: name)
    (entry.header, entry.model, entry.message) = (text("header"), text("model"), text("message") ?? "")
    (entry.length, entry.chains) = (count("length"), count("chains"))
    (entry.meanPLDDT, entry.ptm, entry.iptm) = (number("mean_plddt"), number("ptm"), number("iptm"))
    entry.seconds = number("seconds")
    entry.isFolded = text("status") == "ok"
    (entry.finished, entry.machine) = (text("finished"), text("machine"))
    entry.pairs = pairs(text)
    return entry
  }

  /// `A-B=0.8120;A-C=0.1040` of each column, together.
  private static func pairs(_ text: (String) -> String?) -> [PairScores] {
    var pairs: [PairScores] = []
    func take(_ column: String, _ score: WritableKeyPath<PairScores, Double?>) {
      for item in (text(column) ?? "").split(separator: ";") {
        let parts = item.split(separator: "="), chains = parts.first?.split(separator: "-") ?? []
        guard parts.count == 2, chains.count == 2, let value = Double(String(parts[1])) else { continue }
        let (first, second) = (String(chains[0]), String(chains[1]))
        let place = pairs.firstIndex { $0.first == first && $0.second == second }
        if place == nil { pairs.append(PairScores(first: first, second: second)) }
        pairs[place ?? pairs.count - 1][keyPath: score] = value.isFinite ? value : nil
      }
    }
    take("pair_iptm", \.iptm)
    take("pair_pae", \.error)
    take("pdockq", \.pDockQ)
    take("ipsae", \.ipSAE)
    return pairs
  }

  /// The fields of a line, with `\t`, `\n`, `\r`, `\\` and `\u001b` as what they stand for.
  private static func fields(_ line: Substring) -> [String] {
    line.split(separator: "\t", omittingEmptySubsequences: false).map { TableField.unescaped($0) }
  }
}
