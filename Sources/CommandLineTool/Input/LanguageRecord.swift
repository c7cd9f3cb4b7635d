// A sequence for the language model and the name of its results.

import Protein

/// A record and its name in the results.
struct LanguageRecord: Sendable {
  /// Unique in the run: a file name, or the header's first word (`RecordSource.Naming`).
  let name: String
  let header: String
  /// Residues and tokens such as `<mask>`.
  let sequence: String
  /// `file:line: record "name"`, for messages.
  let place: String
}

extension LanguageRecord {
  init(_ record: FASTARecord, name: String) {
    self.name = name
    header = record.header
    sequence = String(decoding: record.sequence, as: UTF8.self)
    place = "\(FASTALocation(file: record.file, line: record.line, record: record.name))"
  }

  /// What identifies it among the results.
  var hash: UInt64 { ResultJournal.hash(name: name, sequence: sequence) }
}
