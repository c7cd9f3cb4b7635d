// NAME.pae.png: predicted aligned errors as a map, in the colours of the AlphaFold database.

import Platform
package import Protein

/// A map of the predicted aligned errors with axes, chains and a bar of colours, as PNG.
package struct ErrorPlot {
  private let subject: PictureSubject
  private let errors: AlignedErrors
  /// What the model can express, Å.
  private let largest: Float
  private let axis: ResidueAxis
  /// Pixels of a residue, each way.
  private let scale: Int

  /// Pixels of a map, at least.
  private static let leastSide = 640
  /// Pixels of the lines between chains; there is a white one on either side.
  private let line: Int

  /// - Parameters:
  ///   - subject: What the map is of.
  ///   - errors: Å.
  ///   - largest: What the model can express, Å.
  package init(_ subject: PictureSubject, _ errors: AlignedErrors, largest: Float) {
    precondition(errors.count == subject.length, "errors of \(errors.count) of \(subject.length) residues")
    (self.subject, self.errors, self.largest) = (subject, errors, largest)
    scale = max(1, (Self.leastSide + errors.count - 1) / max(1, errors.count))
    line = max(1, errors.count * scale / 800)
    axis = ResidueAxis(chains: subject.chains, step: Double(scale), gap: Double(line + 2))
    layout = Layout(axis)
  }

  /// The digest in the head of such a file; nil when it is another one.
  package static func digest(in head: [UInt8]) -> String? {
    guard let text = PNGWriter.firstText(PictureSubject.digestKey, in: head), PictureSubject.isDigest(text) else {
      return nil
    }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: Places, in pixels

  private let layout: Layout

  private struct Layout {
    /// Of the map.
    let side: Int
    /// Of text; it grows with the map, as that will be shown smaller.
    let font: Int
    let left: Int, top: Int
    let width: Int, height: Int
    let ticks: [ResidueAxis.Tick]
    /// The row of the labels of ticks.
    let tickLabels: Int
    /// The rows of the bar of colours.
    let bar: Range<Int>

    init(_ axis: ResidueAxis) {
      side = max(1, Int(axis.extent))
      font = max(14, side / 50)
      let digits = axis.chains.flatMap(\.numbers).map { "\($0)".utf8.count }.max() ?? 1
      let labelWidth = TextMask(String(repeating: "0", count: digits), size: Double(font)).width
      let hasChains = axis.chains.count > 1
      left = font * 5 / 2 + labelWidth
      top = font * (hasChains ? 9 : 6) / 2
      width = left + side + font * (hasChains ? 5 : 3) / 2
      ticks = axis.ticks(spacing: Double(labelWidth + font * 2 / 3))
      tickLabels = top + side + font * 8 / 5
      let barTop = tickLabels + font * 3
      bar = barTop..<barTop + font
      height = bar.upperBound + font * 4
    }
  }

  // MARK: Writing

  /// Writes the file in pieces.
  ///
  /// - Parameter write: Takes the next piece.
  /// - Throws: What `write` throws, `PictureError`.
  package func write(to write: @escaping ([UInt8]) throws -> Void) throws {
    let title = "Predicted aligned error of \(subject.name), \(subject.size)"
    var file = try PNGWriter(
      (layout.width, layout.height), palette: ErrorPalette.colours,
      texts: [(PictureSubject.digestKey, subject.digest), ("Title", title), ("Software", subject.program)], to: write)
    let drawing = drawing(), pixels = places()
    let ground = [UInt8](repeating: ErrorPalette.grey(0), count: layout.width)
    var map: (place: Place, row: [UInt8])?
    for row in 0..<layout.height {
      var line = ground
      if (layout.top..<layout.top + layout.side).contains(row) {
        let place = pixels[row - layout.top]
        if map?.place != place { map = (place, pixels.map { colour(place, $0) }) }
        if let map { line.replaceSubrange(layout.left..<layout.left + layout.side, with: map.row) }
      }
      drawing.draw(row: row, into: &line)
      try file.append(line)
    }
    try file.finish()
  }

  /// What is at a pixel of an axis of the map.
  private enum Place: Equatable {
    case residue(Int)
    case border(isLine: Bool)
  }

  private func places() -> [Place] {
    var places: [Place] = []
    for (index, chain) in subject.chains.enumerated() {
      if index > 0 {
        places +=
          [.border(isLine: false)] + [Place](repeating: .border(isLine: true), count: line) + [.border(isLine: false)]
      }
      for residue in chain.residues { places += [Place](repeating: .residue(residue), count: scale) }
    }
    return places
  }

  /// The colour of a pixel: its row is aligned, its column scored.
  private func colour(_ row: Place, _ column: Place) -> UInt8 {
    switch (row, column) {
    case (.residue(let aligned), .residue(let scored)):
      ErrorPalette.colour(of: errors.values[aligned * errors.count + scored], largest: largest)
    case (.border(isLine: true), _), (_, .border(isLine: true)): ErrorPalette.grey(1)
    default: ErrorPalette.grey(0)
    }
  }

  private func text(_ text: String, isBold: Bool = false) -> TextMask {
    TextMask(text, size: Double(layout.font), isBold: isBold)
  }

  /// The name, or as much of it as there is room for.
  private func title(width: Int) -> TextMask {
    var letters = subject.name.count
    while true {
      let mask = TextMask(shortened(subject.name, to: letters), size: Double(layout.font) * 1.15, isBold: true)
      if mask.width <= width || letters <= 1 { return mask }
      letters = letters * 9 / 10
    }
  }

  private func drawing() -> Drawing {
    var drawing = Drawing()
    let (left, top, side, font) = (layout.left, layout.top, layout.side, layout.font)
    let title = title(width: side)
    drawing.write(title, .start, at: left - 2, baseline: font * 2)
    // At the right they are below one another: a line high, however narrow.
    for label in axis.labels(width: { Double(max(text($0, isBold: true).width, font)) }) {
      let mask = text(label.text, isBold: true), place = Int(label.place)
      drawing.write(mask, .middle, at: left + place, baseline: top - font / 2)
      drawing.write(mask, .start, at: left + side + font / 3, baseline: top + place + font * 7 / 20)
    }
    frame(&drawing, left..<left + side, top..<top + side)
    let line = ErrorPalette.grey(0.7), mark = font * 2 / 5
    for tick in layout.ticks {
      let place = Int(tick.place), label = text("\(tick.number)")
      drawing.fill(left + place..<left + place + 1, top + side + 1..<top + side + 1 + mark, line)
      drawing.fill(left - 1 - mark..<left - 1, top + place..<top + place + 1, line)
      drawing.write(label, .middle, at: left + place, baseline: layout.tickLabels)
      drawing.write(label, .end, at: left - mark - 3, baseline: top + place + font * 7 / 20)
    }
    drawing.write(
      text("Scored residue"), .middle, at: left + side / 2, baseline: layout.tickLabels + font * 3 / 2)
    drawing.place(text("Aligned residue").turned, column: font, row: top + side / 2)
    bar(&drawing)
    return drawing
  }

  /// The colours with their numbers.
  private func bar(_ drawing: inout Drawing) {
    let (left, side, font) = (layout.left, layout.side, layout.font), last = Double(max(1, side - 1))
    for column in 0..<side {
      drawing.fill(left + column..<left + column + 1, layout.bar, ErrorPalette.green(Double(column) / last))
    }
    frame(&drawing, left..<left + side, layout.bar)
    let line = ErrorPalette.grey(0.7), bottom = layout.bar.upperBound + 1
    for error in stride(from: 0, through: Double(largest), by: 5) {
      let place = left + Int((error / Double(largest) * last).rounded())
      drawing.fill(place..<place + 1, bottom..<bottom + font * 3 / 10, line)
      drawing.write(text(fixed(error, 0)), .middle, at: place, baseline: layout.bar.upperBound + font * 3 / 2)
    }
    drawing.write(
      text("Expected position error (Å)"), .middle, at: left + side / 2, baseline: layout.bar.upperBound + font * 3)
  }

  /// A line around a part of the picture.
  private func frame(_ drawing: inout Drawing, _ columns: Range<Int>, _ rows: Range<Int>) {
    let line = ErrorPalette.grey(0.7), (left, right) = (columns.lowerBound - 1, columns.upperBound)
    drawing.fill(left..<right + 1, rows.lowerBound - 1..<rows.lowerBound, line)
    drawing.fill(left..<right + 1, rows.upperBound..<rows.upperBound + 1, line)
    drawing.fill(left..<columns.lowerBound, rows.lowerBound - 1..<rows.upperBound + 1, line)
    drawing.fill(right..<right + 1, rows.lowerBound - 1..<rows.upperBound + 1, line)
  }
}
