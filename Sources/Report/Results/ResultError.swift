// Why the results of a protein cannot be shown.

package import Platform
package import Protein

/// Why results that are there cannot be read. The protein's line in the report says it; the others are shown.
package enum ResultError: Error {
  /// A file of the system.
  case system(SystemError)
  case noStructure
  case structure(path: String, StructureTextError)
  /// Aligned errors, by the byte of the file where it is wrong.
  case errors(byte: Int, String)
  /// Aligned errors of other residues.
  case size(errors: Int, residues: Int)
  /// Two files of one name that were made of different things.
  case otherFold(String, String)
}

extension ResultError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error): error.renamed(path: error.path.lastComponent).sentence
    case .noStructure: "found no structure (.pdb or .cif), expected that of a finished fold"
    case .structure(let path, let error): "\(path): \(error)"
    case .errors(let byte, let found): "byte \(byte): \(found)"
    case .size(let errors, let residues): "found the errors of \(errors) residues, expected those of \(residues)"
    case .otherFold(let path, let other): "\(path): found a file of another fold, expected that of \(other)"
    }
  }
}
