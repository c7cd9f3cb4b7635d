// The confidence of a complex in tables and messages.

import ESMFoldKit
import Platform

/// What the line of a protein says of its chains.
package struct InterfaceSummary: Sendable {
  /// The names of the columns.
  static let columns = ["chains", "iptm", "pair_iptm", "pair_pae", "pdockq", "ipsae"]

  /// The values of the columns; nil for those of single chains.
  let fields: [String?]
  /// `ipTM 0.812, pDockQ 0.51, ipSAE 0.43` for the message; nil for a single chain.
  let words: String?

  /// Nothing is known but the number of chains, if that is.
  package init(chains: Int?) {
    self.init(
      fields: [chains.map { "\($0)" }] + [String?](repeating: nil, count: Self.columns.count - 1), words: nil)
  }

  private init(fields: [String?], words: String?) { (self.fields, self.words) = (fields, words) }

  init(_ result: FoldResult) {
    guard let complex = result.complex else {
      self.init(chains: result.chains.count)
      return
    }
    /// `A-B=0.8120;A-C=0.1040`: each pair of chains.
    func pairs(_ decimals: Int, _ value: (ComplexConfidence.Pair) -> Float) -> String {
      complex.pairs.map { pair in
        "\(result.chains[pair.first].id)-\(result.chains[pair.second].id)=\(fixed(Double(value(pair)), decimals))"
      }.joined(separator: ";")
    }
    let fields = [
      "\(result.chains.count)", fixed(Double(complex.iptm), 4), pairs(4, \.iptm), pairs(2, \.meanError),
      pairs(4, \.pDockQ), pairs(4, \.ipSAE),
    ]
    func best(_ value: (ComplexConfidence.Pair) -> Float) -> String {
      let pair = complex.pairs.max { value($0) < value($1) }
      let text = fixed(Double(pair.map(value) ?? 0), 3)
      guard let pair, complex.pairs.count > 1 else { return text }
      return "\(text) (\(result.chains[pair.first].id)-\(result.chains[pair.second].id))"
    }
    let most = complex.pairs.count > 1 ? "best " : ""
    self.init(
      fields: fields,
      words: "ipTM \(fixed(Double(complex.iptm), 3)), \(most)pDockQ \(best(\.pDockQ)), \(most)ipSAE \(best(\.ipSAE))")
  }
}
