// pLDDT along the sequence as a row of coloured blocks, for the end of a line on a terminal.

package import Protein

/// The confidence of a fold in a few blocks.
package struct ConfidenceStrip: Sendable {
  /// By residue, 0-100; nil where there is no prediction.
  private let plddt: [Double?]

  /// Blocks, at most; with fewer than the least a strip says nothing, unless there are no more residues.
  private static let longest = 32, shortest = 8

  package init(_ plddt: [Double?]) { self.plddt = plddt }

  /// The class of the mean of each block's residues; nil for residues without prediction.
  package func blocks(_ count: Int) -> [ConfidenceClass?] {
    ConfidenceClass.blocks(of: plddt, count)
  }

  /// The strip with two spaces before it; empty where the line has no room for it.
  ///
  /// - Parameters:
  ///   - text: What is in the line already.
  ///   - columns: The terminal's.
  ///   - hasTrueColour: Whether the terminal has all colours, not 256.
  /// - Returns: The strip with its escape sequences.
  func shown(after text: String, columns: Int, _ hasTrueColour: Bool) -> String {
    // In the last column the cursor may go to the next line.
    let room = columns - 1 - Self.width(text) - 2
    let count = min(Self.longest, plddt.count, room)
    guard count >= min(Self.shortest, plddt.count), count > 0 else { return "" }
    var strip = "  ", last: ConfidenceClass??
    for level in blocks(count) {
      if last != .some(level) {
        strip += Self.colour(level?.rgb ?? ConfidenceClass.absentRGB, hasTrueColour)
        last = level
      }
      // Half as high as a line, so that strips of neighbouring lines stay apart.
      strip += "\u{2584}"
    }
    return strip + "\u{1B}[0m"
  }

  /// The columns of a text, at most: letters that may be wide count twice.
  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 ? 2 : 1) }
  }

  private static func colour(_ rgb: UInt32, _ hasTrueColour: Bool) -> String {
    let code = hasTrueColour ? "2;" + channels(rgb).map { "\($0)" }.joined(separator: ";") : "5;\(nearestOf256(rgb))"
    return "\u{1B}[38;\(code)m"
  }

  /// The nearest colour of xterm's cube (16-231) and its greys (232-255).
  package static func nearestOf256(_ rgb: UInt32) -> Int {
    let wanted = channels(rgb)
    let best = colours256.indices.min { distance(colours256[$0], wanted) < distance(colours256[$1], wanted) }
    return 16 + (best ?? 0)
  }

  /// Those from 16 on.
  private static let colours256: [[Int]] = {
    let levels = [0, 95, 135, 175, 215, 255]
    let cube = levels.flatMap { red in levels.flatMap { green in levels.map { [red, green, $0] } } }
    return cube + (0..<24).map { [Int](repeating: 8 + 10 * $0, count: 3) }
  }()

  private static func channels(_ rgb: UInt32) -> [Int] { [rgb >> 16, rgb >> 8, rgb].map { Int($0 & 0xFF) } }

  private static func distance(_ one: [Int], _ other: [Int]) -> Int {
    zip(one, other).reduce(0) { sum, pair in sum + (pair.0 - pair.1) * (pair.0 - pair.1) }
  }
}
