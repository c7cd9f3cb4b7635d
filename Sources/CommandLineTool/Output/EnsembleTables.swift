// NAME.samples.tsv and NAME.rmsf.tsv: the samples of a protein with their ranks, and how much each residue moves.

import ESMFoldKit
import Platform

/// The tables of several structures of one protein.
enum EnsembleTables {
  static let samplesEnding = ".samples.tsv", fluctuationsEnding = ".rmsf.tsv"

  private static let columns = [
    "rank", "sample", "name", "mean_plddt", "ptm", "iptm", "ranking", "rmsd", "request_sha256",
  ]

  /// A line for each sample, the best first; `names` are those of their files.
  static func samples(_ ensemble: FoldEnsemble, names: [String]) -> String {
    let deviations = ensemble.deviations
    let lines = zip(1..., ensemble.ranked).map { rank, place in
      let sample = ensemble.samples[place]
      return TableText.line([
        "\(rank)", "\(place + 1)", names[place], fixed(Double(sample.meanPLDDT), 2), fixed(Double(sample.ptm), 4),
        sample.iptm.map { fixed(Double($0), 4) }, fixed(Double(sample.ranking), 4), fixed(deviations[place], 3),
        sample.identity.digest,
      ])
    }
    return TableText.line(columns) + lines.joined()
  }

  /// The digests of the samples of a table; nil when it is another one.
  static func digests(in bytes: [UInt8]) -> Set<String>? {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, first + "\n" == TableText.line(columns), lines.last?.isEmpty == true else {
      return nil
    }
    var digests: Set<String> = []
    for line in lines.dropFirst().dropLast() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == columns.count, let digest = fields.last else { return nil }
      digests.insert(String(digest))
    }
    return digests
  }

  /// A line for each residue: number, letter, root mean square fluctuation of its carbon α, and of complexes the chain.
  static func fluctuations(_ ensemble: FoldEnsemble, _ result: FoldResult) -> String {
    let hasChains = result.chains.count > 1, letters = Array(result.sequence), values = ensemble.fluctuations
    let lines = result.chains.flatMap { chain in
      zip(chain.residues, chain.numbers).map { place, number in
        let fields = ["\(number)", String(letters[place]), values[place].map { fixed($0, 3) }]
        return TableText.line(hasChains ? fields + [chain.id] : fields)
      }
    }
    return head(hasChains) + lines.joined()
  }

  private static func head(_ hasChains: Bool) -> String {
    TableText.line(["residue", "letter", "rmsf"] + (hasChains ? ["chain"] : []))
  }

  /// Whether this is a table of fluctuations.
  static func isFluctuations(_ bytes: [UInt8]) -> Bool {
    [false, true].contains { bytes.starts(with: head($0).utf8) }
  }
}
