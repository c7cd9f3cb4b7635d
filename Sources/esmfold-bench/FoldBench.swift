// The suite `folds`: whole folds of a given model by stage.

import CKernels
import ESM2
import ESMFoldKit
import Folding
import Glibc
import Platform
import Protein
import Tensors
import Weights

struct FoldBench {
  private let options: BenchmarkOptions
  private let location: ModelLocation
  private let store: WeightStore

  init(_ options: BenchmarkOptions) throws(BenchmarkError) {
    self.options = options
    let cache = CachePlace.path { getenv($0).map { String(cString: $0) } }
    do {
      location = try ModelLocation.resolve(options.model, cacheFolder: cache).importIfNeeded(for: .folding) {
        Console.error("info: importing \($0.source) into \($0.cacheFolder)\n")
      }
      store = try location.open()
    } catch {
      throw .model("\(error)")
    }
  }

  func run(_ emit: (Row) -> Void) throws(BenchmarkError) {
    for count in options.threads {
      for precision in options.precisions {
        let model: FoldingModel
        do throws(ModelError) {
          model = try FoldingModel(store, precision: precision)
        } catch {
          throw .model("\(error)")
        }
        for length in options.lengths {
          try check(model, length, precision, threads: count)
          measure(model, length, Threads(count)).forEach(emit)
        }
      }
    }
  }

  private func check(
    _ model: FoldingModel, _ length: Int, _ precision: Precision, threads: Int
  ) throws(BenchmarkError) {
    if let longest = model.maximumLength, length > longest {
      throw .model("\(store.modelName): found a length of \(length), expected at most \(longest)")
    }
    let needed: Int
    do {
      let format = ESMFold.Precision(rawValue: precision.rawValue) ?? .fp32
      needed = try MemoryPlan.plan(for: location, length: length, precision: format, threads: threads).peakBytes
    } catch {
      throw .model("\(error)")
    }
    let available = SystemInfo.availableMemory
    guard needed <= available else {
      throw .memory(what: "a fold of \(length) residues", needed: needed, available: available)
    }
  }

  /// A part of a fold; each pass of the trunk and of the structure module is counted separately.
  private enum Stage: String, CaseIterable {
    case languageModel = "language model"
    case trunk = "trunk pass"
    case structure = "structure module"
    case heads, whole

    init(_ stage: StageTiming.Stage) {
      switch stage {
      case .languageModel: self = .languageModel
      case .trunk: self = .trunk
      case .structure: self = .structure
      case .heads: self = .heads
      }
    }
  }

  /// Folds until the time for a row is used up, at least once; the peak is measured before and after each fold.
  private func measure(_ model: FoldingModel, _ length: Int, _ threads: Threads) -> [Row] {
    ProcessMemory.resetPeak()
    let peak = Peak.product(ck_find(Kernels.active.name) ?? ck_best(), model.precision, threads)
    let peakSeconds = min(Self.peakSeconds, options.seconds)
    // Every residue type in turn.
    let residues = (0..<length).map { ResidueType.all[$0 % 20] }
    var samples: [Stage: [Sample]] = [:], spent = 0.0
    var before = peak.rate(seconds: peakSeconds)
    while spent < options.seconds || samples.isEmpty {
      var laps: [(stage: Stage, seconds: Double)] = []
      let seconds = Stopwatch.seconds { laps = fold(model, residues, threads) }
      let after = peak.rate(seconds: peakSeconds)
      for lap in laps + [(.whole, seconds)] {
        samples[lap.stage, default: []].append(Sample(seconds: lap.seconds, peak: (before + after) / 2))
      }
      spent += seconds
      before = after
    }
    let operations = Self.operations(model, Double(length))
    return Stage.allCases.compactMap { stage in
      let identity = Row.Identity(
        suite: "folds", name: "\(store.modelName) L=\(length) \(stage.rawValue)", precision: model.precision.rawValue,
        instructionSet: Kernels.active.name, threads: threads.count)
      return samples[stage].map { Row(identity, $0, operations: operations[stage] ?? 0) }
    }
  }

  /// Operations of each counted stage; embedder and heads are not counted.
  private static func operations(_ model: FoldingModel, _ l: Double) -> [Stage: Double] {
    let languageModel = model.configuration.languageModel, trunk = model.configuration.folding.trunk
    let reading = Double(languageModel.layers) * languageModel.layer(l + 2)
    let pass = Double(trunk.blocks) * trunk.block(l), structure = trunk.structure(l)
    return [
      .languageModel: reading, .trunk: pass, .structure: structure,
      .whole: reading + Double(passes(model)) * (pass + structure),
    ]
  }

  /// The model's number of passes.
  private static func passes(_ model: FoldingModel) -> Int {
    max(1, model.configuration.folding.trunk.defaultPasses)
  }

  private func fold(_ model: FoldingModel, _ residues: [ResidueType], _ threads: Threads) -> [(Stage, Double)] {
    let states = model.read([ChainLayout(residues)], threads: threads)[0]
    let output = model.fold(
      states, passes: FoldingModel.Passes(Self.passes(model)), keeping: .structure, threads: threads)
    return [(.languageModel, states.seconds)] + output.timings.map { (Stage($0.stage), $0.seconds) }
  }

  /// Time for the peak before and after a fold.
  private static let peakSeconds = 0.2
}
