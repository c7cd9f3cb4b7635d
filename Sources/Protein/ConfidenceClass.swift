// The classes of pLDDT that the AlphaFold database and Mol* show, with their colours; here and nowhere else.

/// How much a predicted position can be trusted: the class of a pLDDT.
package enum ConfidenceClass: Int, CaseIterable, Sendable {
  case veryLow, low, confident, veryHigh

  /// The class of a pLDDT, 0-100; a boundary belongs to the class below it, as in Mol*. nil where there is no number.
  package init?(_ plddt: Double) {
    guard !plddt.isNaN else { return nil }
    self = Self.allCases.last { plddt > $0.lowerBound } ?? .veryLow
  }

  /// The classes along a sequence that is cut into `count` blocks of consecutive residues: each block's is that of the
  /// mean of its residues.
  ///
  /// - Parameters:
  ///   - plddt: Of each residue, 0-100; nil for residues without prediction.
  ///   - count: No more than there are residues.
  /// - Returns: nil for blocks without a prediction.
  package static func blocks(of plddt: [Double?], _ count: Int) -> [ConfidenceClass?] {
    (0..<count).map { block in
      let values = plddt[block * plddt.count / count..<(block + 1) * plddt.count / count].compactMap(\.self)
      return values.isEmpty ? nil : ConfidenceClass(values.reduce(0, +) / Double(values.count))
    }
  }

  /// The pLDDT above which the class begins.
  package var lowerBound: Double {
    switch self {
    case .veryLow: 0
    case .low: 50
    case .confident: 70
    case .veryHigh: 90
    }
  }

  /// The largest pLDDT of the class.
  package var upperBound: Double {
    Self(rawValue: rawValue + 1)?.lowerBound ?? 100
  }

  /// As the AlphaFold database and Mol* call it.
  package var name: String {
    switch self {
    case .veryLow: "Very low"
    case .low: "Low"
    case .confident: "Confident"
    case .veryHigh: "Very high"
    }
  }

  /// The colour, 0xRRGGBB.
  package var rgb: UInt32 {
    switch self {
    case .veryLow: 0xFF7D45
    case .low: 0xFFDB13
    case .confident: 0x65CBF3
    case .veryHigh: 0x0053D6
    }
  }

  /// The colour as CSS and SVG write it, "#0053D6".
  package var hex: String { Self.hex(rgb) }

  /// The colour of a residue without a prediction.
  package static let absentHex = hex(absentRGB)
  /// As a number, 0xRRGGBB.
  package static let absentRGB: UInt32 = 0xAAAAAA

  private static func hex(_ rgb: UInt32) -> String {
    let digits = String(rgb, radix: 16, uppercase: true)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }
}
