// Options of `fold` for records with several chains, and for the numbers of residues.

import ESMFoldKit
import Protein

/// How chains are put together and residues are numbered.
package struct ComplexOptions: Sendable {
  /// How often the chains of each record are there.
  package var copies = 1
  /// Letters between two chains; nil: those of Meta's program.
  package var linker: String?
  package var residueOffset = FoldRequest.defaultResidueOffset
  var numbering = FoldRequest.Numbering.chain
  package var residueIndex: ResidueIndex?

  private static let group = "Complexes and residue numbers"
  private static let mostCopies = 1000, longestLinker = 1000, largestOffset = 1_000_000

  static let copies = Option<ComplexOptions>(
    OptionDescription(
      name: "copies", form: .value("N", default: "1"), group: group,
      help: "fold each record as a complex of N copies of its chains"),
    .value { (values: inout ComplexOptions, text: String) throws(InvalidValue) in
      values.copies = try wholeNumber(text, atLeast: 1, atMost: mostCopies)
    })

  static let table: [Option<ComplexOptions>] = [
    copies,
    Option(
      OptionDescription(
        name: "chain-linker", form: .value("LETTERS|N", default: "25, as Meta's program has it"), group: group,
        help: "what the model reads between two chains: residues, or a number of glycines; it is in no result"),
      .value { (values: inout ComplexOptions, text: String) throws(InvalidValue) in values.linker = try linker(text) }),
    Option(
      OptionDescription(
        name: "residue-offset", form: .value("N", default: "\(FoldRequest.defaultResidueOffset)"), group: group,
        help: "what the trunk's residue numbers jump by from one chain to the next; 32 and more are all the same to "
          + "it"),
      .value { (values: inout ComplexOptions, text: String) throws(InvalidValue) in
        values.residueOffset = try wholeNumber(text, atLeast: 0, atMost: largestOffset)
      }),
    Option(
      OptionDescription(
        name: "numbering",
        form: .value(
          "HOW", completion: .choice(FoldRequest.Numbering.allCases.map(\.rawValue)),
          default: FoldRequest.Numbering.chain.rawValue),
        group: group,
        help:
          "the residue numbers in files: chain counts from 1 in each chain, model gives the trunk's numbers, which go "
          + "on from chain to chain as Meta's program writes them"),
      .value { (values: inout ComplexOptions, text: String) throws(InvalidValue) in
        guard let numbering = FoldRequest.Numbering(rawValue: text) else { throw InvalidValue("chain or model") }
        values.numbering = numbering
      }),
    Option(
      OptionDescription(
        name: "residue-index", form: .value("LIST|FILE", completion: .file), group: group,
        help: "the numbers of the residues where some are missing, for the trunk and for files: 1-50,61-120, with : "
          + "between chains (of the record, before --copies), for every record; or a file with a line NAME<TAB>LIST "
          + "for each record that has gaps"),
      .value { (values: inout ComplexOptions, text: String) throws(InvalidValue) in
        values.residueIndex = try ResidueIndex(text)
      }),
  ]

  private static func linker(_ text: String) throws(InvalidValue) -> String {
    let expected = "one-letter codes of amino acids, or a number of glycines up to \(longestLinker)"
    if text.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(text), count <= longestLinker, !text.isEmpty {
      return String(repeating: "G", count: count)
    }
    let isKnown = text.utf8.allSatisfy { letter in
      ResidueType(letter: letter) != .unknown || [UInt8(ascii: "X"), UInt8(ascii: "x")].contains(letter)
    }
    guard isKnown, !text.isEmpty, text.utf8.count <= longestLinker else { throw InvalidValue(expected) }
    return text.uppercased()
  }

  /// How many rows the model reads for a record.
  func length(_ record: FASTARecord) -> Int { request(record, numbers: nil, recycles: nil).lengthWithLinkers }

  /// What is asked of the model for a record.
  func request(_ record: FASTARecord, numbers: [[Int]]?, recycles: Int?) -> FoldRequest {
    func copied<Value>(_ values: [Value]) -> [Value] { (0..<copies).flatMap { _ in values } }
    var request = FoldRequest(chains: copied(record.chains), recycles: recycles)
    if let linker { request.chainLinker = linker }
    request.residueOffset = residueOffset
    request.residueNumbers = numbers.map(copied)
    request.numbering = numbering
    return request
  }
}
