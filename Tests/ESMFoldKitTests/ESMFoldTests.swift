// What the library promises about a fold: passes, progress, limits, and no results that are not finite.

import ESMFoldKit
import Folding
import Foundation
import Protein
import Tensors
import TestSupport
import Testing
import Weights

@Suite("ESMFold") struct ESMFoldTests {
  init() { Buffer.isPoisoned = true }

  private static let sequence = "MKXVRQWYHFWRG"

  // === Passes ===

  /// The goldens of folding-a's 13 residues: one pass, and the configuration's three.
  @Test(
    "The requested recycles are run, else the model's own number", arguments: [(0, "L13-r0"), (nil, "L13-rdefault")])
  func passes(_ recycles: Int?, _ golden: String) throws {
    let model = try ImportedModel("folding-a").model()
    #expect(model.defaultRecycles == 2)
    let result = try model.fold(FoldRequest(sequence: Self.sequence, recycles: recycles))
    #expect(result.passes == (recycles ?? 2) + 1)
    let expected = try Golden(model: "folding-a", name: golden).open().allValues()
    let positions = Closeness(result.positions, try #require(expected["positions"]))
    #expect(positions.isWithin(relative: 1e-4), "\(positions)")
    let ptm = Closeness([result.ptm], try #require(expected["ptm"]))
    #expect(ptm.isWithin(relative: 1e-4), "\(ptm)")
    // The same if requested explicitly.
    let asked = try model.fold(FoldRequest(sequence: Self.sequence, recycles: recycles ?? 2))
    #expect(asked.positions == result.positions)
  }

  @Test("Progress is reported before the first block and after every block, timings for every stage") func progress()
    throws
  {
    let model = try ImportedModel("folding-a").model()
    var heard: [FoldProgress] = []
    let result = try model.fold(FoldRequest(sequence: "MKX", recycles: 1)) { heard.append($0) }
    #expect(heard.allSatisfy { $0.passes == 2 && $0.blocks == 2 })
    #expect(heard.map { [$0.pass, $0.block] } == [[1, 0], [1, 1], [1, 2], [2, 1], [2, 2]])
    let stages = result.timings.map { "\($0.stage) \($0.pass)" }
    #expect(stages == ["language-model 0", "trunk 0", "structure 0", "trunk 1", "structure 1", "heads 0"])
    #expect(result.timings.allSatisfy { $0.seconds >= 0 && $0.seconds <= result.seconds })
  }

  @Test("Excessive recycles are refused") func recycles() throws {
    let model = try ImportedModel("folding-c").model()
    for recycles in [-1, FoldRequest.maximumRecycles + 1] {
      let request = FoldRequest(sequence: "A", recycles: recycles)
      let error = #expect(throws: ModelError.self) { try model.fold(request) }
      guard case .recycles(recycles) = error else {
        Issue.record("\(recycles): \(String(describing: error))")
        continue
      }
    }
    #expect(FoldRequest.maximumRecycles == 1000)
    let result = try model.fold(FoldRequest(sequence: "A", recycles: FoldRequest.maximumRecycles))
    #expect(result.passes == 1001)
  }

  @Test("A model without a default number of passes needs an explicit one") func noPasses() throws {
    let model = try ImportedModel("folding-c") { configuration, _ in
      configuration = configuration.replacingOccurrences(of: "\"max_recycles\": 1", with: "\"max_recycles\": 0")
    }.model()
    let error = #expect(throws: ModelError.self) { try model.fold(FoldRequest(sequence: "AG")) }
    guard case .noPasses = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try model.fold(FoldRequest(sequence: "AG", recycles: 0)).passes == 1)
  }

  // === Limits ===

  @Test("A sequence that cannot be folded is refused, and left out of batches") func limits() throws {
    // folding-b has learned positions for 61 tokens after its padding: one less for each of the padding index and 0.
    let model = try ImportedModel("folding-b").model()
    let longest = try #require(try FoldingModel(Golden.store("folding-b")).maximumLength)
    #expect(longest == 61 - 2 - 2)
    let good = String(repeating: "A", count: longest)
    let states = model.read(["", good, good + "A", "MK"].map { FoldRequest(sequence: $0) })
    #expect(states.map { $0 == nil } == [true, false, true, false])
    #expect(try model.fold(FoldRequest(sequence: good, recycles: 0)).length == longest)
    let tooLong = #expect(throws: ModelError.self) { try model.fold(FoldRequest(sequence: good + "A")) }
    guard case .tooLong(longest + 1, 0, longest) = tooLong else {
      Issue.record("\(String(describing: tooLong))")
      return
    }
    let empty = #expect(throws: ModelError.self) { try model.fold(FoldRequest(sequence: "")) }
    guard case .emptySequence = empty else {
      Issue.record("\(String(describing: empty))")
      return
    }
    #expect(try FoldingModel(Golden.store("folding-a")).maximumLength == nil)
  }

  @Test("Proteins read in a batch fold as when read alone") func states() throws {
    let model = try ImportedModel("folding-a").model()
    let requests = ["MKXVRQW", "GG"].map { FoldRequest(sequence: $0, recycles: 0) }
    for (request, states) in zip(requests, model.read(requests)) {
      #expect(states != nil)
      let alone = try model.fold(request), together = try model.fold(request, states: states)
      #expect(alone.positions == together.positions && alone.plddt == together.plddt)
    }
  }

  @Test("States of a different protein are not folded") func foreignStates() async {
    await #expect(processExitsWith: .failure) {
      let model = try ImportedModel("folding-c").model()
      let states = model.read([FoldRequest(sequence: "AG")])
      _ = try model.fold(FoldRequest(sequence: "GA", recycles: 0), states: states[0])
    }
  }

  @Test("Letters are folded as documented, and tensors are kept only on request") func result() throws {
    let model = try ImportedModel("folding-a").model()
    let request = FoldRequest(sequence: "mkBw", recycles: 0)
    #expect(request.sequence == "MKXW" && request.length == 4)
    #expect(request == FoldRequest(chains: ["MKXW".utf8.map(ResidueType.init(letter:))], recycles: 0))
    let result = try model.fold(request, keeping: .tensors)
    #expect(result.sequence == "MKXW" && result.length == 4)
    let tensors = try #require(result.tensors)
    #expect(tensors.aatype == [12, 11, 20, 17] && tensors.residueIndex == [0, 1, 2, 3])
    #expect(tensors.sWidth == 24 && tensors.sS.count == 4 * 24)
    #expect(tensors.zWidth == 12 && tensors.sZ.count == 16 * 12)
    // The mean is over existing atoms: X has none.
    let atoms = (0..<4 * 37).filter { index in
      let type = [12, 11, 20, 17][index / 37]
      return ResidueType(index: type).map { ResidueConstants.exists(atomType: index % 37, in: $0) } ?? false
    }
    #expect(atoms.count == 8 + 9 + 14)
    let mean = atoms.reduce(0) { $0 + Double(result.plddt[$1]) } / Double(atoms.count)
    #expect(abs(Double(result.meanPLDDT) - mean) < 1e-3)
    #expect(try model.fold(FoldRequest(sequence: "MKXW", recycles: 0)).tensors == nil)
  }

  // === Values that are not finite ===

  /// folding-c with all values of a tensor 3e38: weights are finite, so the file is accepted; sums are not.
  private static func overflowing(_ name: String) throws -> FoldResult {
    let imported = try ImportedModel("folding-c") { _, weights in
      let tensor = try #require(try Golden.store("folding-c").tensorsInOrder.first { $0.name == name })
      let place = try #require(weights.range(of: Data(tensor.bytes)))
      let huge = (0..<tensor.count).flatMap { _ in withUnsafeBytes(of: Float(3e38).bitPattern.littleEndian, Array.init)
      }
      weights.replaceSubrange(place, with: huge)
    }
    return try imported.model().fold(FoldRequest(sequence: "MK", recycles: 0))
  }

  @Test(
    "A structure or a confidence that is not finite has no PDB file",
    arguments: ["trunk.structure_module.bb_update.linear.bias", "lddt_head.2.weight"])
  func notFinite(_ name: String) throws {
    let result = try Self.overflowing(name)
    let error = #expect(throws: PDBError.self) { try result.pdb() }
    #expect("\(try #require(error))".contains("MET"))
    let other = #expect(throws: MMCIFError.self) { try result.mmCIF(name: "a", title: "") }
    #expect(
      "\(try #require(other))".hasPrefix(name.hasPrefix("lddt") ? "pLDDT: found " : "chain A, residue 1 (MET)"))
  }

  @Test("Confidences of logits that are not finite are NaN") func confidences() throws {
    let pairs = try Self.overflowing("ptm_head.weight")
    #expect(pairs.ptm.isNaN && pairs.predictedAlignedError.contains(where: \.isNaN))
    #expect(pairs.positions.allSatisfy(\.isFinite) && pairs.plddt.allSatisfy(\.isFinite))
    #expect(throws: ConfidenceError.self) { try pairs.alignedErrorJSON() }
    #expect(throws: ConfidenceError.self) { try pairs.scoresJSON() }
    let atoms = try Self.overflowing("lddt_head.2.weight")
    #expect(atoms.plddt.contains(where: \.isNaN) && atoms.ptm.isFinite)
  }
}
