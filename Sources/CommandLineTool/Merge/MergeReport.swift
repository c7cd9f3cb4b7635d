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
  /// - Throws: `ResultsError` when they are of another sequence, or damaged.
  func check(_ record: AskedRecord, of input: AskedInput) throws(ResultsError) {
    // A folder may have structures and arrays, whose records are read in two ways.
    for place in places where place.naming == input.naming && place.dialect == input.dialect {
      if case .other(let reason) = try place.state(of: record) { throw .otherInput(name: record.name, reason) }
    }
  }

  /// Tells of something that is not whole.
  ///
  /// - Parameter message: Where, what was found and what was expected.
  func lacks(_ message: String) {
    if isPartial {
      diagnostics.warning(message)
    } else {
      isIncomplete = true
      diagnostics.error(
        message
          + "\nhint: what is there was merged; esmfold status tells what is missing, --partial says that it may be"
      )
    }
  }
}
