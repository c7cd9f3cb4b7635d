// A picture of rectangles and text that is made row by row.

/// What is drawn over a white ground, in the order in which it was added.
struct Drawing {
  private enum Item {
    case rectangle(columns: Range<Int>, rows: Range<Int>, colour: UInt8)
    case text(TextMask, column: Int, row: Int)

    var rows: Range<Int> {
      switch self {
      case .rectangle(_, let rows, _): rows
      case .text(let mask, _, let row): row..<row + mask.height
      }
    }
  }

  /// Where a text is put.
  enum Alignment { case start, middle, end }

  /// How dark text is.
  private static let ink = 0.87

  private var items: [Item] = []

  mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ colour: UInt8) {
    items.append(.rectangle(columns: columns, rows: rows, colour: colour))
  }

  /// Puts a text with its baseline at a row.
  mutating func write(_ mask: TextMask, _ alignment: Alignment, at column: Int, baseline: Int) {
    let column = column - Self.offset(alignment, mask.width)
    items.append(.text(mask, column: column, row: baseline - mask.baseline))
  }

  /// Puts a mask with its middle at a place.
  mutating func place(_ mask: TextMask, column: Int, row: Int) {
    items.append(.text(mask, column: column - mask.width / 2, row: row - mask.height / 2))
  }

  private static func offset(_ alignment: Alignment, _ width: Int) -> Int {
    switch alignment {
    case .start: 0
    case .middle: width / 2
    case .end: width
    }
  }

  /// Draws what is in a row of the picture.
  func draw(row: Int, into pixels: inout [UInt8]) {
    for item in items where item.rows.contains(row) {
      switch item {
      case .rectangle(let columns, _, let colour):
        for column in columns.clamped(to: 0..<pixels.count) { pixels[column] = colour }
      case .text(let mask, let left, let top):
        let start = (row - top) * mask.width
        for column in (left..<left + mask.width).clamped(to: 0..<pixels.count) {
          let covered = mask.coverage[start + column - left]
          // Text is on white ground only.
          if covered > 0 { pixels[column] = ErrorPalette.grey(Double(covered) * Self.ink) }
        }
      }
    }
  }
}
