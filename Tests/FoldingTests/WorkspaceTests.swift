// The workspace has its stated size, and nothing else is allocated.

import Checkpoints
import Folding
import Protein
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Workspace") struct WorkspaceTests {
  /// Alignment rounds every buffer and every scratch window up by at most this much.
  static let slack = 1 << 16

  @Test("Its size is the stated one", arguments: Precision.allCases, [1, 17, 130])
  func bytes(_ precision: Precision, _ length: Int) async throws {
    // Measured in a separate process: other tests allocate at the same time.
    try await Handed.over(precision.rawValue, length) {
      await #expect(processExitsWith: .success) {
        let (precisionName, length) = try Handed.taken(String.self, Int.self)
        let precision = Precision(rawValue: precisionName) ?? .float32
        let configuration = TrunkConfiguration()
        let before = Buffer.allocatedBytes
        let work = Workspace(length: length, configuration: configuration, precision: precision, threads: Threads(2))
        let found = Buffer.allocatedBytes - before
        let promised = Workspace.bytes(
          length: length, configuration: configuration, precision: precision, threads: Threads(2))
        precondition(abs(found - promised) <= WorkspaceTests.slack, "found \(found), promised \(promised)")
        precondition(work.length == length)
      }
    }
  }

  @Test("Nothing is allocated inside the block loop, nor in the structure module", arguments: Precision.allCases)
  func blockLoop(_ precision: Precision) async throws {
    try await Handed.over(precision.rawValue) {
      await #expect(processExitsWith: .success) {
        let precisionName = try Handed.taken(String.self)
        let precision = Precision(rawValue: precisionName) ?? .float32
        let source = try ModelSource(Fixtures.path("folding/folding-b"))
        let store = WeightStore(
          path: source.path, modelName: "b", configJSON: try source.configuration(),
          tensors: try Safetensors("\(source.folder)/\(source.weights)").tensors())
        // The numbers of folding-b's trunk.
        var configuration = TrunkConfiguration()
        guard case .object(let root) = try JSONValue(parsing: Array(store.configJSON.utf8), path: "b"),
          let fields = try? ConfigurationFields(.object(root))
        else { preconditionFailure("no configuration") }
        configuration = try FoldingConfiguration(try fields.object("esmfold_config")).trunk
        precondition(configuration.blocks >= 3)
        let trunk = try FoldingTrunk(WeightScope(store)["trunk"], configuration: configuration, precision: precision)
        Buffer.isPoisoned = true
        let length = 101
        let work = Workspace(length: length, configuration: configuration, precision: precision, threads: Threads(2))
        var counts: [[Int]] = []
        let input = FoldingInput(ChainLayout([ResidueType](repeating: .unknown, count: length)), passes: 2)
        func count(_ pass: Int) {
          if counts.count == pass { counts.append([]) }
          counts[pass].append(Buffer.allocationCount)
        }
        _ = trunk.fold(input, work: work, threads: Threads(2)) { pass, _ in
          count(pass)
        } passEnded: {
          count($0.pass)
        }
        precondition(counts.count == 2 && counts.allSatisfy { $0.count == configuration.blocks + 1 })
        precondition(Set(counts.joined()).count == 1, "buffers after each step: \(counts)")
      }
    }
  }
}
