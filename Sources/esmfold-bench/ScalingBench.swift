// `esmfold-bench scaling`: what a fold on many threads will take, computed from what its parts take on one.

import ESM2
import ESMFoldKit
import Folding
import Platform
import Protein
import Tensors
import Weights

/// Records the parallel regions of each step of a fold on one thread, with the time of each task, and computes from that how
/// long any number of threads takes: the sum of what is serial, the time until the last thread of each region is done, and what
/// it takes to divide a region.
///
/// What threads take from each other is not in it: memory bandwidth, shared caches, clock rates that fall with the load. The
/// bytes per second tell what bandwidth the prediction presumes.
struct ScalingBench {
  private let options: BenchmarkOptions
  private let trunk: TrunkConfiguration
  private let languageModel: LanguageModelConfiguration
  private let join: JoinCost

  init(_ options: BenchmarkOptions) throws(BenchmarkError) {
    self.options = options
    let configuration = try PublishedModel.configuration
    trunk = configuration.folding.trunk
    languageModel = configuration.languageModel
    join = JoinCost.measured(upTo: Threads.availableProcessors)
  }

  func run(_ emit: (String) -> Void) throws(BenchmarkError) {
    emit(join.text)
    for precision in options.precisions {
      for length in options.lengths {
        do throws(WeightError) {
          let steps = try steps(length, precision)
          emit(ScalingTable(steps, length: length, precision: precision, join: join).text)
        } catch {
          throw .model("\(error)")
        }
      }
    }
  }

  /// All steps of a fold, each with how often it is taken.
  private func steps(_ length: Int, _ precision: Precision) throws(WeightError) -> [ScalingStep] {
    let threads = Threads(1), times = trunk.blocks * max(1, trunk.defaultPasses)
    let work = Workspace(length: length, configuration: trunk, precision: precision, threads: threads)
    work.fillWithRandomNumbers()
    var steps = [try languageModelStep(length, precision)]
    let block = try TrunkBlock(RandomWeights.block(trunk).scope, configuration: trunk, precision: precision)
    let pairs = Double(length * length * trunk.pairWidth)
    block.eachUpdate(work, trunk, threads) { update, body in
      let bytes = pairs * (4 * update.pairPasses + Double(precision.byteCount) * update.operandPasses)
      steps.append(ScalingStep(update.name, times: times, bytes: bytes, record(body)))
    }
    let structure = try StructureModule(RandomWeights.structure(trunk).scope, configuration: trunk)
    let residues = [ResidueType](repeating: ResidueType(.alanine), count: length)
    steps.append(
      ScalingStep(
        "structure module", times: max(1, trunk.defaultPasses), bytes: 4 * pairs,
        record { _ = structure.fold(residues, work: work, threads: threads, tap: .none, name: "") }))
    return steps
  }

  private func languageModelStep(_ length: Int, _ precision: Precision) throws(WeightError) -> ScalingStep {
    let weights = RandomWeights.layer(languageModel)
    let layer = try TransformerLayer(weights.scope, configuration: languageModel, precision: precision)
    let rotary = try RotaryEmbedding(weights.scope, configuration: languageModel)
    let recording = layer.withUpdate(tokens: length + 2, languageModel, rotary, precision, Threads(1), record)
    return ScalingStep(
      "ESM-2 3B layer", times: languageModel.layers, bytes: Double(weights.byteCount), recording)
  }

  /// What a computation consists of, each part as quick as in the quickest of a few runs, after one that warms up: what else the
  /// machine does at times would look like uneven tasks.
  private func record(_ body: () -> Void) -> RegionMeter.Recording {
    body()
    var best = RegionMeter.record(body), spent = best.secondsAlone
    while spent < options.seconds {
      let next = RegionMeter.record(body)
      spent += next.secondsAlone
      best = best.quickest(next)
    }
    return best
  }
}
