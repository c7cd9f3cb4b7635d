// The data of a protein's page; `Page/README.md` has their form.

import ESMFoldKit
import Platform
import Protein

enum RecordData {
  /// The data of a protein as a JSON object.
  static func json(_ results: ProteinResults, _ entry: SummaryEntry) -> [UInt8] {
    var text = ReportText()
    text.append("{\"chains\":")
    text.append(list: chains(results.residues)) { text, chain in
      text.append("{\"id\":")
      text.append(string: chain.id)
      text.append(",\"sequence\":\"\(chain.sequence)\",\"numbers\":")
      text.append(list: chain.numbers) { $0.append("[\($1.lowerBound),\($1.upperBound)]") }
      text.append("}")
    }
    text.append(key: "plddt")
    text.append(list: results.residues) { $0.append(number: $1.plddt.map(Double.init), 2) }
    text.append(key: "structure")
    text.append(string: results.files.first?.kind)
    text.append(key: "files")
    text.append(list: results.files) { text, file in
      text.append("{\"name\":")
      text.append(string: file.name)
      text.append(",\"kind\":\"\(file.kind)\",\"data\":\"")
      text.append(Packing.packed(file.bytes))
      text.append("\"}")
    }
    text.append(key: "pae")
    append(results.errors, to: &text)
    text.append(key: "pairs")
    text.append(list: entry.pairs, append(pair:_:))
    text.append(key: "facts")
    text.append(list: facts(results, entry)) { text, fact in
      text.append("[")
      text.append(string: fact.0)
      text.append(",")
      text.append(string: fact.1)
      text.append("]")
    }
    text.append("}")
    return text.bytes
  }

  private static func append(_ errors: ReadErrors?, to text: inout ReportText) {
    guard let errors else { return text.append("null") }
    text.append("{\"size\":\(errors.size),\"max\":\(errors.maximum ?? "31.75"),\"digest\":")
    text.append(string: errors.digest)
    text.append(",\"data\":\"")
    text.append(Packing.packed(errors.bytePlanes))
    text.append("\"}")
  }

  private static func append(pair text: inout ReportText, _ pair: PairScores) {
    text.append("{\"first\":")
    text.append(string: pair.first)
    text.append(",\"second\":")
    text.append(string: pair.second)
    for (key, value, decimals) in [
      ("iptm", pair.iptm, 4), ("pae", pair.error, 2), ("pdockq", pair.pDockQ, 4), ("ipsae", pair.ipSAE, 4),
    ] {
      text.append(key: key)
      text.append(number: value, decimals)
    }
    text.append("}")
  }

  /// What the page lists beside the scores.
  private static func facts(_ results: ProteinResults, _ entry: SummaryEntry) -> [(String, String)] {
    var facts: [(String, String?)] = []
    if let made = results.provenance {
      facts += [
        ("Program", made.program), ("Model", made.model), ("Model SHA-256", made.modelDigest),
        ("Recycles", "\(made.recycles)"), ("Precision", made.precision),
      ]
      facts += made.details.map { ("Setting", $0) }
      facts.append(("Request SHA-256", made.digest))
    } else {
      facts.append(("Model", entry.model))
    }
    facts += [
      ("Computed in", entry.seconds.map { "\(fixed($0, 2)) s" }), ("Finished", entry.finished),
      ("Machine", entry.machine),
    ]
    return (facts + results.remarks.map { ("Note", $0) }).compactMap { fact in fact.1.map { (fact.0, $0) } }
  }

  /// A chain and its residues.
  struct Chain {
    let id: String
    var sequence = ""
    /// Runs of numbers without gaps.
    var numbers: [ClosedRange<Int>] = []
  }

  /// The residues by chains; those of a chain are contiguous.
  static func chains(_ residues: [ListedResidue]) -> [Chain] {
    var chains: [Chain] = []
    for residue in residues {
      if chains.last?.id != residue.chain { chains.append(Chain(id: residue.chain)) }
      let place = chains.count - 1
      chains[place].sequence.append(residue.type.oneLetter)
      if let last = chains[place].numbers.last, last.upperBound < Int.max, last.upperBound + 1 == residue.number {
        chains[place].numbers[chains[place].numbers.count - 1] = last.lowerBound...residue.number
      } else {
        chains[place].numbers.append(residue.number...residue.number)
      }
    }
    return chains
  }
}
