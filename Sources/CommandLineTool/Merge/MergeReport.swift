// What a merge finds that is not whole, or not what the input asks for.

import Platform

/// Takes what lacks in results that are merged nevertheless.
final class MergeReport {
  let diagnostics: Diagnostics
  /// Whether somebody knows that something lacks.
  private let isPartial: Bool
  /// Whether something was found that must show in the exit status: the next job of a pipeline would take the rest for all.
  private(set) var isIncomplete = false

  /// Folders, tars and HDF5 files that are compared with the sequences of the input.
  var places: [any ResultPlace] = []

  init(_ diagnostics: Diagnostics, isPartial: Bool) {
    (self.diagnostics, self.isPartial) = (diagnostics, isPartial)
  }

  /// Compares results with a record of an input.
  ///
  /// - Returns: Whether its files are there; nil where no files belong to what is merged.
  /// - Throws: `ResultsError` when they are of another sequence, or damaged.
  func check(_ record: AskedRecord, of input: AskedInput) throws(ResultsError) -> Bool? {
    // A folder may have structures and arrays, whose records are read in two ways.
    let places = places.filter { $0.naming == input.naming && $0.dialect == input.dialect }
    var isThere = places.isEmpty ? nil : false
    for place in places {
      switch try place.state(of: record) {
      case .other(let reason): throw .otherInput(name: record.name, reason)
      case .finished, .failed: isThere = true
      case .missing: break
      }
    }
    return isThere
  }

  /// Tells of something that is not whole.
  ///
  /// - Parameters:
  ///   - message: Where, what was found and what was expected.
  ///   - advice: What can be done, beside `--partial`.
  func lacks(_ message: String, _ advice: String? = nil) {
    if isPartial {
      diagnostics.warning(message)
    } else {
      isIncomplete = true
      // esmfold status knows nothing of tables alone.
      let ways = [
        advice ?? (places.isEmpty ? nil : "esmfold status tells what is missing"),
        "--partial says that it may be missing",
      ]
      diagnostics.error(
        message + "\nhint: what is there was merged; " + ways.compactMap(\.self).joined(separator: ", "))
    }
  }
}
