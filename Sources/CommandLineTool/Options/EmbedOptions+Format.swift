// Which options of `embed` go together with which format.

extension EmbedOptions.Format {
  /// What separates the columns of a table; nil for other formats.
  var separator: TableText.Form? {
    switch self {
    case .h5, .npy: nil
    case .csv: .commas
    case .tsv: .tabs
    }
  }

  private var ending: FileEnding {
    switch self {
    case .h5: .hdf5
    case .npy: .folder
    case .csv: .csv
    case .tsv: .tsv
    }
  }

  /// Throws when the name of an output promises another format; the option that keeps the promise is named.
  func check(_ path: String?, _ option: OptionDescription) throws(UsageError) {
    try ending.check(path, option) { ending in
      switch ending {
      case "h5", "hdf5": "--format h5, the default, writes an HDF5 file"
      case "csv", "tsv": "--format \(ending) with --pool mean writes a table of vectors"
      case "npy": "--format npy writes a folder, with a NumPy file for each record"
      default: "--format has \(EmbedOptions.Format.allCases.map(\.rawValue).joined(separator: ", "))"
      }
    }
  }
}

extension EmbedOptions {
  /// Throws when the options cannot be combined, or the name of the output promises another format.
  func checkFormat(_ output: OptionDescription) throws(UsageError) {
    try format.check(self.output, output)
    let hasOneLayer =
      switch layers {
      case .last: true
      case .all: false
      case .list(let list): list.count == 1
      }
    if isFlat {
      guard format == .h5 else { throw .conflict("--flat: found --format \(format.rawValue), expected h5") }
      guard hasOneLayer, extras.isEmpty else {
        throw .conflict(
          "--flat: found \(hasOneLayer ? "--include" : "several --layers"), expected one layer and nothing else: "
            + "there is one dataset for each record")
      }
    }
    guard format.separator != nil else { return }
    guard pool != .none else {
      throw .conflict(
        "--format \(format.rawValue): found no --pool, expected mean, max or cls: a table has a line for each record"
          + "\nhint: --format h5 and npy store a vector for each residue")
    }
    guard extras.isEmpty else {
      throw .conflict(
        "--format \(format.rawValue): found --include, expected vectors alone\nhint: --format h5 and npy store the rest"
      )
    }
  }
}
