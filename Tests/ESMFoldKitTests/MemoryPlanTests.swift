// The memory plan against the actual use of a fold, and against numbers computed by hand.

import ESM2
import ESMFoldKit
import Folding
import Foundation
import Glibc
import Protein
import Synchronization
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Memory plan") struct MemoryPlanTests {
  /// Alignment rounds buffers and windows up by at most this much in total.
  static let slack = 1 << 16

  private static func bytes(_ name: String, of plan: MemoryPlan) throws -> Int {
    try #require(plan.stages.first { $0.name == name }).bytes
  }

  // Measured in separate processes: other tests allocate at the same time.

  @Test("The trunk's activations match the memory of a fold", arguments: Precision.allCases, [1, 2])
  func trunk(_ precision: Precision, _ threads: Int) async throws {
    try await Handed.over(precision.rawValue, threads) {
      await #expect(processExitsWith: .success) {
        let (precisionName, threads) = try Handed.taken(String.self, Int.self)
        let precision = Precision(rawValue: precisionName) ?? .float32
        let length = 150
        let model = try FoldingModel(Golden.store("folding-e"), precision: precision)
        let residues = [ResidueType](repeating: .unknown, count: length)
        let states = model.read([ChainLayout(residues)], threads: Threads(threads))[0]
        let before = Buffer.allocatedBytes
        var found = 0
        _ = model.fold(states, passes: FoldingModel.Passes(1), keeping: .structure, threads: Threads(threads)) { _ in
          found = max(found, Buffer.allocatedBytes - before)
        }
        // The aligned errors and their scores coexist, but not at the end of any step; then the errors are copied. The
        // states were there before.
        let results =
          MemoryPlanTests.heldByAlignedError(length: length) + length * length * 4
          + length * model.configuration.languageModel.hiddenSize * 4
        let promised = MemoryPlan.activations(
          model.configuration, length: length, precision: precision, threads: threads, keeping: .structure)
        precondition(
          abs((promised ?? 0) - found - results) <= MemoryPlanTests.slack,
          "held \(found) and \(results), promised \(promised ?? 0)")
      }
    }
  }

  /// Memory of the heads while they process pairs, besides their scratch.
  static func heldByAlignedError(length: Int) -> Int {
    let scratch = Scratch(workers: 1, floats: ConfidenceHeads.scratchFloats)
    let layout = ChainLayout([ResidueType](repeating: .unknown, count: length))
    let before = Buffer.allocatedBytes
    let held = Mutex(0)
    _ = ConfidenceHeads.alignedError(of: layout, scratch: scratch, threads: Threads(1)) { _, _, rows in
      rows.fill(0)
      held.withLock { $0 = max($0, Buffer.allocatedBytes - before) }
    }
    return held.withLock { $0 }
  }

  @Test("In float32 the products of the sequence track are read from the file, all else is converted") func weights()
    throws
  {
    var expected = 0, converted = 0
    for tensor in try ModelLocation.demo.open().tensorsInOrder
    where !tensor.name.hasPrefix("esm.") && tensor.elementType.isFloat {
      let isRead =
        tensor.name.hasPrefix("trunk.blocks.") && tensor.shape.count == 2
        && [".seq_attention.", ".mlp_seq.", ".sequence_to_pair."].contains { tensor.name.contains($0) }
      expected += isRead ? tensor.byteCount : 4 * tensor.count
      converted += 4 * tensor.count
    }
    let stages = try MemoryPlan.plan(for: .demo, length: 1, threads: 1).stages
    #expect(stages.first { $0.name == "trunk and heads: weights" }?.bytes == expected && expected < converted)
  }

  @Test(
    "The plan includes kept tensors",
    .disabled(if: Emulator.isUsed, "what the emulator itself takes is counted, too"))
  func keptTensors() async {
    await #expect(processExitsWith: .success) {
      let model = try ImportedModel("folding-e").model(threads: 1)
      let length = 200
      let request = FoldRequest(sequence: String(repeating: "X", count: length), recycles: 0)
      _ = try model.fold(request)
      let without = try MemoryPlanTests.largestResidentBytes()
      _ = try model.fold(request, keeping: .tensors)
      let found = try MemoryPlanTests.largestResidentBytes() - without
      // For each pair: the logits of 64 bins and their copy, and a copy of s_z of width 10. Part reuses memory that the fold
      // has released.
      let promised = (10 + 2 * 64) * length * length * 4
      precondition(found > promised / 2 && found < promised * 5 / 4, "found \(found), expected \(promised)")
    }
  }

  /// At the end of the fold, beside the workspace, which is gone.
  @Test("The plan counts each field that is kept", arguments: FoldField.allCases + [nil])
  func keptFields(_ field: FoldField?) async throws {
    let name = field?.name ?? ""
    try await Handed.over(name) {
      await #expect(processExitsWith: .success) {
        let name = try Handed.taken(String.self)
        let fields = FoldField(rawValue: name).map { [$0] } ?? Set(FoldField.allCases), length = 110
        let model = try FoldingModel(Golden.store("folding-e")), configuration = model.configuration
        let states = model.read(
          [ChainLayout([ResidueType](repeating: .unknown, count: length))], threads: Threads(1))[0]
        let before = Buffer.allocatedBytes
        var found = 0
        let output = model.fold(states, passes: FoldingModel.Passes(1), keeping: .fields(fields), threads: Threads(1)) {
          _ in
          found = max(found, Buffer.allocatedBytes - before)
        }
        func planned(_ kept: KeptOutputs) -> Int {
          MemoryPlan.activations(configuration, length: length, precision: .float32, threads: 1, keeping: kept) ?? 0
        }
        // What exists while the blocks run is there at the end, too.
        let more = planned(.fields(fields)) - planned(.structure), held = Buffer.allocatedBytes - before
        let sizes = FieldSizes(length: length, configuration.folding.trunk)
        let bytes = fields.reduce(0) { $0 + sizes.bytes(of: $1) }
        let inResult = [FoldField.plddt, .predictedAlignedError, .ptm, .sS, .sZ].filter(fields.contains)
        let made = bytes - inResult.reduce(0) { $0 + sizes.bytes(of: $1) }
        // The logits of distances take the place of the scores of the errors and a copy of the errors; the head of pLDDT
        // needs the states.
        let shared = fields.contains(.distogramLogits) ? 2 * length * length * 4 : 0
        let needed = name == "lddt_head" ? sizes.bytes(of: .states) : 0
        precondition(more == made - shared + needed, "\(name): planned \(more), made \(made), \(needed), \(shared)")
        // Those that are in buffers are held, and no second time.
        precondition(held <= bytes + MemoryPlanTests.slack, "\(name): held \(held) for \(bytes)")
        precondition(output.fields?.fields == fields)
      }
    }
  }

  /// The high-water mark of this process; `getrusage` would start from its parent's.
  static func largestResidentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let kibibytes = try #require(status.firstMatch(of: /VmHWM:\s*(\d+) kB/).flatMap { Int($0.output.1) })
    return kibibytes * 1024
  }

  // === Refusals ===

  private static func refusal(_ model: ESMFold, _ length: Int, keeping kept: KeptOutputs = .structure) throws -> (
    needed: Int, available: Int, longest: Int
  ) {
    // The plan is asked first: a fold that is not refused would take days.
    let configuration = try FoldingModel(Golden.store("folding-a")).configuration
    var isRefused = false
    do throws(ModelError) {
      try MemoryPlan.check(
        configuration, MemoryPlan.Size(length: length, precision: .float32, threads: 1, kept: kept))
    } catch {
      isRefused = true
    }
    try #require(isRefused)
    let request = FoldRequest(sequence: String(repeating: "A", count: length))
    let error = #expect(throws: ModelError.self) { try model.fold(request, keeping: kept) }
    guard case .memory(length, 0, let needed, let available, let longest) = error else {
      throw try #require(error)
    }
    return (needed, available, longest)
  }

  @Test("A fold that does not fit is refused before any work, naming the longest that would") func refusals() throws {
    let imported = try ImportedModel("folding-a"), length = 1_000_000
    let model = try imported.model(threads: 1)
    let (needed, available, longest) = try Self.refusal(model, length)
    func planned(_ length: Int) throws -> Int {
      MemoryPlan.withMargin(
        try Self.bytes(
          "trunk: activations", of: .plan(for: imported.imported(), length: length, precision: .fp32, threads: 1)))
    }
    #expect(try needed == planned(length))
    #expect(try planned(longest) <= available && planned(longest + 1) > available)
    // z and two buffers of its size, 12 wide; the rest is small for so many pairs, except scratch, a row of all keys.
    let pairs = Double(length * length * 4)
    #expect((39.0...42).contains(Double(needed) / pairs), "\(needed)")
    // Instead of three numbers for each pair: one, s_z, and 64 bins twice; and a 64th more for the margin.
    let kept = try Self.refusal(model, length, keeping: .tensors)
    #expect(abs(Double(kept.needed - needed) / pairs / (1 + 1 / 64) - (1 + 12 + 2 * 64 - 3)) < 0.01)
    #expect(kept.longest < longest)
    // The exact size overflows; the answer must not trap.
    #expect(try Self.refusal(model, 1 << 20).needed == Int.max)
    let states = model.read([FoldRequest(sequence: String(repeating: "A", count: length))])
    #expect(states.count == 1 && states[0] == nil)
  }

  @Test("The plan of esmfold_v1") func published() throws {
    let length = 1000
    let plan = try MemoryPlan.plan(for: nil, length: length, threads: 2)
    #expect(plan.modelName == "esmfold_v1")
    // 690,296,324 parameters after the language model.
    #expect(try Self.bytes("trunk and heads: weights", of: plan) == 4 * 690_296_324)
    // A layer: four projections and a perceptron of four times the width, and vectors of less than a thousandth, in float16.
    let layer = try Self.bytes("language model: one layer of weights", of: plan)
    #expect(abs(Double(layer) / Double(2 * 12 * 2560 * 2560) - 1) < 0.001)
    // Three buffers of 128 numbers for each pair, three numbers of results, less than five hundredths more for the rest.
    let trunk = try Double(Self.bytes("trunk: activations", of: plan))
    let pairs = Double(length * length * 4)
    #expect((386...410).contains(trunk / pairs), "\(trunk / pairs)")
    let languageModel = try Self.bytes("language model: activations", of: plan)
    let program = try Self.bytes("program", of: plan)
    #expect(plan.peakBytes == program + max(languageModel + layer, Int(trunk) + 4 * 690_296_324))
    // Twice the length takes four times as much, and another thread a little more.
    let longer = try MemoryPlan.plan(for: nil, length: 2 * length, threads: 2)
    #expect(try abs(Double(Self.bytes("trunk: activations", of: longer)) / trunk - 4) < 0.1)
    let wider = try MemoryPlan.plan(for: nil, length: length, threads: 3)
    #expect(try Double(Self.bytes("trunk: activations", of: wider)) > trunk)
  }
}
