// Shared by the tests of single modules: a small trunk, lengths at tile boundaries, and the comparison of results.

import Folding
import Tensors
import TestSupport
import Testing
import Weights

/// A protein's random states, and a module's results for them.
struct ModuleSetting {
  let length: Int
  let seed: UInt64
  let configuration: TrunkConfiguration
  let s: [Float], z: [Float]

  /// One row and two, the maximum of a tile of pairs or a chunk of rows and its neighbours, two tiles, three.
  static let lengths = [1, 2, 95, 96, 97, 131, 193]

  /// Odd head widths, no two widths equal, a structure module that needs more than the blocks in both shared buffers.
  static let configuration: TrunkConfiguration = {
    var configuration = TrunkConfiguration()
    configuration.sequenceWidth = 10
    configuration.sequenceHeadWidth = 5
    configuration.pairWidth = 6
    configuration.pairHeadWidth = 3
    configuration.positionBins = 4
    configuration.structureModule = structure
    return configuration
  }()

  /// The same with all other settings at their defaults.
  static func foldingConfiguration() throws -> FoldingConfiguration {
    var folding = try FoldingConfiguration(ConfigurationFields(JSONValue(parsing: Array("{}".utf8), path: "test")))
    folding.trunk = configuration
    folding.lddtHeadWidth = 8
    return folding
  }

  private static let structure: StructureModuleConfiguration = {
    var configuration = StructureModuleConfiguration()
    configuration.sequenceWidth = 9
    configuration.pairWidth = 7
    configuration.headWidth = 5
    configuration.heads = 4
    configuration.queryPoints = 2
    configuration.valuePoints = 3
    configuration.blocks = 2
    configuration.transitionLayers = 2
    configuration.resnetWidth = 8
    configuration.resnetBlocks = 1
    configuration.translationScale = 7
    configuration.epsilon = 1e-4
    return configuration
  }()

  init(length: Int, seed: UInt64, configuration: TrunkConfiguration = Self.configuration) {
    self.length = length
    self.seed = seed
    self.configuration = configuration
    var random = RandomNumbers(seed: seed)
    s = random.floats(length * configuration.sequenceWidth)
    z = random.floats(length * length * configuration.pairWidth)
  }

  /// The states as rows, for the scalar twins.
  var sRows: Rows64 { Self.rows(s, length) }
  var zRows: Rows64 { Self.rows(z, length * length) }

  /// One pair of z.
  func zRow(_ pair: Int) -> [Double] {
    let width = configuration.pairWidth
    return z[pair * width..<(pair + 1) * width].map(Double.init)
  }

  /// A workspace with the states.
  func work(_ precision: Precision, _ threads: Threads) -> Workspace {
    let work = Workspace(length: length, configuration: configuration, precision: precision, threads: threads)
    work.s.pointer.update(from: s, count: s.count)
    work.z.pointer.update(from: z, count: z.count)
    return work
  }

  /// Runs a module in both precisions on one thread and two, and compares the results with its scalar twin.
  ///
  /// - Parameters:
  ///   - expected: The twin's result.
  ///   - before: The previous state, if the module adds to it.
  ///   - tolerances: Relative to the largest magnitude.
  ///   - module: Runs the module and returns its result, or the state it has added to.
  func expect(
    _ expected: Rows64, before: [Float]? = nil, _ tolerances: Tolerances,
    _ module: (Precision, borrowing Workspace, Threads) throws -> [Float]
  ) rethrows {
    let expected = expected.flatMap { $0.map(Float.init) }
    for precision in Precision.allCases {
      for threads in [Threads(1), Threads(2)] {
        var found = try module(precision, work(precision, threads), threads)
        if let before { for i in found.indices { found[i] -= before[i] } }
        let closeness = Closeness(found, expected)
        let tolerance = precision == .float32 ? tolerances.float32 : tolerances.bfloat16
        #expect(
          closeness.isWithin(relative: tolerance),
          "\(precision), length \(length), \(threads.count) threads, seed \(seed): \(closeness)")
      }
    }
  }

  /// The same for the sequence attention, with the biases that it makes of the pairs.
  func expectSequenceAttention(_ weights: RandomWeights) throws {
    let twins = ScalarModules(weights: weights, length: length)
    let twin = twins.sequenceAttention(sRows, bias: twins.pairBias(zRows), heads: configuration.sequenceHeads)
    try expect(twin, before: s, Tolerances()) { precision, work, threads in
      let attention = try SequenceAttention(weights.scope, configuration: configuration, precision: precision)
      let bias = attention.pairBias(work.z, work: work, threads: threads)
      attention.add(to: work.s, bias: bias, work: work, threads: threads)
      return work.s.values
    }
  }

  static func rows(_ values: [Float], _ count: Int) -> Rows64 {
    let width = values.count / count
    return (0..<count).map { values[$0 * width..<($0 + 1) * width].map(Double.init) }
  }
}

/// How far a module may be from its twin, relative to the largest magnitude of its update.
struct Tolerances {
  /// Float32 sums; 1.7e-6 observed, where a layer norm amplifies differences of nearly equal numbers.
  var float32: Float = 5e-6
  /// Operands of 8 bits: 0.007 observed, and 0.015 for triangle products, which are rounded twice.
  var bfloat16: Float = 0.03
}
