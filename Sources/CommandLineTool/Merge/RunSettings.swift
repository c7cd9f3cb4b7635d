// What structures that are merged must have in common, as those of a single run have.

import ESMFoldKit

/// The settings of the first structures, with which those of all others are compared.
final class RunSettings {
  private var known: [String: (value: String, path: String)] = [:]

  /// Compares what a structure says of how it was made.
  ///
  /// - Parameters:
  ///   - fold: What the file says.
  ///   - kind: A PDB file cuts long lines, an mmCIF file does not.
  ///   - path: The file.
  /// - Throws: `ResultsError.otherSettings`
  func check(_ fold: PDBProvenance, _ kind: FoldFile, _ path: String) throws(ResultsError) {
    for (setting, found) in fold.settingsOfRun.sorted(by: { $0.key < $1.key }) {
      let key = setting + kind.ending
      guard let first = known[key] else {
        known[key] = (found, path)
        continue
      }
      guard first.value == found else {
        throw .otherSettings(first: first.path, second: path, found: found, expected: first.value)
      }
    }
  }
}
