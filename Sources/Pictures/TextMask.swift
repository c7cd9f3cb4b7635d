// Text as pixels: the strokes of its letters with smooth edges.

/// How much of each pixel a text covers.
package struct TextMask {
  package let width: Int, height: Int
  /// 0-1, row by row from above.
  package let coverage: [Float]
  /// The row of the baseline.
  package let baseline: Int
  /// Before the first letter's leftmost line.
  private static let margin = 2

  /// Draws a line of text.
  ///
  /// Heights and widths of letters are whole pixels, so that lines along the pixels are sharp.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - size: Pixels; capitals are 0.7 of it.
  ///   - isBold: Whether lines are broader.
  package init(_ text: String, size: Double, isBold: Bool = false) {
    let unit = size / 20, grid = Grid(unit: unit)
    let line = max(1.15, size * 0.085), radius = line * (isBold ? 1.5 : 1) / 2
    let spacing = max(2, Int((StrokeFont.spacing * unit + (isBold ? line / 2 : 0)).rounded()))
    baseline = Int((StrokeFont.top * unit).rounded(.up)) + Self.margin
    let height = baseline + Int((-StrokeFont.bottom * unit).rounded(.up)) + Self.margin
    var pen = Self.margin, segments: [(from: (x: Double, y: Double), to: (x: Double, y: Double))] = []
    for character in text {
      let glyph = StrokeFont.glyph(character), width = (glyph.width * unit).rounded()
      let scale = glyph.width > 0 ? width / glyph.width : unit
      for stroke in glyph.strokes {
        let points = stroke.indices.map { [pen, baseline] index in
          let point = stroke[index], neighbours = stroke[max(0, index - 1)..<min(stroke.count, index + 2)]
          // A line along the pixels lies on them. The point is a neighbour of its own.
          var x = point.x * scale, y = grid.height(point.y)
          if neighbours.count(where: { $0.x == point.x }) > 1 { x.round() }
          if neighbours.count(where: { $0.y == point.y }) > 1 { y.round() }
          return (x: Double(pen) + 0.5 + x, y: Double(baseline) + 0.5 - y)
        }
        segments += zip(points, points.dropFirst()).map { ($0, $1) }
      }
      pen += Int(width) + spacing
    }
    let width = max(1, pen)
    var coverage = [Float](repeating: 0, count: width * height)
    for segment in segments {
      let (from, to) = segment, reach = radius + 1
      let columns = Self.pixels(min(from.x, to.x) - reach, max(from.x, to.x) + reach, width)
      for row in Self.pixels(min(from.y, to.y) - reach, max(from.y, to.y) + reach, height) {
        for column in columns {
          let distance = Self.distance((Double(column) + 0.5, Double(row) + 0.5), from, to)
          let covered = Float(min(max(radius + 0.5 - distance, 0), 1))
          coverage[row * width + column] = max(coverage[row * width + column], covered)
        }
      }
    }
    (self.width, self.height, self.coverage) = (width, height, coverage)
  }

  private init(width: Int, height: Int, coverage: [Float]) {
    (self.width, self.height, self.coverage, baseline) = (width, height, coverage, 0)
  }

  /// The text turned to the left, so that it is read from below; its baseline means nothing any more.
  package var turned: TextMask {
    var turned = [Float](repeating: 0, count: coverage.count)
    for row in 0..<height {
      for column in 0..<width { turned[(width - 1 - column) * height + row] = coverage[row * width + column] }
    }
    return TextMask(width: height, height: width, coverage: turned)
  }

  /// Heights of letters in whole pixels.
  private struct Grid {
    let unit: Double

    func height(_ y: Double) -> Double {
      let small = (StrokeFont.xHeight * unit).rounded(), capital = (StrokeFont.capHeight * unit).rounded()
      switch y {
      case ..<0: return y * unit
      case ..<StrokeFont.xHeight: return y / StrokeFont.xHeight * small
      default:
        return small + (y - StrokeFont.xHeight) * (capital - small) / (StrokeFont.capHeight - StrokeFont.xHeight)
      }
    }
  }

  private static func pixels(_ low: Double, _ high: Double, _ count: Int) -> Range<Int> {
    let low = max(0, Int(low.rounded(.down)))
    return low..<max(low, min(count, Int(high.rounded(.up))))
  }

  private static func distance(
    _ point: (x: Double, y: Double), _ from: (x: Double, y: Double), _ to: (x: Double, y: Double)
  ) -> Double {
    let (dx, dy) = (to.x - from.x, to.y - from.y), length = dx * dx + dy * dy
    let along = length == 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length
    let place = min(max(along, 0), 1), x = point.x - from.x - place * dx, y = point.y - from.y - place * dy
    return (x * x + y * y).squareRoot()
  }
}
