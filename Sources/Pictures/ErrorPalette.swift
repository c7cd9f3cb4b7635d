// The colours of a picture of predicted aligned errors: AlphaFold's greens, greys for text and lines.

/// 256 colours.
enum ErrorPalette {
  /// Greens, from no error to the largest: steps of 0.15 Å, with 31.75 Å as the largest, about what the JSON file resolves.
  static let greens = 216
  /// From white to black.
  static let greys = 39
  /// Without a number (Mol*).
  static let absent = UInt8(greens + greys)

  private static let none: UInt32 = 0x00441B, all: UInt32 = 0xF7FCF5, absentRGB: UInt32 = 0xE2E2E2

  /// 0xRRGGBB.
  static let colours: [UInt32] = ramp(none, all, greens) + ramp(0xFFFFFF, 0x000000, greys) + [absentRGB]

  /// The colour of an error, Å.
  static func colour(of error: Float, largest: Float) -> UInt8 {
    guard error.isFinite, largest > 0 else { return absent }
    return green(Double(error) / Double(largest))
  }

  /// The colour of a share of the largest error.
  static func green(_ share: Double) -> UInt8 { UInt8((min(max(share, 0), 1) * Double(greens - 1)).rounded()) }

  /// From white (0) to black (1).
  static func grey(_ darkness: Double) -> UInt8 {
    UInt8(greens) + UInt8((min(max(darkness, 0), 1) * Double(greys - 1)).rounded())
  }

  /// Colours from one to another, each channel in even steps.
  private static func ramp(_ from: UInt32, _ to: UInt32, _ count: Int) -> [UInt32] {
    (0..<count).map { step in
      let share = Double(step) / Double(count - 1)
      var colour: UInt32 = 0
      for shift: UInt32 in [16, 8, 0] {
        let start = Double((from >> shift) & 0xFF), end = Double((to >> shift) & 0xFF)
        colour = colour << 8 | UInt32((start + (end - start) * share).rounded())
      }
      return colour
    }
  }
}
