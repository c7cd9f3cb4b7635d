// `fold --plots`: the pictures are those of the numbers, and what lies under their names already.

import CommandLineTool
import Foundation
import Pictures
import Protein
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct FoldPlotTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var out: String { scratch.path + "/out" }

  private static let sequence = "NLYIQWLKDXGGPSSGRPPPS", other = "GIVEQCCTSICSLYQLENYCN"
  private static let fasta = ">a \"><b>\u{1}&\n\(sequence)\n"

  private func fold(_ fasta: String, _ options: [String] = []) throws -> Binary.Ran {
    try Binary.run(
      ["fold", try scratch.file("in.fasta", fasta), "-o", out, "-n", "0", "--model", "demo"] + options)
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name)")))
  }

  private final class Written { var bytes: [UInt8] = [] }

  @Test(
    "Of a complex with X, without --pae: numbers, chains, names and digest are those of the fold",
    arguments: [false, true])
  func contents(_ isComplex: Bool) throws {
    let chains = isComplex ? [Self.sequence, Self.other] : [Self.sequence]
    let ran = try fold(">a \"><b>&\n\(chains.joined(separator: ":"))\n", ["--plots", "--save-tensors"])
    #expect(ran.status == 0, "\(ran.error)")
    #expect(scratch.names("out") == ["a.pae.png", "a.pdb", "a.plddt.svg", "a.tensors.h5", "summary.tsv"])
    let reader = try ArrayReader(out + "/a.tensors.h5"), tensors = try reader.arrays("/")
    let digest = try #require(try reader.text("request_sha256")), program = try #require(try reader.text("program"))
    let n = chains.joined().count, errors = try #require(tensors["predicted_aligned_error"]).values
    let plddt = try #require(tensors["plddt"]).values
    var start = 0
    let subject = PictureSubject(
      name: "a", header: "a \"><b>&",
      chains: zip(["A", "B"], chains).map { id, letters in
        defer { start += letters.count }
        return PictureSubject.Chain(
          id: id, residues: start..<start + letters.count, numbers: Array(1...letters.count))
      }, digest: digest, program: program)
    let written = Written()
    try ErrorPlot(subject, AlignedErrors(errors, count: n), largest: 31.75).write { written.bytes += $0 }
    #expect((written.bytes == (try bytes("a.pae.png"))) == true)
    // X is the tenth residue of the first chain.
    let values = (0..<n).map { $0 == 9 ? nil : Double(plddt[$0 * 37 + 1]) }
    let row = try #require(summaryRows(try scratch.text("out/summary.tsv")).first)
    let mean = try #require(Double(row[2]))
    let expected = ConfidencePlot(subject, plddt: values, mean: mean).svg()
    #expect(try scratch.text("out/a.plddt.svg") == String(decoding: expected, as: UTF8.self))
    #expect(ErrorPlot.digest(in: try bytes("a.pae.png")) == digest)
  }

  @Test("The line of a plot has the values of the table") func table() throws {
    #expect(try fold(Self.fasta, ["--plots", "--plddt"]).status == 0)
    let rows = try scratch.text("out/a.plddt.tsv").split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
    let svg = try scratch.text("out/a.plddt.svg")
    let path = try #require(svg.firstMatch(of: /id="plddt-line" d="([^"]*)"/)).output.1
    let heights = path.matches(of: /[ML][0-9.]+ ([0-9.]+)/).compactMap { Double($0.output.1) }
    let values = rows.compactMap { Double($0[2]) }
    try #require(heights.count == 20 && values.count == 20)
    // A straight line from 100 at the top to 0, 220 pixels below.
    for (height, value) in zip(heights, values) {
      #expect(abs(height - heights[0] + (value - values[0]) * 2.2) < 0.05)
    }
    #expect(path.count { $0 == "M" } == 2)
    // The header stays text.
    #expect(
      svg.contains(">a &quot;&gt;&lt;b&gt;\u{FFFD}&amp;</text>") && !svg.contains("<b>") && !svg.contains("\u{1}"))
  }

  @Test("What lacks is added, and the rest stays as it is", arguments: ["a.plddt.svg", "a.pae.png", "a.pdb"])
  func resumption(_ name: String) throws {
    #expect(try fold(Self.fasta, ["--plots"]).status == 0)
    let before = try bytes(name)
    try FileManager.default.removeItem(atPath: "\(out)/\(name)")
    #expect(try fold(Self.fasta, ["--plots"]).error.contains("folded 1, skipped 0, failed 0"))
    #expect((try bytes(name) == before) == true)
    #expect(try fold(Self.fasta, ["--plots"]).error.contains("folded 0, skipped 1, failed 0"))
    // An empty file is one of a disk that was full.
    _ = try scratch.file("out/" + name, "")
    #expect(try fold(Self.fasta, ["--plots"]).error.contains("folded 1, skipped 0, failed 0"))
    #expect((try bytes(name) == before) == true)
  }

  @Test("A picture of another fold, or of someone else, is an error", arguments: ["a.plddt.svg", "a.pae.png"])
  func others(_ name: String) throws {
    #expect(try fold(Self.fasta, ["--plots"]).status == 0)
    for other in scratch.names("out") where other != name {
      try FileManager.default.removeItem(atPath: "\(out)/\(other)")
    }
    let before = try bytes(name)
    for (fasta, options) in [
      (">a\n\(Self.other)\n", ["--plots"]), (Self.fasta, ["--plots", "-n", "1"]), (">a\n\(Self.other)\n", []),
    ] {
      let ran = try fold(fasta, options)
      let message =
        "a: \(out)/\(name): found a fold of another sequence, model or setting, expected that of this record"
      #expect(ran.status == 1 && ran.error.contains(message), "\(ran.error)")
    }
    #expect((try bytes(name) == before) == true)
    // The structure alone replaced: it is told of.
    let replaced = try fold(">a\n\(Self.other)\n", ["--overwrite"])
    let warning = "warning: a: \(out)/\(name): found a file of another fold beside the new one, expected none"
    #expect(replaced.status == 0 && replaced.error.contains(warning), "\(replaced.error)")
    #expect(try fold(">a\n\(Self.other)\n", ["--overwrite", "--plots"]).status == 0)
    #expect(try fold(">a\n\(Self.other)\n").error.contains("skipped 1, failed 0"))

    for text in ["mine\n", "<?xml version=\"1.0\"?>\n<svg/>\n", "\u{89}PNG\r\n\u{1A}\n"] {
      _ = try scratch.file("out/" + name, text)
      let foreign = try fold(">a\n\(Self.other)\n", ["--plots"])
      #expect(foreign.status == 1 && foreign.error.contains("a: \(out)/\(name): found another file, expected none"))
      #expect(try scratch.text("out/" + name) == text)
    }
  }

  @Test("Each sample has its pictures, passes have none") func samples() throws {
    let ran = try fold(Self.fasta, ["--plots", "--samples", "2", "--save-recycles", "-n", "1"])
    #expect(ran.status == 0, "\(ran.error)")
    let pictures = scratch.names("out").filter { $0.hasSuffix(".svg") || $0.hasSuffix(".png") }
    #expect(pictures == ["a.pae.png", "a.plddt.svg", "a.sample_2.pae.png", "a.sample_2.plddt.svg"])
    #expect(try scratch.text("out/a.sample_2.plddt.svg").contains(">pLDDT of a.sample_2</title>"))
  }
}
