// Folds for pictures.

import Pictures
import Protein

enum Sample {
  static let digest = String(repeating: "0a", count: 32)

  static func subject(_ lengths: [Int], name: String = "name", header: String = "name") -> PictureSubject {
    var chains: [PictureSubject.Chain] = [], start = 0
    for (index, length) in lengths.enumerated() {
      chains.append(
        PictureSubject.Chain(
          id: ChainName.of(index), residues: start..<start + length, numbers: Array(1..<length + 1)))
      start += length
    }
    return PictureSubject(name: name, header: header, chains: chains, digest: digest, program: "esmfold 1.2.3")
  }

  static func svg(_ subject: PictureSubject, _ plddt: [Double?], mean: Double = 50) -> [UInt8] {
    ConfidencePlot(subject, plddt: plddt, mean: mean).svg()
  }

  static func png(_ subject: PictureSubject, _ values: [Float]) throws -> [UInt8] {
    final class Written { var bytes: [UInt8] = [] }
    let written = Written()
    let count = subject.chains.reduce(0) { $0 + $1.residues.count }
    try ErrorPlot(subject, AlignedErrors(values, count: count), largest: 31.75).write { written.bytes += $0 }
    return written.bytes
  }
}
