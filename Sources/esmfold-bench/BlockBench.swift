// The suite `blocks`: the updates of one trunk block, the structure module and one layer of the 3B language model, with
// random weights of esmfold_v1's sizes.

import CKernels
import ESM2
import ESMFoldKit
import Folding
import Platform
import Protein
import Tensors
import Weights

struct BlockBench {
  private let options: BenchmarkOptions
  private let trunk: TrunkConfiguration
  private let languageModel: LanguageModelConfiguration
  private let blockWeights: RandomWeights, structureWeights: RandomWeights, layerWeights: RandomWeights

  init(_ options: BenchmarkOptions) throws(BenchmarkError) {
    self.options = options
    let configuration = try PublishedModel.configuration
    trunk = configuration.folding.trunk
    languageModel = configuration.languageModel
    blockWeights = .block(trunk)
    structureWeights = .structure(trunk)
    layerWeights = .layer(languageModel)
  }

  func run(_ emit: (Row) -> Void) throws(BenchmarkError) {
    for count in options.threads {
      for precision in options.precisions {
        let rows = RowMaker(seconds: options.seconds, precision, Threads(count))
        do throws(WeightError) {
          try measure(rows, emit)
        } catch {
          throw .model("\(error)")
        }
      }
    }
  }

  private func measure(_ rows: RowMaker, _ emit: (Row) -> Void) throws(WeightError) {
    let block = try TrunkBlock(blockWeights.scope, configuration: trunk, precision: rows.precision)
    let module = try StructureModule(structureWeights.scope, configuration: trunk)
    let layer = try TransformerLayer(layerWeights.scope, configuration: languageModel, precision: rows.precision)
    let rotary = try RotaryEmbedding(layerWeights.scope, configuration: languageModel)
    for length in options.lengths {
      let work = Workspace(
        length: length, configuration: trunk, precision: rows.precision, threads: rows.threads)
      work.fillWithRandomNumbers()
      block.measure(work, trunk, rows, emit)
      // Its products are always float32.
      if rows.precision == .float32 {
        let residues = [ResidueType](repeating: ResidueType(.alanine), count: length)
        emit(
          rows.row("structure module", "L=\(length)", operations: trunk.structure(Double(length))) {
            _ = module.fold(residues, work: work, threads: rows.threads, tap: .none, name: "")
          })
      }
      emit(measure(layer, rotary, tokens: length + 2, rows))
    }
  }

  /// Counts the bytes of the weights, which a layer reads once.
  private func measure(
    _ layer: TransformerLayer, _ rotary: RotaryEmbedding, tokens: Int, _ rows: RowMaker
  ) -> Row {
    layer.withUpdate(tokens: tokens, languageModel, rotary, rows.precision, rows.threads) { update in
      rows.row(
        "ESM-2 3B layer", "T=\(tokens)", operations: languageModel.layer(Double(tokens)),
        bytes: Double(layerWeights.byteCount), update)
    }
  }
}

extension TransformerLayer {
  /// Passes on what updates random states of one sequence.
  func withUpdate<Result>(
    tokens: Int, _ configuration: LanguageModelConfiguration, _ rotary: RotaryEmbedding, _ precision: Precision,
    _ threads: Threads, _ measure: (_ update: () -> Void) -> Result
  ) -> Result {
    let work = LanguageModelWorkspace(
      tokens: tokens, longest: tokens, configuration: configuration, precision: precision, threads: threads)
    let h = Tensor<2>([tokens, configuration.hiddenSize]), tables = rotary.tables(positions: Array(0..<tokens))
    h.fillWithRandomNumbers()
    return measure {
      update(h, sequences: [SequenceRows(0..<tokens)], rotary: tables, work: work, threads: threads)
    }
  }
}

extension TrunkBlock {
  /// One row for each update in the block's order, and one for the whole block.
  func measure(
    _ work: borrowing Workspace, _ c: TrunkConfiguration, _ rows: RowMaker, _ emit: (Row) -> Void
  ) {
    let shape = "L=\(work.length)"
    eachUpdate(work, c, rows.threads) { update, body in
      emit(rows.row(update.name, shape, operations: update.operations, body))
    }
    emit(
      rows.row("trunk block", shape, operations: c.block(Double(work.length))) {
        update(work, threads: rows.threads, tap: .none, name: "")
      })
  }

  /// An update of the block: its name, operations, and how often it reads or writes a buffer of z's size.
  struct Update {
    let name: String
    let operations: Double
    /// Passes over float32 pairs, and over operands of products, which bfloat16 halves.
    let pairPasses: Double, operandPasses: Double

    init(_ name: String, _ operations: Double, pairs: Double = 0, operands: Double = 0) {
      (self.name, self.operations, pairPasses, operandPasses) = (name, operations, pairs, operands)
    }
  }

  /// The updates in the block's order, each with what computes it.
  func eachUpdate(
    _ work: borrowing Workspace, _ c: TrunkConfiguration, _ threads: Threads, _ visit: (Update, () -> Void) -> Void
  ) {
    let s = work.s, z = work.z, l = Double(work.length)
    visit(Update("pair_to_sequence", c.pairToSequence(l), pairs: 1)) {
      _ = sequenceAttention.pairBias(z, work: work, threads: threads)
    }
    let bias = sequenceAttention.pairBias(z, work: work, threads: threads)
    visit(Update("seq_attention", c.sequenceAttention(l))) {
      sequenceAttention.add(to: s, bias: bias, work: work, threads: threads)
    }
    visit(Update("mlp_seq", c.sequenceTransition(l))) { mlpSeq.add(to: s, work: work, threads: threads) }
    visit(Update("sequence_to_pair", c.sequenceToPair(l), pairs: 2)) {
      sequenceToPair.add(s, to: z, work: work, threads: threads)
    }
    for (name, triangle) in [("tri_mul_out", triMulOut), ("tri_mul_in", triMulIn)] {
      // z is read twice and written; both operands are written and read, and the product takes the place of one.
      visit(Update(name, c.triangleMultiplication(l), pairs: 3, operands: 6)) {
        triangle.add(to: z, work: work, threads: threads)
      }
    }
    for (name, triangle) in [("tri_att_start", triAttStart), ("tri_att_end", triAttEnd)] {
      // For the bias, then line by line.
      visit(Update(name, c.triangleAttention(l), pairs: 3)) { triangle.add(to: z, work: work, threads: threads) }
    }
    visit(Update("mlp_pair", c.pairTransition(l), pairs: 2)) { mlpPair.add(to: z, work: work, threads: threads) }
  }
}

/// Makes the rows for one precision and thread count.
struct RowMaker {
  let precision: Precision
  let threads: Threads
  private let meter: Meter
  private let peak: Peak

  init(seconds: Double, _ precision: Precision, _ threads: Threads) {
    self.precision = precision
    self.threads = threads
    meter = Meter(seconds: seconds)
    peak = .product(ck_find(Kernels.active.name) ?? ck_best(), precision, threads)
  }

  /// Measures `body`, one call.
  func row(_ name: String, _ shape: String, operations: Double, bytes: Double = 0, _ body: () -> Void) -> Row {
    ProcessMemory.resetPeak()
    let samples = meter.measure(alongside: peak) { calls in for _ in 0..<calls { body() } }
    let identity = Row.Identity(
      suite: "blocks", name: "\(name) \(shape)", precision: precision.rawValue, instructionSet: Kernels.active.name,
      threads: threads.count)
    return Row(identity, samples, operations: operations, bytes: bytes)
  }
}

extension Workspace {
  /// Input states: s and z.
  borrowing func fillWithRandomNumbers() {
    s.fillWithRandomNumbers()
    z.fillWithRandomNumbers()
  }
}

extension Tensor {
  /// Values of magnitude 0.5 to 1.
  func fillWithRandomNumbers() {
    var random = SplitMix64.always
    random.fill(UnsafeMutableRawPointer(pointer), count, .float32, exponent: -1)
  }
}
