// The suite `folds`: whole folds of a given model by stage.

import CKernels
import ESM2
import ESMFoldKit
import Folding
import Glibc
import Protein
import Tensors
import Weights

struct FoldBench {
  private let options: BenchmarkOptions
  private let location: ModelLocation
  private let store: WeightStore

  init(_ options: BenchmarkOptions) throws(BenchmarkError) {
    self.options = options
    var environment: [String: String] = [:]
    for name in ["ESMFOLD_CACHE", "XDG_CACHE_HOME", "HOME"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    do {
      location = try ModelLocation.resolve(
        options.model, cacheFolder: try CacheFolder(environment: environment).path)
      store = try location.open(importing: { _ in }, note: { Console.error("info: \($0)\n") })
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
    let available = SystemInfo.current.availableMemory
    guard needed <= available else {
      throw .memory(what: "a fold of \(length) residues", needed: needed, available: available)
    }
  }

  /// Seconds of the stages of one fold; a pass of the trunk or the structure module counts by itself.
  private struct Stages {
    var stem: [Double] = [], trunk: [Double] = [], structure: [Double] = [], heads: [Double] = []
    var whole: [Double] = []
  }

  /// Folds until the time of a row is used up, at least once; the peak is measured before and after each fold.
  private func measure(_ model: FoldingModel, _ length: Int, _ threads: Threads) -> [Row] {
    ResidentMemory.resetPeak()
    let peak = Peak(ck_find(Kernels.active.name) ?? ck_best(), model.precision, threads: threads)
    let peakSeconds = min(Self.peakSeconds, options.seconds)
    // Every residue type in turn.
    let residues = (0..<length).map { ResidueType.all[$0 % 20] }
    var stages = Stages(), rates = [peak.rate(seconds: peakSeconds)], spent = 0.0
    while spent < options.seconds || stages.whole.isEmpty {
      let seconds = Stopwatch.seconds { fold(model, residues, threads, &stages) }
      stages.whole.append(seconds)
      rates.append(peak.rate(seconds: peakSeconds))
      spent += seconds
    }

    let l = Double(length), stem = model.configuration.languageModel, trunk = model.configuration.folding.trunk
    let stemOperations = Double(stem.layers) * stem.layer(l + 2), passOperations = Double(trunk.blocks) * trunk.block(l)
    let passes = Double(trunk.defaultPasses)
    let rate = Statistics(rates).median
    func row(_ name: String, _ seconds: [Double], _ operations: Double) -> Row {
      Row(
        suite: "folds", name: "\(store.modelName) L=\(length) \(name)", precision: model.precision.rawValue,
        instructionSet: Kernels.active.name, threads: threads.count,
        Measurement(time: Statistics(seconds), peak: rate), operations: operations)
    }
    return [
      row("stem", stages.stem, stemOperations), row("trunk pass", stages.trunk, passOperations),
      row("structure module", stages.structure, trunk.structure(l)), row("heads", stages.heads, 0),
      row("whole", stages.whole, stemOperations + passes * (passOperations + trunk.structure(l))),
    ]
  }

  private func fold(_ model: FoldingModel, _ residues: [ResidueType], _ threads: Threads, _ stages: inout Stages) {
    let lastBlock = model.configuration.folding.trunk.blocks - 1
    let clock = ContinuousClock()
    var start = clock.now
    func lap() -> Double {
      let now = clock.now
      defer { start = now }
      let duration = (now - start).components
      return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
    }
    _ = model.fold(
      residues, passes: max(1, model.configuration.folding.trunk.defaultPasses), keepsTensors: false, threads: threads
    ) { event in
      switch event {
      case .stem: stages.stem.append(lap())
      case .block(_, let index) where index == lastBlock: stages.trunk.append(lap())
      case .block: break
      case .structure: stages.structure.append(lap())
      case .heads: stages.heads.append(lap())
      }
    }
  }

  /// Time for the peak before and after a fold.
  private static let peakSeconds = 0.2
}
