// NAME.plddt.svg: pLDDT along the sequence, over the classes of the AlphaFold database.

import Platform
import Protein

/// A plot of pLDDT by residue as SVG 1.1, on white ground of its own, with nothing from outside.
package struct ConfidencePlot {
  let subject: PictureSubject
  /// By residue, 0-100; nil where there is no prediction.
  let plddt: [Double?]
  /// Over all atoms.
  let mean: Double
  private let axis: ResidueAxis

  /// - Parameters:
  ///   - subject: What the plot is of.
  ///   - plddt: Of each residue, 0-100; nil where there is no prediction.
  ///   - mean: Mean pLDDT, as the title has it.
  package init(_ subject: PictureSubject, plddt: [Double?], mean: Double) {
    precondition(plddt.count == subject.length, "pLDDT of \(plddt.count) of \(subject.length) residues")
    self.subject = subject
    self.plddt = plddt.map { value in value.flatMap { $0.isFinite ? min(max($0, 0), 100) : nil } }
    self.mean = mean
    let gaps = Double(max(0, subject.chains.count - 1))
    // Many short chains must not be all gaps.
    let gap = gaps == 0 ? 0 : min(10, Self.width / 4 / gaps)
    let step = (Self.width - gap * gaps) / Double(max(1, subject.length))
    axis = ResidueAxis(chains: subject.chains, step: step, gap: gap)
  }

  private static let head =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- esmfold, pLDDT by residue; request_sha256 "

  /// The digest in the head of such a file; nil when it is another one.
  package static func digest(in head: [UInt8]) -> String? {
    guard head.starts(with: Self.head.utf8) else { return nil }
    let digest = head.dropFirst(Self.head.utf8.count).prefix(64)
    return PictureSubject.isDigest(digest) ? String(decoding: digest, as: UTF8.self) : nil
  }

  // MARK: Places, in pixels

  private static let left = 64.0, width = 832.0, right = 24.0
  private static let height = 220.0, stripGap = 6.0, stripHeight = 10.0
  private static var totalWidth: Double { left + width + right }
  /// A second line has the header, where that says more than the name.
  private var hasHeader: Bool { !subject.header.isEmpty && subject.header != subject.name }
  private var top: Double { (hasHeader ? 62 : 44) + (subject.chains.count > 1 ? 20 : 0) }
  private var stripTop: Double { top + Self.height + Self.stripGap }
  private var legend: Double { stripTop + Self.stripHeight + 62 }

  private func y(_ plddt: Double) -> Double { top + Self.height * (1 - plddt / 100) }

  // MARK: Writing

  /// The bytes of the file.
  package func svg() -> [UInt8] {
    let height = legend + 22, title = "pLDDT of \(subject.name)"
    var text = Self.head + "\(subject.digest) -->\n"
    text += """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(number(Self.totalWidth))" height="\(number(height))" \
      viewBox="0 0 \(number(Self.totalWidth)) \(number(height))" role="img" aria-labelledby="plddt-title plddt-desc" \
      font-family="sans-serif" font-size="12" fill="#333333">
      <title id="plddt-title">\(xmlText(title))</title>
      <desc id="plddt-desc">\(xmlText(description))</desc>
      <metadata>\(xmlText(subject.program))</metadata>
      <rect width="100%" height="100%" fill="#FFFFFF"/>

      """
    text += titles() + bands() + chains() + strip() + axes() + line() + key()
    return Array((text + "</svg>\n").utf8)
  }

  /// What somebody who does not see the plot should know.
  private var description: String {
    let shares = ConfidenceClass.allCases.reversed().map { level in
      "\(level.name.lowercased()) \(plddt.count { $0.flatMap { ConfidenceClass($0) } == level })"
    }
    let absent = plddt.count { $0 == nil }
    return (hasHeader ? subject.header + "\n" : "")
      + "Line of the predicted confidence (pLDDT, 0-100) of \(subject.size), mean \(fixed(mean, 1)). "
      + "Residues by class: " + shares.joined(separator: ", ")
      + (absent > 0 ? ", without prediction \(absent)" : "") + "."
  }

  private func titles() -> String {
    // Long names are smaller, so that they leave room for what stands at the end of their line.
    let name = shortened(subject.name, to: 60), size = name.count > 36 ? 12 : 16
    var text = label(name, x: Self.left, y: 26, "font-size=\"\(size)\" font-weight=\"bold\"")
    text += label(
      "mean pLDDT \(fixed(mean, 1)), \(subject.size)", x: Self.left + Self.width, y: 26, "text-anchor=\"end\"")
    if hasHeader { text += label(shortened(subject.header, to: 120), x: Self.left, y: 46, "fill=\"#666666\"") }
    return text
  }

  /// The classes as bands behind the line.
  private func bands() -> String {
    ConfidenceClass.allCases.map { level in
      rectangle(
        (Self.left, y(level.upperBound)), (Self.width, y(level.lowerBound) - y(level.upperBound)),
        "fill=\"\(level.hex)\" fill-opacity=\"0.22\"")
    }.joined()
  }

  /// The names of chains, and lines between them.
  private func chains() -> String {
    let names = axis.labels { Double($0.utf8.count) * 9 }.map { label in
      self.label(label.text, x: Self.left + label.place, y: top - 8, "text-anchor=\"middle\" font-weight=\"bold\"")
    }
    let borders = axis.borders.map { border in
      vertical(Self.left + border, from: top - 4, to: stripTop + Self.stripHeight, "stroke=\"#333333\"")
    }
    return (names + borders).joined()
  }

  /// The class of each residue below the plot; neighbours of one class are one rectangle.
  private func strip() -> String {
    var text = "<g shape-rendering=\"crispEdges\">\n"
    for (index, chain) in subject.chains.enumerated() {
      var start = chain.residues.lowerBound
      while start < chain.residues.upperBound {
        let level = plddt[start].flatMap { ConfidenceClass($0) }
        var end = start + 1
        while end < chain.residues.upperBound, plddt[end].flatMap({ ConfidenceClass($0) }) == level { end += 1 }
        let left = Self.left + axis.start(of: start, in: index)
        text += rectangle(
          (left, stripTop), (Double(end - start) * axis.step, Self.stripHeight),
          "fill=\"\(level?.hex ?? ConfidenceClass.absentHex)\"")
        start = end
      }
    }
    return text + "</g>\n"
  }

  private func axes() -> String {
    let bottom = stripTop + Self.stripHeight, right = Self.left + Self.width
    var text = "<g stroke=\"#999999\" fill=\"none\" shape-rendering=\"crispEdges\">\n"
    text += rectangle((Self.left, top), (Self.width, Self.height), "")
    for bound in [50.0, 70, 90] {
      text +=
        "<path d=\"M\(number(Self.left)) \(number(y(bound)))H\(number(right))\" stroke=\"#777777\" stroke-dasharray=\"2 4\"/>\n"
    }
    for bound in [0.0, 50, 70, 90, 100] {
      text += "<path d=\"M\(number(Self.left - 4)) \(number(y(bound)))h4\"/>\n"
    }
    let digits = subject.chains.flatMap(\.numbers).map { "\($0)".utf8.count }.max() ?? 1
    let ticks = axis.ticks(spacing: Double(digits) * 7 + 14)
    for tick in ticks { text += vertical(Self.left + tick.place, from: bottom, to: bottom + 4, "") }
    text += "</g>\n"
    for bound in [0.0, 50, 70, 90, 100] {
      text += label(fixed(bound, 0), x: Self.left - 8, y: y(bound) + 4, "text-anchor=\"end\"")
    }
    for tick in ticks {
      text += label("\(tick.number)", x: Self.left + tick.place, y: bottom + 17, "text-anchor=\"middle\"")
    }
    text += label("Residue", x: Self.left + Self.width / 2, y: bottom + 36, "text-anchor=\"middle\"")
    let middle = top + Self.height / 2
    return text
      + "<text transform=\"translate(20 \(number(middle))) rotate(-90)\" text-anchor=\"middle\">pLDDT</text>\n"
  }

  /// The line itself, with gaps at chain borders and where there is no prediction; a single residue is a dash.
  private func line() -> String {
    var path = ""
    for (index, chain) in subject.chains.enumerated() {
      var isDown = false
      for residue in chain.residues {
        guard let value = plddt[residue] else {
          isDown = false
          continue
        }
        let x = Self.left + axis.middle(of: residue, in: index), y = number(y(value))
        let isAlone = !isDown && (residue + 1 == chain.residues.upperBound || plddt[residue + 1] == nil)
        let half = min(axis.step / 2, 3)
        path += isAlone ? "M\(number(x - half)) \(y)h\(number(2 * half))" : "\(isDown ? "L" : "M")\(number(x)) \(y)"
        isDown = true
      }
    }
    let width = axis.step < 1 ? 1.25 : 1.75
    return path.isEmpty
      ? ""
      : "<path id=\"plddt-line\" d=\"\(path)\" fill=\"none\" stroke=\"#222222\" stroke-width=\"\(number(width))\" "
        + "stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n"
  }

  /// The legend: the classes with their bounds.
  private func key() -> String {
    var entries = ConfidenceClass.allCases.reversed().map { level in
      switch level {
      case .veryHigh: (level.hex, "\(level.name) (> \(fixed(level.lowerBound, 0)))")
      case .confident, .low:
        (level.hex, "\(level.name) (> \(fixed(level.lowerBound, 0)) to \(fixed(level.upperBound, 0)))")
      case .veryLow: (level.hex, "\(level.name) (≤ \(fixed(level.upperBound, 0)))")
      }
    }
    if plddt.contains(nil) { entries.append((ConfidenceClass.absentHex, "No prediction (X)")) }
    return entries.enumerated().map { index, entry in
      let x = Self.left + Double(index) * 166
      return rectangle((x, legend - 10), (12, 12), "fill=\"\(entry.0)\"") + label(entry.1, x: x + 18, y: legend, "")
    }.joined()
  }

  // MARK: Elements

  private func label(_ text: String, x: Double, y: Double, _ attributes: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\"\(attributes.isEmpty ? "" : " " + attributes)>\(xmlText(text))</text>\n"
  }

  private func rectangle(_ corner: (Double, Double), _ size: (Double, Double), _ attributes: String) -> String {
    "<rect x=\"\(number(corner.0))\" y=\"\(number(corner.1))\" width=\"\(number(size.0))\" height=\"\(number(size.1))\""
      + "\(attributes.isEmpty ? "" : " " + attributes)/>\n"
  }

  private func vertical(_ x: Double, from top: Double, to bottom: Double, _ attributes: String) -> String {
    "<path d=\"M\(number(x)) \(number(top))V\(number(bottom))\"\(attributes.isEmpty ? "" : " " + attributes)/>\n"
  }

  /// Two decimals at most.
  private func number(_ value: Double) -> String {
    var text = fixed(value, 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
