// The files of a protein: which there are, what they are called, and how each is recognised and written.

import ESMFoldKit
import Pictures
import Platform
import Protein

/// A kind of result file, in the order in which they get their names: a structure comes last, so that it never exists
/// without the others.
enum FoldFile: CaseIterable {
  case plddt, scores, alignedErrors, tensors, confidencePlot, errorPlot, cif, pdb

  /// What follows the protein's name.
  ///
  /// ChimeraX pairs a structure with the JSON file of the longest common beginning, and with none where two are equally long:
  /// with the underscore, `NAME.pae.json` is always the longer one, for `NAME.pdb` and `NAME.cif`.
  var ending: String {
    switch self {
    case .plddt: ".plddt.tsv"
    case .scores: "_scores.json"
    case .alignedErrors: ".pae.json"
    case .tensors: ".tensors.h5"
    case .confidencePlot: ".plddt.svg"
    case .errorPlot: ".pae.png"
    case .cif: ".cif"
    case .pdb: ".pdb"
    }
  }

  /// How many bytes at the end of a file tell whether it is whole.
  private static let tailByteCount = 4096

  /// Whether a file ends as those of this kind do: one of which a copy was interrupted ends otherwise.
  ///
  /// - Parameter path: The file.
  /// - Returns: Also true where the library that reads the kind notices it.
  /// - Throws: `SystemError` when it cannot be read.
  func isWhole(at path: String) throws(SystemError) -> Bool {
    if self == .tensors { return true }
    let tail = try WholeFile.tail(path, Self.tailByteCount), lines = tail.split(separator: UInt8(ascii: "\n"))
    func isLine(_ line: ArraySlice<UInt8>, _ text: String) -> Bool {
      line.starts(with: text.utf8) && line.dropFirst(text.utf8.count).allSatisfy { $0 == UInt8(ascii: " ") }
    }
    return switch self {
    case .pdb: lines.contains { isLine($0, "END") }
    // Each category ends with it; the last ones have values of residues, or of pairs.
    case .cif: lines.last.map { isLine($0, "#") } == true && lines.dropLast().last.map(Self.isConfidence) == true
    case .plddt, .scores, .alignedErrors: tail.last == UInt8(ascii: "\n")
    case .confidencePlot: lines.last?.suffix(6).elementsEqual("</svg>".utf8) == true
    case .errorPlot: tail.dropLast(4).suffix(4).elementsEqual("IEND".utf8)
    case .tensors: true
    }
  }

  /// Whether a line of an mmCIF file is the confidence of a residue or a pair: numbers of the line and of the model, residues, the
  /// number of the measure and its value.
  private static func isConfidence(_ line: ArraySlice<UInt8>) -> Bool {
    let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    return fields.count >= 7 && fields.prefix(2).allSatisfy { Int($0) != nil }
      && fields.last.flatMap { Double($0) } != nil
  }

  /// Whether the file holds the structure.
  var isStructure: Bool { self == .pdb || self == .cif }

  /// The kinds that a run writes, in their order.
  static func kinds(for options: FoldOptions) -> [FoldFile] {
    allCases.filter { kind in
      switch kind {
      case .plddt: options.savesConfidence
      case .scores: options.savesScores
      case .alignedErrors: options.savesAlignedErrors
      case .tensors: options.savesTensors
      case .confidencePlot, .errorPlot: options.savesPlots
      case .cif: options.formats.contains(.cif)
      case .pdb: options.formats.contains(.pdb)
      }
    }
  }

  /// Writes a result into an empty file.
  func write(_ result: FoldResult, of job: Job, _ options: FoldOptions, to file: UnfinishedFile) throws {
    let append = { (piece: [UInt8]) in try OutputError.wrapping(try file.append(piece)) }
    switch self {
    case .plddt: try append(Array(ConfidenceTable.text(result.structure).utf8))
    case .scores: try result.writeScores(to: append)
    case .alignedErrors: try result.writeAlignedErrors(to: append)
    case .tensors:
      do {
        try result.writeTensors(to: file)
      } catch {
        throw OutputError(error)
      }
    case .confidencePlot: try append(result.confidencePlot(name: job.name, header: job.record.header).svg())
    case .errorPlot: try result.errorPlot(name: job.name, header: job.record.header).write(to: append)
    case .cif:
      try result.writeMMCIF(
        name: job.name, title: job.record.header, withAlignedErrors: options.cifHasAlignedErrors, to: append)
    case .pdb: try append(try result.pdb(title: job.record.header))
    }
  }
}
