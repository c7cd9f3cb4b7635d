// The map of aligned errors: colours of known cells, places, borders of chains.

import Pictures
import Testing

@Suite struct ErrorPlotTests {
  /// Linear from #00441B to #F7FCF5, as AlphaFold's pages have it; one level for the steps of the palette.
  private func isGreen(_ colour: UInt32, _ error: Double) -> Bool {
    let share = min(max(error / 31.75, 0), 1)
    return zip([16, 8, 0], [(0.0, 247.0), (68, 252), (27, 245)]).allSatisfy { shift, ends in
      let expected = ends.0 + (ends.1 - ends.0) * share
      return abs(Double((colour >> UInt32(shift)) & 0xFF) - expected) <= 1.1
    }
  }

  /// Whether a colour is one of the map: lines and text are grey.
  private func isOfMap(_ colour: UInt32) -> Bool {
    let (red, green, blue) = (colour >> 16, (colour >> 8) & 0xFF, colour & 0xFF)
    return red != green || green != blue
  }

  /// Where the map begins: the first pixel that is neither text nor line.
  private func origin(_ image: DecodedPNG) throws -> (column: Int, row: Int) {
    for row in 0..<image.height {
      for column in 0..<image.width where isOfMap(image.colour(column, row)) { return (column, row) }
    }
    throw ErrorPlotTestsError.noMap
  }

  private enum ErrorPlotTestsError: Error { case noMap }

  @Test("Each cell has the colour of its error, all of it: rows are aligned, columns scored") func cells() throws {
    let n = 3, values: [Float] = [0, 31.75, 8, 15.875, 1.5, 20, 40, 27.25, -1]
    let image = try DecodedPNG(try Sample.png(Sample.subject([n]), values))
    let start = try origin(image), scale = 214
    for aligned in 0..<n {
      for scored in 0..<n {
        let expected = Double(values[aligned * n + scored])
        let columns = start.column + scored * scale..<start.column + (scored + 1) * scale
        let rows = start.row + aligned * scale..<start.row + (aligned + 1) * scale
        let colours = Set(rows.flatMap { row in columns.map { image.colour($0, row) } })
        #expect(colours.count == 1 && colours.allSatisfy { isGreen($0, expected) }, "\(aligned), \(scored): \(colours)")
      }
    }
    #expect(image.colour(start.column, start.row) == 0x00441B)
    #expect(image.colour(start.column + scale, start.row) == 0xF7FCF5)
    // A frame around it, on white.
    let end = (column: start.column + n * scale, row: start.row + n * scale)
    for (column, row) in [
      (start.column - 1, start.row), (start.column, start.row - 1), (end.column, start.row), (start.column, end.row),
    ] { #expect(!isOfMap(image.colour(column, row)) && image.colour(column, row) < 0x808080) }
    for corner in [(0, 0), (image.width - 1, 0), (0, image.height - 1), (image.width - 1, image.height - 1)] {
      #expect(image.colour(corner.0, corner.1) == 0xFFFFFF)
    }
  }

  @Test("A number that is none has the colour of no data") func absent() throws {
    let image = try DecodedPNG(try Sample.png(Sample.subject([2]), [.nan, 3, .infinity, 4]))
    // Grey like the lines, so the place is told by the second cell.
    let second = try origin(image)
    for row in [second.row + 10, second.row + 330] {
      #expect(image.colour(second.column - 10, row) == 0xE2E2E2)
    }
    #expect(isGreen(image.colour(second.column + 10, second.row + 10), 3))
    #expect(isGreen(image.colour(second.column + 10, second.row + 330), 4))
  }

  @Test("Between chains is a line that hides no residue") func chains() throws {
    let lengths = [2, 1, 3], n = 6
    let values = (0..<n * n).map { Float($0 % 30) + 0.5 }
    let image = try DecodedPNG(try Sample.png(Sample.subject(lengths), values))
    let start = try origin(image), scale = 107, chain = [0, 0, 1, 2, 2, 2]
    func place(_ residue: Int) -> Int { residue * scale + chain[residue] * 3 }
    for aligned in 0..<n {
      for scored in 0..<n {
        for (x, y) in [(0, 0), (scale - 1, scale - 1), (0, scale - 1), (50, 50)] {
          let colour = image.colour(start.column + place(scored) + x, start.row + place(aligned) + y)
          #expect(isGreen(colour, Double(values[aligned * n + scored])), "\(aligned), \(scored)")
        }
      }
    }
    for border in [2 * scale, 3 * scale + 3] {
      let across = (0..<3).map { image.colour(start.column + border + $0, start.row + 5) }
      let down = (0..<3).map { image.colour(start.column + 5, start.row + border + $0) }
      #expect(across == [0xFFFFFF, 0, 0xFFFFFF] && down == across)
    }
  }

  @Test("One pixel for each residue of long proteins, many of short ones", arguments: [1, 20, 639, 640, 1500])
  func sizes(_ n: Int) throws {
    let values = [Float](repeating: 31.75, count: n * n)
    let image = try DecodedPNG(try Sample.png(Sample.subject([n]), values))
    let start = try origin(image)
    let width = (start.column..<image.width).prefix { image.colour($0, start.row) == 0xF7FCF5 }.count
    let height = (start.row..<image.height).prefix { image.colour(start.column, $0) == 0xF7FCF5 }.count
    #expect(width == height && width.isMultiple(of: n) && width >= 640 && (n >= 640 ? width == n : width < 1280))
    #expect(image.width < width * 5 / 4 && image.height < height * 3 / 2)
  }

  @Test("A long name is cut before the edge of the picture", arguments: ["W", "i", "日"]) func longName(_ letter: String)
    throws
  {
    let image = try DecodedPNG(try Sample.png(Sample.subject([1], name: String(repeating: letter, count: 150)), [3]))
    let start = try origin(image)
    func isInked(_ columns: Range<Int>) -> Bool {
      (0..<start.row - 1).contains { row in columns.contains { image.colour($0, row) != 0xFFFFFF } }
    }
    #expect(isInked(start.column..<start.column + 500) && !isInked(start.column + 641..<image.width))
  }

  @Test("The bar has all colours in order, from no error to the largest") func bar() throws {
    let image = try DecodedPNG(try Sample.png(Sample.subject([1]), [31.75]))
    let start = try origin(image), below = start.row + 640 + 2
    let row = try #require(
      (below..<image.height).first {
        isGreen(image.colour(start.column, $0), 0) && isOfMap(image.colour(start.column, $0))
      })
    for column in 0..<640 {
      #expect(isGreen(image.colour(start.column + column, row), 31.75 * Double(column) / 639), "\(column)")
    }
    #expect(!isOfMap(image.colour(start.column + 640, row)))
  }

  @Test("What it was made of is in its head, and what it is in its texts") func head() throws {
    let bytes = try Sample.png(Sample.subject([3, 2], name: "a\u{1}é"), [Float](repeating: 1, count: 25))
    #expect(ErrorPlot.digest(in: Array(bytes.prefix(PictureSubject.headByteCount))) == Sample.digest)
    let image = try DecodedPNG(bytes)
    #expect(
      image.texts == [
        "request_sha256": Sample.digest, "Title": "Predicted aligned error of a??, 5 residues in 2 chains",
        "Software": "esmfold 1.2.3",
      ])
    let rows = [[UInt8]](repeating: [0], count: 1)
    for (keyword, text) in [
      ("request_sha256", "0A" + Sample.digest.dropFirst(2)), ("request_sha256", "0a"), ("x", Sample.digest),
    ] {
      final class Written { var bytes: [UInt8] = [] }
      let written = Written()
      var other = try PNGWriter((1, 1), palette: [0], texts: [(keyword, text)]) { written.bytes += $0 }
      try other.append(rows[0])
      try other.finish()
      #expect(ErrorPlot.digest(in: written.bytes) == nil)
    }
    #expect(ErrorPlot.digest(in: []) == nil && ErrorPlot.digest(in: Array("mine\n".utf8)) == nil)
  }
}
