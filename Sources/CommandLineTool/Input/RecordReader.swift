// Reads all FASTA inputs of a run: the records with names for their results, and what is wrong with the others.

import Protein

package struct RecordReader: Sendable {
  private var records: [FASTARecord] = []
  /// Records and files that cannot be used, in the order of the input.
  package private(set) var failures: [BadInput] = []

  package init() {}

  /// The records that can be used, in the order of the input, with names that are unique over all files.
  package var jobs: [Job] {
    zip(records, UniqueNames.all(records.map { FileName.sanitized($0.name) })).map { Job(record: $0, name: $1) }
  }

  /// Read one file (`-` is standard input); bad records are reported and never stop the others.
  package mutating func read(_ path: String, _ diagnostics: Diagnostics) {
    var parser = FASTAParser(file: InputFile.displayName(path))
    do throws(InputError) {
      try InputFile.read(path) { piece in
        parser.push(piece)
        take(&parser, diagnostics)
      }
      parser.finish()
      take(&parser, diagnostics)
    } catch {
      // The current record may be cut off, so it is dropped.
      fail(nil, error.description, diagnostics)
    }
  }

  private mutating func take(_ parser: inout FASTAParser, _ diagnostics: Diagnostics) {
    while let item = parser.next() {
      switch item {
      case .success(let record):
        for warning in record.warnings { diagnostics.warning(warning.description) }
        records.append(record)
      case .failure(let error):
        fail(error.record.map(FileName.sanitized), error.description, diagnostics)
      }
    }
  }

  private mutating func fail(_ name: String?, _ message: String, _ diagnostics: Diagnostics) {
    diagnostics.error(message)
    failures.append(BadInput(name: name, message: message))
  }
}

extension FASTAError {
  /// The name of the record concerned; nil where it is the whole file.
  fileprivate var record: String? {
    switch self {
    case .noRecords, .notText: nil
    case .noResidues(let location), .character(_, _, let location), .token(_, _, let location),
      .severalChains(_, _, let location), .tooLong(_, let location),
      .nucleotides(_, let location):
      location.record
    }
  }
}
