// Why there is no report.

package import Platform

/// Why a report cannot be made.
package enum ReportError: Error {
  /// A folder that cannot be read, a file that cannot be written.
  case system(SystemError)
  case noResults(path: String)
}

extension ReportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error): error.sentence
    case .noResults(let path):
      "\(visiblePath(path)): found no results of fold, expected summary.tsv or structures (.pdb, .cif)"
        + "\nhint: give the folder that fold -o has written"
    }
  }
}
