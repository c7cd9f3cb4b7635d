// The plot of pLDDT: an XML parser reads it, whatever the header holds; lines, classes and words are those of the values.

import Foundation
import FoundationXML
import Pictures
import Testing

@Suite struct ConfidencePlotTests {
  /// An element with its text.
  final class Element {
    let name: String, attributes: [String: String]
    var text = "", children: [Element] = []
    init(_ name: String, _ attributes: [String: String]) { (self.name, self.attributes) = (name, attributes) }
    var all: [Element] { [self] + children.flatMap(\.all) }
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var open: [Element] = [], root: Element?, comments: [String] = []
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      let element = Element(name, attributes)
      if let parent = open.last { parent.children.append(element) } else { root = element }
      open.append(element)
    }
    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      open.removeLast()
    }
    func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }
    func parser(_ parser: XMLParser, foundComment comment: String) { comments.append(comment) }
  }

  private func parsed(_ bytes: [UInt8]) throws -> Element {
    let parser = XMLParser(data: Data(bytes)), reader = Reader()
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError)) in \(String(decoding: bytes, as: UTF8.self))")
    #expect(reader.comments == [" esmfold, pLDDT by residue; request_sha256 \(Sample.digest) "])
    return try #require(reader.root)
  }

  @Test(
    "Headers are text, whatever they hold",
    arguments: [
      ("\"><script>alert(1)</script>", "\"><script>alert(1)</script>"),
      ("a & b &amp; <!-- ]]>", "a & b &amp; <!-- ]]>"),
      ("x\u{1}\u{0}\u{8}\u{1B}[31m\u{7F}\u{9B}y", "x\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}[31m\u{FFFD}\u{FFFD}y"),
      ("\u{FFFE}\u{FFFF}\u{202E}\u{2066}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"), ("😀 é 日本", "😀 é 日本"),
      ("' onload='x", "' onload='x"), ("tab\there", "tab here"),
    ])
  func headers(_ header: String, _ shown: String) throws {
    let root = try parsed(Sample.svg(Sample.subject([3], name: header, header: header + " more"), [1, 2, 3]))
    #expect(root.name == "svg" && root.attributes["xmlns"] == "http://www.w3.org/2000/svg")
    let titles = root.children.filter { $0.name == "title" }
    #expect(titles.map(\.text) == ["pLDDT of " + shown])
    #expect(root.children.first { $0.name == "desc" }?.text.hasPrefix(shown + " more\nLine ") == true)
    let texts = root.all.filter { $0.name == "text" }.map(\.text)
    #expect(texts.contains(shown) && texts.contains(shown + " more"))
    // Nothing but these, whatever the header says; no script, no link, no style.
    #expect(Set(root.all.map(\.name)) == ["svg", "title", "desc", "metadata", "rect", "g", "path", "text"])
    let keys = Set(root.all.flatMap(\.attributes.keys))
    #expect(!keys.contains { $0.hasPrefix("on") || $0.contains("href") || $0 == "style" })
    #expect(root.all.compactMap { $0.attributes["font-family"] } == ["sans-serif"])
  }

  @Test("A header of any length and any accents is cut where it is drawn") func longHeader() throws {
    let header = String(repeating: "日本 ", count: 3000), pile = "e" + String(repeating: "\u{301}", count: 5000)
    for header in [header, pile + " x", String(repeating: "w", count: 9000)] {
      let root = try parsed(Sample.svg(Sample.subject([1], header: header), [1]))
      for text in root.all.filter({ $0.name == "text" }) { #expect(text.text.unicodeScalars.count < 130) }
    }
  }

  /// The commands of the line: letter and place.
  private func line(_ root: Element) throws -> [(command: Character, x: Double, y: Double)] {
    let path = try #require(root.all.first { $0.attributes["id"] == "plddt-line" }?.attributes["d"])
    return try path.matches(of: /([ML])([0-9.]+) ([0-9.]+)(h[0-9.]+)?/).map { match in
      (try #require(match.output.1.first), try #require(Double(match.output.2)), try #require(Double(match.output.3)))
    }
  }

  @Test("The line has the values, on the scale of the axis, and gaps at X and at chain borders") func values() throws {
    let plddt: [Double?] = [0, 50, 100, nil, 25, nil, 90, 70, .nan, 110, -5]
    let root = try parsed(Sample.svg(Sample.subject([7, 4]), plddt))
    let line = try line(root)
    #expect(line.map(\.command) == ["M", "L", "L", "M", "M", "M", "M", "L"])
    // Where the axis has 0 and 100.
    func label(_ text: String) throws -> Double {
      let label = try #require(root.all.first { $0.text == text && $0.attributes["text-anchor"] == "end" })
      return try #require(Double(label.attributes["y"] ?? ""))
    }
    let (zero, hundred) = (try label("0"), try label("100"))
    let shown = [0, 50, 100, 25, 90, 70, 100, 0.0]
    let found = line.map { (zero - 4 - $0.y) / (zero - hundred) * 100 }
    #expect(found.count == shown.count)
    for (value, expected) in zip(found, shown) { #expect(abs(value - expected) < 0.01) }
    // Bands between the bounds of the classes, from above.
    let bands = root.all.filter { $0.attributes["fill-opacity"] != nil }
    #expect(bands.map { $0.attributes["fill"] } == ["#FF7D45", "#FFDB13", "#65CBF3", "#0053D6"])
    for (band, share) in zip(bands, [50.0, 20, 20, 10]) {
      #expect(abs((Double(band.attributes["height"] ?? "") ?? 0) / (zero - hundred) * 100 - share) < 0.01)
    }
  }

  @Test("The strip has the class of each residue") func strip() throws {
    let plddt: [Double?] = [50, 50.01, 70, nil, 70.5, 90, 90.1, 99]
    let root = try parsed(Sample.svg(Sample.subject([4, 4]), plddt, mean: 71.26))
    let strip = try #require(root.children.first { $0.name == "g" }).children
    #expect(
      strip.map { $0.attributes["fill"] } == ["#FF7D45", "#FFDB13", "#AAAAAA", "#65CBF3", "#0053D6"])
    let widths = strip.compactMap { Double($0.attributes["width"] ?? "") }
    for (width, residues) in zip(widths, [1.0, 2, 1, 2, 2]) { #expect(abs(width / widths[0] - residues) < 0.01) }
    let texts = root.all.filter { $0.name == "text" }.map(\.text)
    for text in [
      "mean pLDDT 71.3, 8 residues in 2 chains", "A", "B", "Residue", "pLDDT", "Very high (> 90)",
      "Confident (> 70 to 90)", "Low (> 50 to 70)", "Very low (≤ 50)", "No prediction (X)",
    ] { #expect(texts.contains(text), "\(text)") }
    #expect(
      root.children.first { $0.name == "desc" }?.text
        == "Line of the predicted confidence (pLDDT, 0-100) of 8 residues in 2 chains, mean 71.3. Residues by class: "
        + "very high 2, confident 2, low 2, very low 1, without prediction 1.")
    #expect(root.children.first { $0.name == "metadata" }?.text == "esmfold 1.2.3")
    // White ground under everything.
    let first = root.children.first { $0.name == "rect" }
    #expect(first?.attributes == ["width": "100%", "height": "100%", "fill": "#FFFFFF"])
    #expect(!String(decoding: Sample.svg(Sample.subject([1]), [5]), as: UTF8.self).contains("No prediction"))
  }

  @Test(
    "Nothing is drawn outside, for any number of residues and chains",
    arguments: [[1], [20], [1500], [2, 1], [Int](repeating: 1, count: 300)])
  func inside(_ lengths: [Int]) throws {
    let count = lengths.reduce(0, +)
    let root = try parsed(Sample.svg(Sample.subject(lengths), (0..<count).map { Double($0 % 101) }))
    let width = try #require(Double(root.attributes["width"] ?? "")),
      height = try #require(Double(root.attributes["height"] ?? ""))
    for element in root.all {
      if let x = element.attributes["x"].flatMap(Double.init), let y = element.attributes["y"].flatMap(Double.init) {
        let w = element.attributes["width"].flatMap(Double.init) ?? 0
        #expect(x >= 0 && x + w <= width + 0.01 && y > 0 && y < height)
      }
    }
    let line = try line(root)
    #expect(line.count == count && line.allSatisfy { $0.x >= 60 && $0.x <= width - 20 })
    #expect(zip(line, line.dropFirst()).allSatisfy { $0.x < $1.x })
  }

  @Test("All residues without prediction: there is no line, and the plot is whole") func nothing() throws {
    let root = try parsed(Sample.svg(Sample.subject([4]), [nil, nil, nil, nil], mean: 0))
    #expect(!root.all.contains { $0.attributes["id"] == "plddt-line" })
  }

  @Test("What it was made of is in its head") func digest() {
    let bytes = Sample.svg(Sample.subject([2], header: String(repeating: "x", count: 5000)), [1, 2])
    #expect(ConfidencePlot.digest(in: Array(bytes.prefix(PictureSubject.headByteCount))) == Sample.digest)
    for count in [0, 10, 60, 120, 149] { #expect(ConfidencePlot.digest(in: Array(bytes.prefix(count))) == nil) }
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(ConfidencePlot.digest(in: Array(text.replacing("0a0a", with: "0A0A").utf8)) == nil)
    #expect(ConfidencePlot.digest(in: Array("<svg/>".utf8)) == nil)
  }
}
