// The embedded model folds what it was trained to recall, with low confidence in everything else: the built program
// against experiment and against the reference's values (Tests/Fixtures/demo/manifest.tsv).

import Foundation
import TestSupport
import Testing

/// On the scale 0-100; the manifest's values are from float32 weights, ours are rounded to float16.
private let plddtTolerance = 0.5
/// The manifest has three decimals; the rest is float16.
private let ptmTolerance = 0.005
/// As above: the reference itself moves by 0.001 with float16 weights.
private let lddtTolerance = 0.02
/// A chain that the model has never seen must have low confidence.
private let doubtfulPLDDT = 30.0

/// One chain of the demo model's manifest.
private struct DemoChain {
  let title: String, name: String, sequence: String
  let wasTrainedOn: Bool
  /// The reference's values: 0-1, 0-100 over Cα, 0-1.
  let lddt: Double, meanPLDDT: Double, ptm: Double
  /// A fixture with the experimental Cα positions, for three of the chains.
  let structure: String?

  static func all() throws -> [DemoChain] {
    let text = try String(contentsOfFile: Fixtures.path("demo/manifest.tsv"), encoding: .utf8)
    return try text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t").map(String.init)
      try #require(fields.count == 11)
      let path = Fixtures.path("demo/\(fields[1].lowercased())_\(fields[2]).pdb")
      return DemoChain(
        title: fields[0], name: "\(fields[1])_\(fields[2])", sequence: fields[5], wasTrainedOn: fields[4] == "train",
        lddt: try #require(Double(fields[6])), meanPLDDT: try #require(Double(fields[8])),
        ptm: try #require(Double(fields[9])),
        structure: FileManager.default.fileExists(atPath: path) ? path : nil)
    }
  }
}

@Suite(.timeLimit(minutes: 20)) struct DemoFoldTests {
  private let scratch: ScratchFolder
  private var out: String { scratch.path + "/out" }

  init() throws {
    scratch = try ScratchFolder()
  }

  /// The repository's file that the README folds.
  private static let examples = repository + "/Examples"

  private func pdb(_ chain: DemoChain) throws -> PDBReader {
    try PDBReader(Data(contentsOf: URL(fileURLWithPath: "\(out)/\(chain.name).pdb")))
  }

  @Test func recallsWhatItWasTrainedOn() throws {
    let chains = try DemoChain.all().filter(\.wasTrainedOn)
    #expect(chains.count == 20)
    let ran = try Binary.fold([Self.examples + "/demo.fasta"], to: out)
    #expect(ran.status == 0)
    #expect(ran.error.contains(demoNotice))
    let rows = summaryRows(try scratch.text("out/summary.tsv"))
    #expect(rows.count == chains.count)
    #expect(scratch.names("out").count == chains.count + 1)

    var compared = 0
    for chain in chains {
      let atoms = try pdb(chain), mean = Self.meanBFactor(atoms)
      #expect(atoms.alphaCarbons.count == chain.sequence.count, "\(chain.title)")
      #expect(abs(mean - chain.meanPLDDT) <= plddtTolerance, "\(chain.title): pLDDT \(mean), \(chain.meanPLDDT)")
      let row = try #require(rows.first { $0[0] == chain.name }, "\(chain.title)")
      let ptm = try #require(Double(row[3]))
      #expect(abs(ptm - chain.ptm) <= ptmTolerance, "\(chain.title): pTM \(ptm), \(chain.ptm)")

      guard let path = chain.structure else { continue }
      let experiment = try PDBReader(Data(contentsOf: URL(fileURLWithPath: path)))
      #expect(experiment.alphaCarbons.count == chain.sequence.count)
      #expect(experiment.alphaCarbons.map(\.residueName) == atoms.alphaCarbons.map(\.residueName))
      let lddt = LDDT.caLDDT(model: atoms, reference: experiment)
      #expect(lddt >= chain.lddt - lddtTolerance, "\(chain.title): lDDT \(lddt), \(chain.lddt)")
      compared += 1
    }
    #expect(compared == 3)
  }

  @Test func doubtsWhatItHasNeverSeen() throws {
    let chains = try DemoChain.all().filter { !$0.wasTrainedOn }
    #expect(chains.count == 9)
    let fasta = chains.map { ">\($0.name) \($0.title)\n\($0.sequence)\n" }.joined()
    let ran = try Binary.fold([try scratch.file("unseen.fasta", fasta)], to: out, ["--quiet"])
    #expect(ran.status == 0)
    // The only message that --quiet does not silence.
    #expect(ran.error.contains(demoNotice))
    #expect(ran.error.split(separator: "\n").count == 1)
    for chain in chains {
      let mean = Self.meanBFactor(try pdb(chain))
      #expect(mean < doubtfulPLDDT, "\(chain.title): \(mean)")
      #expect(abs(mean - chain.meanPLDDT) <= plddtTolerance, "\(chain.title): \(mean), \(chain.meanPLDDT)")
    }
  }

  @Test func examplesHoldTheChainsOfTheManifest() throws {
    let chains = try DemoChain.all()
    let known = try Self.records("demo.fasta"), unknown = try Self.records("unknown.fasta")
    #expect(known == chains.filter(\.wasTrainedOn).map { [$0.name, $0.sequence] })
    #expect(!unknown.isEmpty)
    for record in unknown { #expect(chains.contains { !$0.wasTrainedOn && record == [$0.name, $0.sequence] }) }
  }

  private static func meanBFactor(_ atoms: PDBReader) -> Double {
    let values = atoms.alphaCarbons.map(\.bFactor)
    return values.reduce(0, +) / Double(values.count)
  }

  /// Name and sequence of each record of an example.
  private static func records(_ name: String) throws -> [[String]] {
    try String(contentsOfFile: "\(examples)/\(name)", encoding: .utf8).split(separator: ">").map { record in
      let lines = record.split(separator: "\n")
      return [String(lines[0].prefix { $0 != " " }), lines.dropFirst().joined()]
    }
  }
}
