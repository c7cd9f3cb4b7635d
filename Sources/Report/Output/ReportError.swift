// Why there is no report.

package import Platform

/// Why a report cannot be made.
package enum ReportError: Error {
  /// A folder that cannot be read, a file that cannot be written.
  case system(SystemError)
  case noResults(path: String)
  /// The page would replace a file that is none.
  case foreignFile(path: String)
}

extension ReportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error): error.sentence
    case .noResults(let path):
      "\(visiblePath(path)): found no results of fold, expected summary.tsv or structures (.pdb, .cif)"
        + "\nhint: give the folder that fold -o has written"
    case .foreignFile(let path):
      "\(visiblePath(path)): found another file, expected none, or a page to replace\nhint: choose another name"
    }
  }
}
