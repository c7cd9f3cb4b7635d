// Complexes, gaps in the numbering and masked folds against the reference (Scripts/golden_complexes.py).

import ESMFoldKit
import Folding
import Protein
import Tensors
import TestSupport
import Testing
import Weights

/// As for single chains (`ParityTests`).
private let activationTolerance: Float = 2e-4
private let coordinateTolerance: Float = 0.002
private let plddtTolerance: Float = 0.02
/// Å; four times the float32 sums of 64 bins.
private let errorTolerance: Float = 0.001
/// Scores between 0 and 1 follow from probabilities and distances of these accuracies.
private let scoreTolerance: Float = 2e-4

@Suite("Parity of complexes") struct ComplexParityTests {
  init() { Buffer.isPoisoned = true }

  private static let names = ["two", "three", "same", "linker", "gaps", "masked", "masked-two"]

  /// A golden file and what it asks for.
  private struct Case {
    let file: Safetensors, values: [String: [Float]]
    let request: FoldRequest

    init(_ name: String) throws {
      let file = try Safetensors(Fixtures.path("folding/complexes/\(name).safetensors"))
      self.file = file
      values = try file.allValues()
      func text(_ key: String) throws -> String { try #require(file.metadata[key]) }
      var request = FoldRequest(sequence: try text("sequence"), recycles: Int(try text("recycles")))
      request.linker = try text("linker").utf8.map(ResidueType.init(letter:))
      request.residueOffset = try #require(Int(try text("offset")))
      let numbers = try text("numbers").split(separator: ",").compactMap { Int($0) }
      if !numbers.isEmpty { request.residueNumbers = [numbers] }
      let masked = try text("masked").split(separator: ",").compactMap { Int($0) }
      if !masked.isEmpty { request.mask = LanguageMask(rows: masked) }
      self.request = request
    }

    func expected(_ name: String) throws -> [Float] { try #require(values[name], "no \(name)") }
  }

  @Test("Structure and confidence", arguments: names) func folds(_ name: String) throws {
    let golden = try Case(name)
    let imported = try ImportedModel("folding-a")
    let result = try imported.model().fold(golden.request, keeping: .tensors)
    let tensors = try #require(result.tensors)
    func difference(_ found: [Float], _ key: String, scale: Float = 1) throws -> Float {
      let expected = try golden.expected(key).map { $0 * scale }
      #expect(found.count == expected.count, "\(key)")
      return Closeness(found, expected).maximum
    }
    #expect(try difference(result.positions, "positions") <= coordinateTolerance)
    #expect(try difference(result.plddt, "plddt", scale: 100) <= plddtTolerance)
    #expect(try difference(result.predictedAlignedError, "predicted_aligned_error") <= errorTolerance)
    #expect(try difference([result.ptm], "ptm") <= scoreTolerance)
    #expect(try tensors.residueIndex.map(Float.init) == golden.expected("residue_index"))
    for (found, key) in [(tensors.sS, "s_s"), (tensors.lmLogits, "lm_logits")] {
      #expect(Closeness(found, try golden.expected(key)).isWithin(relative: activationTolerance), "\(key)")
    }
    // Nothing of a linker is left.
    let length = golden.request.length
    #expect(result.length == length && tensors.aatype.count == length)
    #expect(tensors.sZ.count == length * length * tensors.zWidth && tensors.angles.count == 14 * length)
    #expect(tensors.distogramLogits.count == length * length * 64 && tensors.frames.count == 7 * length)
  }

  @Test("Scores of interfaces", arguments: names) func interfaces(_ name: String) throws {
    let golden = try Case(name)
    let result = try ImportedModel("folding-a").model().fold(golden.request)
    guard golden.request.chains.count > 1 else {
      #expect(result.complex == nil)
      return
    }
    let complex = try #require(result.complex), count = golden.request.chains.count
    #expect(Closeness([complex.iptm], try golden.expected("iptm")).maximum <= scoreTolerance)
    #expect(
      complex.pairs.map { [$0.first, $0.second] } == (0..<count).flatMap { a in (a + 1..<count).map { [a, $0] } })
    for pair in complex.pairs {
      let there = pair.first * count + pair.second, back = pair.second * count + pair.first
      func isClose(_ found: Float, _ key: String, _ place: Int, _ tolerance: Float) throws {
        let expected = try golden.expected(key)[place]
        #expect(abs(found - expected) <= tolerance, "\(name) \(key) \(pair): \(expected)")
      }
      try isClose(pair.iptm, "pair_iptm", there, scoreTolerance)
      try isClose(pair.meanErrorOfSecond, "pair_pae", there, errorTolerance)
      try isClose(pair.meanErrorOfFirst, "pair_pae", back, errorTolerance)
      try isClose(pair.pDockQ, "pdockq", there, scoreTolerance)
      try isClose(pair.ipSAEOfSecond, "ipsae", there, scoreTolerance)
      try isClose(pair.ipSAEOfFirst, "ipsae", back, scoreTolerance)
    }
    let ranking = 0.8 * (try golden.expected("iptm")[0]) + 0.2 * (try golden.expected("ptm")[0])
    #expect(abs(complex.ranking(ptm: result.ptm) - ranking) <= scoreTolerance)
  }

  @Test("Every output has the rows of chains alone", arguments: ["three", "masked-two"])
  func fields(_ name: String) throws {
    let golden = try Case(name), model = try ImportedModel("folding-a").model(), length = golden.request.length
    let tensors = try model.fold(golden.request, keeping: .tensors)
    let result = try model.fold(golden.request, keeping: .fields(Set(FoldField.allCases)))
    let fields = try #require(result.fields), plain = try #require(tensors.tensors)
    #expect(fields.fields == Set(FoldField.allCases))
    for field in FoldField.allCases {
      let shape = try #require(fields[field]?.shape)
      #expect(zip(field.axes, shape).allSatisfy { $0 != .residues || $1 == length }, "\(field): \(shape)")
    }
    for (field, values) in [
      (FoldField.sS, plain.sS), (.sZ, plain.sZ), (.distogramLogits, plain.distogramLogits), (.plddt, result.plddt),
      (.predictedAlignedError, result.predictedAlignedError), (.lmLogits, plain.lmLogits),
    ] {
      let isSame = fields[field]?.floats == values
      #expect(isSame, "\(field)")
    }
    let isLast = fields[.positions]?.floats?.suffix(length * 42).elementsEqual(result.positions) ?? false
    #expect(isLast && fields[.residueIndex]?.integers == plain.residueIndex)
  }

  @Test(
    "Read together with others, and on one thread, a complex has the same bits",
    .needsOwnSums)
  func together() throws {
    let golden = try Case("masked-two"), imported = try ImportedModel("folding-a")
    let model = try imported.model(), one = try imported.model(threads: 1)
    let others = [FoldRequest(sequence: "MKTAYI"), golden.request, FoldRequest(sequence: "GG:A")]
    let states = model.read(others)
    let alone = try one.fold(golden.request), read = try model.fold(golden.request, states: states[1])
    #expect(alone.positions == read.positions && alone.plddt == read.plddt && alone.complex == read.complex)
  }

  @Test("What cannot be folded is refused") func refusals() throws {
    let model = try ImportedModel("folding-a").model()
    func message(_ request: FoldRequest) -> String {
      (#expect(throws: ModelError.self) { try model.fold(request) })?.message ?? ""
    }
    #expect(message(FoldRequest(sequence: "MK::GG")) == "found no residues, expected at least one")
    var request = FoldRequest(sequence: "MK:GGA")
    request.residueNumbers = [[1, 2]]
    #expect(message(request) == "residue numbers: found those of 1 chain, expected 2")
    request.residueNumbers = [[1, 2], [1, 2]]
    #expect(message(request) == "residue numbers of chain 2: found 2, expected 3, one for each residue")
    request.residueNumbers = [[1, 2], [4, 4, 5]]
    #expect(message(request) == "residue numbers of chain 2: found 4 after 4, expected ascending numbers")
    let long = String(repeating: "A", count: 200_000)
    #expect(
      message(FoldRequest(sequence: long + ":" + long)).hasPrefix(
        "memory: 400025 residues, 25 of them in linkers between chains, need"))
  }
}
