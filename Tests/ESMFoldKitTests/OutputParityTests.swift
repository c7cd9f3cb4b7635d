// Every field of the reference's output, with all iterations, against the reference.

import ESMFoldKit
import Folding
import Protein
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in another order, relative to a tensor's largest magnitude, as in `ParityTests`.
private let tolerance: Float = 2e-4

@Suite("Parity of all outputs") struct OutputParityTests {
  init() { Buffer.isPoisoned = true }

  /// A file of `Scripts/golden_outputs.py`.
  struct Case: CustomTestStringConvertible {
    let model: String, length: Int
    var testDescription: String { "\(model)/outputs-\(length)" }
  }

  static let cases = [
    ("folding-a", 2), ("folding-a", 131), ("folding-b", 2), ("folding-c", 5), ("folding-d", 5), ("folding-e", 131),
  ].map { Case(model: $0, length: $1) }

  private static func fold(_ golden: Case, _ kept: KeptOutputs, threads: Int = 2) throws -> FoldingModel.Output {
    let file = try Safetensors(Fixtures.path("folding/\(golden.model)/outputs-\(golden.length).safetensors"))
    let model = try FoldingModel(Golden.store(golden.model)), threads = Threads(threads)
    let residues = try #require(file.metadata["sequence"]).utf8.map(ResidueType.init(letter:))
    #expect(residues.count == golden.length)
    let passes = file.metadata["recycles"].flatMap { Int($0) }.map { $0 + 1 }
    return model.fold(
      model.read([ChainLayout(residues)], threads: threads)[0],
      passes: FoldingModel.Passes(passes ?? model.configuration.folding.trunk.defaultPasses), keeping: kept,
      threads: threads)
  }

  private static func values(_ array: FoldArray) -> [Float] {
    array.floats ?? (array.integers ?? []).map(Float.init)
  }

  @Test("Shapes and values", arguments: cases) func values(_ golden: Case) throws {
    let file = try Safetensors(Fixtures.path("folding/\(golden.model)/outputs-\(golden.length).safetensors"))
    let expected = Dictionary(uniqueKeysWithValues: try file.tensors().map { ($0.name, ($0.shape, $0.floats())) })
    let fields = try #require(try Self.fold(golden, .fields(Set(FoldField.allCases))).fields)
    // The reference has no other fields, and we have all of them.
    let names = Set(expected.keys.map { $0.split(separator: ".")[0] }.map(String.init))
    #expect(names == Set(FoldField.allCases.map(\.name)))
    for field in FoldField.allCases {
      let array = try #require(fields[field], "\(field)")
      var values = Self.values(array)
      if field == .plddt { values = values.map { $0 / 100 } }
      let shape: [Int], wanted: [Float]
      if let whole = expected[field.name] {
        (shape, wanted) = whole
      } else {
        shape = try #require(expected[field.name + ".shape"]).1.map { Int($0) }
        wanted = try #require(expected[field.name + ".fingerprint"]).1
        values = Self.fingerprint(values, rows: wanted.count / 2)
      }
      #expect(array.shape == shape, "\(field)")
      #expect((array.integers != nil) == (field.elementType == .int64))
      let closeness = Closeness(values, wanted)
      if field.unit == "index" || field.unit == "0 or 1" {
        #expect(closeness.maximum == 0, "\(field): \(closeness)")
      } else {
        #expect(closeness.isWithin(relative: tolerance), "\(field): \(closeness)")
      }
    }
  }

  /// Σ cos(k) x_k and Σ |x_k| of each row.
  private static func fingerprint(_ values: [Float], rows: Int) -> [Float] {
    let width = values.count / rows, weights = (0..<width).map { Cosines.values[$0] }
    return (0..<rows).flatMap { row in
      var weighted = 0.0, total = 0.0
      for k in 0..<width {
        weighted += weights[k] * Double(values[row * width + k])
        total += Double(abs(values[row * width + k]))
      }
      return [Float(weighted), Float(total)]
    }
  }

  @Test("Outputs that are kept change nothing, and their last iteration is the result") func same() throws {
    let golden = Case(model: "folding-a", length: 131)
    let plain = try Self.fold(golden, .tensors), all = try Self.fold(golden, .fields(Set(FoldField.allCases)))
    let fields = try #require(all.fields), tensors = try #require(plain.tensors)
    #expect(plain.fields == nil && all.tensors == nil && fields.iterations == 3)
    let isSame =
      plain.structure.positions == all.structure.positions && plain.confidence.ptm == all.confidence.ptm
      && plain.confidence.plddt == all.confidence.plddt
      && plain.confidence.predictedAlignedError == all.confidence.predictedAlignedError
    #expect(isSame)
    func isLast(_ field: FoldField, _ values: [Float]) -> Bool {
      fields[field]?.floats.map { Array($0.suffix(values.count)) == values } ?? false
    }
    for (field, values) in [
      (FoldField.positions, plain.structure.positions), (.angles, tensors.angles), (.frames, tensors.frames),
      (.sS, tensors.sS), (.sZ, tensors.sZ), (.distogramLogits, tensors.distogramLogits),
      (.lmLogits, tensors.lmLogits), (.plddt, plain.confidence.plddt),
    ] { #expect(isLast(field, values), "\(field)") }
    #expect(fields[.aatype]?.integers == tensors.aatype)
  }

  @Test("A field has the same values alone, and there is no other", arguments: FoldField.allCases)
  func alone(_ field: FoldField) throws {
    let golden = Case(model: "folding-d", length: 5)
    let all = try #require(try Self.fold(golden, .fields(Set(FoldField.allCases)), threads: 1).fields)
    let one = try #require(try Self.fold(golden, .fields([field])).fields)
    #expect(one.fields == [field] && one[field]?.shape == all[field]?.shape)
    #expect(one[field].map(Self.values) == all[field].map(Self.values))
  }

  @Test("Without some residues every axis over residues is shorter, and all else the same") func residues() throws {
    let fields = try #require(
      try Self.fold(Case(model: "folding-d", length: 5), .fields(Set(FoldField.allCases))).fields)
    let kept = [0, 1, 4]
    for field in FoldField.allCases {
      let from = try #require(fields[field])
      let to = from.keeping(residues: (0..<5).map(kept.contains), along: field.axes)
      // Each index of the shorter array, and the same place in the longer one.
      let values = Self.values(from), found = Self.values(to)
      #expect(to.shape == zip(from.shape, field.axes).map { $1 == .residues ? 3 : $0 })
      for index in found.indices {
        var rest = index, place = 0, stride = 1
        for (axis, extent) in zip(field.axes, to.shape).reversed() {
          let position = rest % extent
          rest /= extent
          place += (axis == .residues ? kept[position] : position) * stride
          stride *= axis == .residues ? 5 : extent
        }
        if found[index].bitPattern != values[place].bitPattern { Issue.record("\(field), \(index)"); break }
      }
    }
  }

  @Test("Nothing is asked for by an empty list") func nothing() throws {
    let output = try Self.fold(Case(model: "folding-c", length: 5), .fields([]))
    #expect(output.fields == nil && output.tensors == nil)
  }
}
