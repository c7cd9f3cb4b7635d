// Which files a fold writes: formats of the structure, and tables, JSON and pictures of confidence.

import Platform

extension FoldOptions {
  /// A format of structures.
  package enum Format: String, CaseIterable, Sendable {
    case pdb, cif
  }

  /// The formats of the structures; never empty. A report offers both.
  package var formats: Set<Format> { chosenFormats ?? (makesReport ? [.pdb, .cif] : [.pdb]) }

  /// Whether predicted aligned errors are written as JSON. A report shows them.
  package var savesAlignedErrors: Bool { choosesAlignedErrors ?? makesReport }

  static let format = Option<FoldOptions>(
    OptionDescription(
      name: "format",
      form: .value("LIST", completion: .choice(["pdb", "cif", "pdb,cif"]), default: Format.pdb.rawValue),
      group: "Input and output",
      help: "the formats of the structures: pdb (NAME.pdb), cif (NAME.cif, which is mmCIF with the categories of "
        + "ModelCIF), or pdb,cif for both"),
    .value { (values: inout FoldOptions, text: String) throws(InvalidValue) in
      var formats: Set<Format> = []
      for name in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let format = Format(rawValue: String(name)), formats.insert(format).inserted else {
          let hint = ["mmcif", "CIF", "mmCIF", "PDB"].contains(String(name)) ? "\nhint: the names are pdb and cif" : ""
          throw InvalidValue("pdb, cif, or both with a comma between them, each once" + hint)
        }
      }
      values.chosenFormats = formats
    })

  static let report = Option<FoldOptions>(
    OptionDescription(
      name: "report", form: .negatable(), group: "Input and output",
      help:
        "at the end, make DIR/report.html, a page that shows all results of the folder; unless --format or --no-pae "
        + "is given, also write what it offers: mmCIF and predicted aligned errors"),
    .flag { $0.makesReport = $1 })

  static let confidence: [Option<FoldOptions>] = [
    Option(
      OptionDescription(
        name: "pae", form: .negatable(), group: "Input and output",
        help: "also write NAME.pae.json: the predicted aligned error of each pair of residues, in the form of the "
          + "AlphaFold database"),
      .flag { $0.choosesAlignedErrors = $1 }),
    Option(
      OptionDescription(
        name: "cif-pae", form: .negatable(), group: "Input and output",
        help:
          "with --format cif: also the predicted aligned errors in NAME.cif, a line for each pair of residues, where "
          + "ChimeraX and Mol* find them; for short proteins"),
      .flag { $0.cifHasAlignedErrors = $1 }),
    Option(
      OptionDescription(
        name: "scores", form: .negatable(), group: "Input and output",
        help: "also write NAME_scores.json: pLDDT, predicted aligned error and pTM under ColabFold's names"),
      .flag { $0.savesScores = $1 }),
    Option(
      OptionDescription(
        name: "plddt", form: .negatable(), group: "Input and output",
        help: "also write NAME.plddt.tsv: a line for each residue with its number, its letter and the pLDDT of its "
          + "alpha carbon, 0-100"),
      .flag { $0.savesConfidence = $1 }),
    Option(
      OptionDescription(
        name: "plots", form: .negatable(), group: "Input and output",
        help:
          "also write pictures of the confidence: NAME.plddt.svg, pLDDT along the sequence, and NAME.pae.png, a map "
          + "of the predicted aligned errors, both in the colours of the AlphaFold database"),
      .flag { $0.savesPlots = $1 }),
  ]

  /// Whether an output is a tar.
  static func isTar(_ output: String) -> Bool { output.lowercased().hasSuffix(".tar") }

  private static let compressed = [".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".tar.lz4"]

  /// Throws when the output cannot be what its name says.
  func checkOutput(_ output: String) throws(UsageError) {
    if let ending = Self.compressed.first(where: output.lowercased().hasSuffix) {
      throw .badValue(
        option: Self.output, source: Self.output.flag, found: output,
        expected:
          "a folder, or a tar: FILE.tar\nhint: nothing can be appended to \(ending); compress the tar when it is done")
    }
    guard makesReport, Self.isTar(output) else { return }
    throw .conflict(
      "--report: found -o \(visiblePath(output)), expected a folder: a report is made of one"
        + "\nhint: when the tar is done, unpack it (`tar xf`), and `esmfold report DIR` makes the report; --format pdb,cif "
        + "--pae writes what it offers")
  }

  /// Throws when what is asked for cannot go together.
  func checkFormats() throws(UsageError) {
    guard cifHasAlignedErrors, !formats.contains(.cif) else { return }
    throw .conflict(
      "--cif-pae: found --format pdb, expected cif among the formats"
        + "\nhint: --format cif or --format pdb,cif; --pae writes the same to a file of its own")
  }
}
