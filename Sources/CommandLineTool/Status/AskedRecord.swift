// A record of the input whose results are looked for.

import ESMFoldKit
import Platform
import Protein

/// A record and the name of its results.
struct AskedRecord {
  let name: String
  /// nil for a record that cannot be read.
  let record: FASTARecord?
  /// What is wrong with it; nil where nothing is.
  let problem: String?
  /// How often its chains are there.
  let copies: Int

  /// What a file of its results is found by.
  var nameHash: UInt64 {
    var name = name
    return name.withUTF8 { shortHash(of: UnsafeRawBufferPointer($0)) }
  }

  /// Residues of all chains.
  var length: Int? { record.map { $0.sequence.count.multipliedReportingOverflow(by: copies).partialValue } }

  /// The hash of the whole header as tables write it.
  var headerHash: UInt64? {
    guard var header = record?.header else { return nil }
    let isPlain = header.withUTF8 { $0.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") } }
    var written = isPlain ? header : TableField.escaped(header)
    return written.withUTF8 { shortHash(of: UnsafeRawBufferPointer($0)) }
  }

  /// The residues as they are folded.
  var foldedSequence: String? {
    record.map { ComplexOptions.sequence(of: $0, copies: copies) }
  }

  /// What identifies it among results of language models.
  var recordHash: UInt64? {
    record.map { record in
      record.sequence.withUnsafeBytes { sequence in
        // As `ResultJournal.hash`: name, a zero, sequence.
        withUnsafeBytes(of: UInt8(0)) { zero in
          shortHash(of: sequence, after: shortHash(of: zero, after: nameHash))
        }
      }
    }
  }
}

extension ComplexOptions {
  /// The residues of a record as they are folded, with `:` between chains.
  static func sequence(of record: FASTARecord, copies: Int) -> String {
    var options = ComplexOptions()
    options.copies = copies
    return options.request(record, numbers: nil, recycles: nil).sequence
  }
}
