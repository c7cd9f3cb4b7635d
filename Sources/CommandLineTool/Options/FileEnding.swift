// What the ending of an output's name promises, and whether the output keeps it.

import Platform

/// What a command is about to write.
enum FileEnding {
  case hdf5, csv, tsv, json, tar, folder
  /// A table, with commas if its name says so.
  case table

  /// Endings of names, and what may be written to a file with such a name; any other ending promises nothing.
  private static let promises: [String: [FileEnding]] = [
    "h5": [.hdf5], "hdf5": [.hdf5], "csv": [.csv, .table], "tsv": [.tsv, .table], "txt": [.csv, .tsv, .table, .json],
    "json": [.json], "jsonl": [.json], "tar": [.tar], "npy": [], "npz": [], "parquet": [], "pt": [], "xlsx": [],
    // Nothing is compressed.
    "gz": [], "tgz": [], "xz": [], "bz2": [], "zst": [], "lz4": [], "zip": [],
  ]

  private var name: String {
    switch self {
    case .hdf5: "a name for an HDF5 file, FILE.h5"
    case .csv: "a name for a table with commas, FILE.csv"
    case .tsv: "a name for a table with tabs, FILE.tsv"
    case .json: "a name for JSON, FILE.json"
    case .tar: "a name for a tar, FILE.tar"
    case .table: "a name for a table, FILE.tsv or FILE.csv"
    case .folder: "a name for a folder"
    }
  }

  /// Throws when the name of an output promises something else: programs go by names, and so do people.
  ///
  /// - Parameters:
  ///   - path: the output; nil or `-` for standard output.
  ///   - option: the option that gave it.
  ///   - hint: what makes the command write what the name promises, by its ending; nil where nothing does.
  /// - Throws: `UsageError.badValue`.
  func check(
    _ path: String?, _ option: OptionDescription, hint: (_ ending: String) -> String? = { _ in nil }
  ) throws(UsageError) {
    guard let path, let dot = path.lastComponent.lastIndex(of: ".") else { return }
    let ending = path.lastComponent[dot...].dropFirst().lowercased()
    guard let promised = Self.promises[ending], !promised.contains(self) else { return }
    throw .badValue(
      option: option, source: option.flag, found: path,
      expected: name + (hint(ending).map { "\nhint: \($0)" } ?? ""))
  }
}
