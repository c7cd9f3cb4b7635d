// Planned against allocated memory, measured in separate processes: other tests allocate at the same time.

import ESM2
import ESMFoldKit
import Folding
import Glibc
import Tensors
import TestSupport
import Testing
import Weights

/// Bytes: alignment rounds every buffer up, and small tables (rotary angles, row sums) are not in the plan.
private let slack = 1 << 16

@Suite("Memory of the language models") struct LanguageMemoryPlanTests {
  /// Ends this process if it needs too much: 8 GiB of address space, or ten seconds of processor time.
  private static func limit() {
    var room = rlimit(rlim_cur: 8 << 30, rlim_max: 8 << 30), time = rlimit(rlim_cur: 10, rlim_max: 10)
    setrlimit(addressSpace, &room)
    setrlimit(processorTime, &time)
  }

  /// RLIMIT_AS and RLIMIT_CPU, which Swift imports as another type.
  private static let addressSpace = __rlimit_resource_t(9), processorTime = __rlimit_resource_t(0)

  @Test("A language model's activations take the planned memory", arguments: ["float32", "bfloat16"], [1, 70, 300])
  func languageModel(_ precision: String, _ length: Int) async throws {
    try await Handed.over(precision, length) {
      await #expect(processExitsWith: .success) {
        let (precisionName, length) = try Handed.taken(String.self, Int.self)
        let precision = precisionName == "float32" ? Precision.float32 : .bfloat16
        let model = try FamilyEncoder("esm2-wide", precision).model.languageModel
        let batch = TokenBatch([[Int](repeating: 5, count: length), [0, 5, 2]])
        let before = Buffer.allocatedBytes
        let work = LanguageModelWorkspace(
          tokens: batch.count, longest: batch.longest, configuration: model.configuration, precision: precision,
          threads: Threads(2))
        var largest = 0
        model.run(batch, work: work, threads: Threads(2)) { _, _ in
          largest = max(largest, Buffer.allocatedBytes - before)
        }
        let planned = LanguageModelWorkspace.bytes(
          tokens: batch.count, longest: batch.longest, configuration: model.configuration, precision: precision,
          threads: Threads(2))
        precondition(
          abs(largest - planned) <= slack + batch.count * model.configuration.headWidth * 4, "\(largest), \(planned)")
      }
    }
  }

  @Test(
    "What a batch keeps is planned, for each kind separately",
    arguments: ["layers", "logits", "contacts", "attentions"])
  func batch(_ kind: String) async throws {
    try await Handed.over(kind) {
      await #expect(processExitsWith: .success) {
        let kind = try Handed.taken(String.self)
        let encoder = try FamilyEncoder("esm2", .float32), model = encoder.model
        var wanted = ESM.Wanted()
        switch kind {
        case "layers": wanted.layers = [0, 1, 2, 3]
        case "logits": wanted.logits = true
        case "contacts": wanted.contacts = true
        default: wanted.attentions = true
        }
        let lengths = kind == "layers" || kind == "logits" ? [900, 400, 900] : [300, 200, 300]
        let batch = TokenBatch(lengths.map { [Int](repeating: 5, count: $0) })
        let before = Buffer.allocatedBytes
        let output = model.read(batch, wanted, discardsPages: false, threads: Threads(2))
        let left = Buffer.allocatedBytes - before
        let planned = model.bytes(lengths: lengths, wanted, threads: Threads(2)) ?? 0
        let work = LanguageModelWorkspace.bytes(
          tokens: batch.count, longest: batch.longest, configuration: model.configuration, precision: .float32,
          threads: Threads(2))
        // The maps of one layer at a time, a copy of the results for the caller and one for a file.
        let maps = wanted.contacts || wanted.attentions ? 3 * 300 * 300 * 4 : 0
        precondition(left > 100_000, "\(left)")
        precondition(abs(planned - (work + maps + 3 * left)) <= slack, "\(planned) for \(work), \(maps) and \(left)")
        withExtendedLifetime(output) {}
      }
    }
  }

  @Test("A fold takes the planned memory", arguments: ["folding-a", "folding-b"]) func fold(_ name: String) async throws
  {
    try await Handed.over(name) {
      await #expect(processExitsWith: .success) {
        let name = try Handed.taken(String.self)
        // The test models have learned positions or are slow beyond such lengths.
        let length = name == "folding-a" ? 120 : 47
        let folder = try TestFolder()
        let location = try ModelLocation.resolve(Fixtures.path("folding/\(name)"), cacheFolder: folder.path)
          .importIfNeeded()
        let model = try ESMFold(location, threads: 2)
        let plan = try MemoryPlan.plan(for: location, length: length, threads: 2)
        let before = Buffer.allocatedBytes
        var largest = 0
        _ = try model.fold(
          FoldRequest(sequence: String(repeating: "MKTVRQ", count: length / 6) + "MKTVRQ".prefix(length % 6))
        ) { _ in
          largest = max(largest, Buffer.allocatedBytes - before)
        }
        let planned = plan.stages[3].bytes
        precondition(plan.stages[3].name == "trunk: activations")
        precondition(largest <= planned + slack && 10 * largest >= 8 * planned, "\(largest) of \(planned)")
      }
    }
  }

  @Test("The plan names its stages, adds what coexists and takes the maximum of the halves") func stages() throws {
    let folder = try TestFolder()
    let location = try ModelLocation.resolve(Fixtures.path("folding/folding-a"), cacheFolder: folder.path)
      .importIfNeeded()
    let plan = try MemoryPlan.plan(for: location, length: 30, threads: 3)
    let store = try location.open()
    let configuration = try ModelConfiguration(of: store)
    #expect(plan.modelName == "folding-a" && plan.stages.count == 5 && plan.isOfFold)
    let language = LanguageModelWorkspace.bytes(
      tokens: 32, longest: 32, configuration: configuration.languageModel, precision: .float32, threads: Threads(3))
    // And the combined states of 30 residues.
    let states = 30 * configuration.languageModel.hiddenSize * 4
    #expect(plan.stages[1].bytes == language + states && plan.stages[1].name == "language model: activations")
    let tensors = try Safetensors(Fixtures.path("folding/folding-a/model.safetensors")).tensors()
    func bytes(_ isMeant: (String) -> Bool) -> Int { tensors.reduce(0) { $0 + (isMeant($1.name) ? $1.byteCount : 0) } }
    #expect(plan.stages[2].bytes == bytes { $0.hasPrefix("esm.encoder.layer.0.") })
    #expect(plan.stages[4].bytes == bytes { !$0.hasPrefix("esm.") && $0 != "af2_to_esm" })
    let sizes = plan.stages.map(\.bytes)
    #expect(plan.stages[0].name == "program" && sizes[0] > 3 << 20)
    // The language model runs beside what was made of the trunk's weights when the model was loaded.
    #expect(plan.peakBytes >= max(sizes[0] + sizes[1] + sizes[2], sizes[0] + sizes[3] + sizes[4]))
    #expect(plan.peakBytes <= sizes[0] + max(sizes[1] + sizes[2], sizes[3]) + sizes[4])
  }

  @Test("The plan of esmfold_v1 from its published sizes, without the model") func published() throws {
    let plan = try MemoryPlan.plan(for: nil, length: 256, threads: 2)
    #expect(plan.modelName == "esmfold_v1")
    // Four projections and two layers of the feed-forward network with their biases, two norms; float16.
    let c = 2560, inner = 10240
    #expect(plan.stages[2].bytes == 2 * (4 * (c * c + c) + 2 * c * inner + inner + c + 4 * c))
    // 690,296,324 parameters of trunk and heads, float32.
    #expect(plan.stages[4].bytes == 4 * 690_296_324)
    // 258 tokens: three times the states, queries, keys and values, the feed-forward hidden units, and the combined
    // states; the rest is scratch.
    let activations = 258 * (5 * c + inner) * 4 + 256 * c * 4
    #expect(plan.stages[1].bytes > activations && plan.stages[1].bytes < activations + 4 << 20)
    #expect(plan.peakBytes == plan.stages[0].bytes + plan.stages[3].bytes + plan.stages[4].bytes)
    // Pairs grow quadratically with the length.
    let longer = try MemoryPlan.plan(for: nil, length: 512, threads: 2)
    let growth = Double(longer.stages[3].bytes) / Double(plan.stages[3].bytes)
    #expect(growth > 3.5 && growth < 4.01)
  }

  @Test("A fold that does not fit is refused before any work, and the maximum length is named") func refusal() async {
    await #expect(processExitsWith: .success) {
      LanguageMemoryPlanTests.limit()
      let folder = try TestFolder()
      let location = try ModelLocation.resolve(Fixtures.path("folding/folding-a"), cacheFolder: folder.path)
        .importIfNeeded()
      let model = try ESMFold(location, threads: 2)
      func planned(_ length: Int) throws -> Int {
        let plan = try MemoryPlan.plan(for: location, length: length, threads: 2)
        return MemoryPlan.withMargin(max(plan.stages[1].bytes, plan.stages[3].bytes))
      }
      for length in [1 << 19, 1 << 21] {
        do throws(ModelError) {
          _ = try model.fold(FoldRequest(sequence: String(repeating: "A", count: length)))
          preconditionFailure("folded")
        } catch {
          guard case .memory(let found, 0, let needed, let available, let longest) = error else {
            preconditionFailure("\(error)")
          }
          precondition(found == length && needed > available && longest > 100 && longest < length)
          precondition(length > 1 << 20 ? needed == Int.max : needed == (try? planned(length)))
          let fits = try planned(longest), next = try planned(longest + 1)
          precondition(fits <= available && next > available, "\(longest): \(fits), \(next) of \(available)")
        }
      }
    }
  }

  @Test("A batch that does not fit is refused before any work") func batchRefusal() async {
    await #expect(processExitsWith: .success) {
      LanguageMemoryPlanTests.limit()
      let model = try FamilyGolden.model("esm2")
      for (count, wanted) in [
        (1 << 17, ESM.Wanted(attentions: true)), (1 << 18, ESM.Wanted()), (1 << 18, ESM.Wanted(contacts: true)),
      ] {
        do throws(ModelError) {
          _ = try model.read([[Int](repeating: 5, count: count)], wanted)
          preconditionFailure("read \(count) tokens")
        } catch {
          guard case .batchMemory(count, let needed, let available) = error else { preconditionFailure("\(error)") }
          precondition(needed > available)
        }
      }
    }
  }

  @Test("Sizes in messages are in units of 1024") func sizes() {
    func message(_ needed: Int) -> String {
      "\(ModelError.batchMemory(tokens: 7, needed: needed, available: 1023))"
    }
    #expect(message(1024) == "memory: reading 7 tokens at once needs 1.0 KiB, 1023 bytes free")
    #expect(message(1_610_612_736).contains("needs 1.5 GiB,") && message(3 << 40).contains("needs 3.0 TiB,"))
    #expect(message(5 << 50).contains("needs 5120 TiB,") && message(1_500_000).contains("needs 1.4 MiB,"))
    #expect(message(Int.max).hasSuffix("needs far more than the 1023 bytes that are free"))
    let none = "\(ModelError.memory(length: 9, needed: 2048, available: 10, longest: 0))"
    #expect(none == "memory: 9 residues need 2.0 KiB, 10 bytes free\nhint: not even one residue fits beside this model")
    let some = "\(ModelError.memory(length: 9, needed: 2048, available: 10, longest: 8))"
    #expect(some.hasSuffix("\nhint: up to 8 residues fit"))
  }
}
