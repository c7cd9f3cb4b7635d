// Letters as strokes for the text of our pictures, drawn for this program: lines and arcs on a grid.

import Glibc

/// The shapes of letters.
///
/// A glyph's strokes are the middles of lines. x counts from the middle of its leftmost line, y from the baseline upwards: small
/// letters are 10 high, capitals and digits 14, and tails reach down to −4. Text of the size n (the height of a line of type) has
/// n/20 pixels for each unit.
package enum StrokeFont {
  /// A letter.
  struct Glyph {
    /// The distance between the middles of its leftmost and its rightmost line.
    let width: Double
    /// The points of each stroke.
    let strokes: [[(x: Double, y: Double)]]
  }

  static let xHeight = 10.0, capHeight = 14.0
  /// How far marks reach above, and tails below.
  static let top = 19.5, bottom = -4.5
  /// What is between the lines of neighbours.
  static let spacing = 4.0

  /// The glyph of a character; a frame where there is none.
  static func glyph(_ character: Character) -> Glyph { glyphs[character] ?? frame }

  private static let frame = Glyph(8, "0,0 8,0 8,14 0,14 0,0")

  /// The characters that have a glyph.
  package static var characters: Set<Character> { Set(glyphs.keys) }

  private static let glyphs: [Character: Glyph] = letters.merging(capitals) { $1 }.merging(others) { $1 }

  private static let capitals: [Character: Glyph] = [
    "A": Glyph(11, "0,0 5.5,14 11,0 | 1.8,4.6 9.2,4.6"),
    "B": Glyph(8.6, "0,7.4 4.9,7.4 4.9,10.7,3.3,3.3,-90,90 0,14 0,0 4.9,0 4.9,3.7,3.7,3.7,-90,90"),
    "C": Glyph(9.6, "5.6,7,5.6,7,46,314"),
    "D": Glyph(9.6, "0,0 0,14 3.6,14 3.6,7,6,7,90,-90 0,0"),
    "E": Glyph(7.6, "7.6,14 0,14 0,0 7.6,0 | 0,7.2 6.6,7.2"),
    "F": Glyph(7.4, "7.4,14 0,14 0,0 | 0,7.2 6.4,7.2"),
    "G": Glyph(10.8, "5.6,7,5.6,7,46,338 10.8,6.4 6.6,6.4"),
    "H": Glyph(9.6, "0,0 0,14 | 9.6,0 9.6,14 | 0,7.2 9.6,7.2"),
    "I": Glyph(0, "0,0 0,14"),
    "J": Glyph(6, "6,14 6,4 3,4,3,4,0,-170"),
    "K": Glyph(9.2, "0,0 0,14 | 8.8,14 0,5 | 3.2,8.2 9.2,0"),
    "L": Glyph(7.4, "0,14 0,0 7.4,0"),
    "M": Glyph(11.6, "0,0 0,14 5.8,4 11.6,14 11.6,0"),
    "N": Glyph(9.6, "0,0 0,14 9.6,0 9.6,14"),
    "O": Glyph(11.4, "5.7,7,5.7,7,0,360"),
    "P": Glyph(8.4, "0,0 0,14 4.5,14 4.5,10.2,3.9,3.8,90,-90 0,6.4"),
    "Q": Glyph(11.4, "5.7,7,5.7,7,0,360 | 6.8,3.8 11.2,-1.2"),
    "R": Glyph(9, "0,0 0,14 4.5,14 4.5,10.2,3.9,3.8,90,-90 0,6.4 | 4.6,6.4 9,0"),
    "S": Glyph(8.6, "4.3,10.6,3.9,3.4,32,270 4.3,3.6,4.3,3.6,90,-148"),
    "T": Glyph(10, "0,14 10,14 | 5,14 5,0"),
    "U": Glyph(9.4, "0,14 0,4.7 4.7,4.7,4.7,4.7,180,360 9.4,14"),
    "V": Glyph(10.6, "0,14 5.3,0 10.6,14"),
    "W": Glyph(15.2, "0,14 3.8,0 7.6,13.4 11.4,0 15.2,14"),
    "X": Glyph(10, "0,0 10,14 | 0,14 10,0"),
    "Y": Glyph(10, "0,14 5,6.8 10,14 | 5,6.8 5,0"),
    "Z": Glyph(9.4, "0,14 9.4,14 0,0 9.4,0"),
    "Å": Glyph(11, "0,0 5.5,14 11,0 | 1.8,4.6 9.2,4.6 | 5.5,16.6,1.9,1.9,-90,270"),
  ]

  private static let letters: [Character: Glyph] = [
    "a": Glyph(7, "3.7,6.9,3.3,3.1,150,0 7,0 | 7,5.7 3,5.7 3,2.85,3,2.85,90,270 3.4,3.6,3.6,3.6,270,350"),
    "b": Glyph(7.6, "0,14 0,0 | 3.8,5,3.8,5,0,360"),
    "c": Glyph(7, "4,5,4,5,46,314"),
    "d": Glyph(7.6, "3.8,5,3.8,5,0,360 | 7.6,14 7.6,0"),
    "e": Glyph(7.8, "0.1,5.2 7.8,5.2 3.9,5,3.9,5,2,316"),
    "f": Glyph(4.8, "4.9,10.8,2.9,3.2,78,180 2,0 | 0,10 4.8,10"),
    "g": Glyph(7.6, "3.8,5,3.8,5,0,360 | 7.6,10 7.6,-0.8 3.9,-0.8,3.7,3.4,0,-145"),
    "h": Glyph(7, "0,0 0,14 | 3.5,6.4,3.5,3.6,180,0 7,0"),
    "i": Glyph(0, "0,0 0,10 | 0,13.8 0,14"),
    "j": Glyph(2.2, "2.2,10 2.2,-1 -0.4,-1,2.6,3.1,0,-85 | 2.2,13.8 2.2,14"),
    "k": Glyph(7.2, "0,0 0,14 | 6.6,10 0,3.6 | 2.5,6.1 7.2,0"),
    "l": Glyph(2, "0,14 0,2.4 2.4,2.4,2.4,2.4,180,262"),
    "m": Glyph(12, "0,0 0,10 | 3,6.8,3,3.2,180,0 6,0 | 9,6.8,3,3.2,180,0 12,0"),
    "n": Glyph(7, "0,0 0,10 | 3.5,6.4,3.5,3.6,180,0 7,0"),
    "o": Glyph(8, "4,5,4,5,0,360"),
    "p": Glyph(7.6, "0,10 0,-4 | 3.8,5,3.8,5,0,360"),
    "q": Glyph(7.6, "7.6,10 7.6,-4 | 3.8,5,3.8,5,0,360"),
    "r": Glyph(4.4, "0,0 0,10 | 3.7,6,3.7,4,180,76"),
    "s": Glyph(6.6, "3.3,7.6,3,2.4,28,270 3.3,2.6,3.3,2.6,90,-150"),
    "t": Glyph(5, "2,13 2,2.8 4.8,2.8,2.8,2.8,180,274 | 0,10 5,10"),
    "u": Glyph(7, "0,10 0,3.6 3.5,3.6,3.5,3.6,180,360 | 7,10 7,0"),
    "v": Glyph(8, "0,10 4,0 8,10"),
    "w": Glyph(12, "0,10 3,0 6,9.4 9,0 12,10"),
    "x": Glyph(7.6, "0,0 7.6,10 | 0,10 7.6,0"),
    "y": Glyph(8, "0,10 4,0 | 8,10 3.4,-1.6 2.4,-3.3 0.8,-4"),
    "z": Glyph(7, "0,10 7,10 0,0 7,0"),
  ]

  private static let others: [Character: Glyph] = [
    "0": Glyph(8, "4,7,4,7,0,360"),
    "1": Glyph(8, "1,11.2 4.4,14 4.4,0"),
    "2": Glyph(8, "4,10.1,3.8,3.9,164,-34 0,0 8,0"),
    "3": Glyph(8, "3.9,10.7,3.5,3.3,152,-90 2.8,7.4 4,7.4 4,3.7,4,3.7,90,-152"),
    "4": Glyph(8, "6,0 6,14 0,4.2 8,4.2"),
    "5": Glyph(8, "7.2,14 1.3,14 0.8,7.5 3.9,4.6,4.1,4.6,140,-150"),
    "6": Glyph(8, "4.5,7,4.5,7,50,180 0,4.4 | 4,4.4,4,4.4,0,360"),
    "7": Glyph(8, "0,14 8,14 2.8,0"),
    "8": Glyph(8, "4,10.7,3.4,3.3,0,360 | 4,3.7,4,3.7,0,360"),
    "9": Glyph(8, "3.5,7,4.5,7,-130,0 8,9.6 | 4,9.6,4,4.4,0,360"),
    " ": Glyph(2.6, ""),
    ".": Glyph(0, "0,0 0,0.2"),
    ",": Glyph(0.6, "0.6,0.2 0,-2.6"),
    ":": Glyph(0, "0,0 0,0.2 | 0,8.8 0,9"),
    ";": Glyph(0.6, "0.6,0.2 0,-2.6 | 0.6,8.8 0.6,9"),
    "-": Glyph(5, "0,5 5,5"),
    "_": Glyph(8, "0,-3 8,-3"),
    "+": Glyph(8, "0,6 8,6 | 4,2 4,10"),
    "=": Glyph(8, "0,4 8,4 | 0,8 8,8"),
    "/": Glyph(6, "0,-1.5 6,15"),
    "|": Glyph(0, "0,-3 0,15"),
    "(": Glyph(2.6, "7,6,7,10.4,129,231"),
    ")": Glyph(2.6, "-4.4,6,7,10.4,51,-51"),
    "[": Glyph(2.6, "2.6,14.5 0,14.5 0,-2.5 2.6,-2.5"),
    "]": Glyph(2.6, "0,14.5 2.6,14.5 2.6,-2.5 0,-2.5"),
    "'": Glyph(0, "0,14 0,11"),
    "…": Glyph(10, "0,0 0,0.2 | 5,0 5,0.2 | 10,0 10,0.2"),
  ]
}

extension StrokeFont.Glyph {
  /// - Parameters:
  ///   - width: The distance between the leftmost and the rightmost line.
  ///   - drawing: Strokes, separated by `|`, of points `x,y` and arcs of ellipses `x,y,rx,ry,from,to` (degrees, counted against the
  ///     clock from the right).
  init(_ width: Double, _ drawing: String) {
    self.width = width
    strokes = drawing.split(separator: "|").map { stroke in
      stroke.split(separator: " ").flatMap { word -> [(x: Double, y: Double)] in
        let values = word.split(separator: ",").compactMap { Double($0) }
        precondition(values.count == 2 || values.count == 6, "\(word): found neither a point nor an arc")
        return values.count == 2 ? [(values[0], values[1])] : Self.arc(values)
      }
    }
  }

  private static func arc(_ values: [Double]) -> [(x: Double, y: Double)] {
    let turn = values[5] - values[4], parts = Int((turn.magnitude / 12).rounded(.up))
    return (0...parts).map { part in
      let angle = (values[4] + turn * Double(part) / Double(parts)) * .pi / 180
      return (values[0] + values[2] * cos(angle), values[1] + values[3] * sin(angle))
    }
  }
}
