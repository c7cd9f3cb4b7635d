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
