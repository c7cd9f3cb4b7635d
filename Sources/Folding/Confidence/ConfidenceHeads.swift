// The model's confidence in its result: pLDDT, pTM, PAE; and the distogram and residue heads.

import Glibc
import Protein
package import Tensors
package import Weights

/// lddt_head, ptm_head, distogram_head and lm_head (transformers: EsmForProteinFolding, openfold_utils/loss.py).
package struct ConfidenceHeads: Sendable {
  private let lddtNorm: LayerNorm, lddt1: Linear, lddt2: Linear, lddt3: Linear
  private let ptmHead: PackedLinear, distogramHead: PackedLinear, lmHead: Linear
  private let lddtWidth: Int

  /// Reads the heads at the root of the checkpoint.
  package init(_ w: WeightScope, configuration: FoldingConfiguration) throws(WeightError) {
    let trunk = configuration.trunk, width = configuration.lddtHeadWidth
    lddtWidth = width
    let lddt = w["lddt_head"], c = trunk.structureModule.sequenceWidth
    lddtNorm = try LayerNorm(lddt[0], c)
    lddt1 = try Linear(lddt[1], c, width)
    lddt2 = try Linear(lddt[2], width, width)
    lddt3 = try Linear(lddt[3], width, Self.atoms * Self.lddtBins)
    ptmHead = PackedLinear(
      inputs: trunk.pairWidth, [try PackedLinear.Layer(w["ptm_head"], trunk.pairWidth, Self.errorBins)])
    distogramHead = PackedLinear(
      inputs: trunk.pairWidth, [try PackedLinear.Layer(w["distogram_head"], trunk.pairWidth, Self.errorBins)])
    lmHead = try Linear(w["lm_head"], trunk.sequenceWidth, ResidueType.all.count + 2)
  }

  /// The confidence of the workspace's z and the structure module's states [L', c]; the tensors of the aligned errors that
  /// are asked for are filled.
  package func confidence(
    states: Tensor<2>, of layout: ChainLayout, work: borrowing Workspace, threads: Threads,
    keeping kept: ErrorTensors = .none, tap: Tap = .none
  ) -> Confidence {
    let z = work.z
    let error = Self.alignedError(
      of: layout, scratch: work.scratch, threads: threads, probabilities: kept.probabilities
    ) { i, tile, logits in
      ptmHead(z.row(i).rows(tile), into: logits)
      if let all = kept.logits { all.row(i).rows(tile).copy(logits) }
    }
    return Confidence(
      plddt: plddt(states, scratch: work.scratch, threads: threads, tap: tap), ptm: error.ptm,
      predictedAlignedError: error.expected, interfaces: error.interfaces)
  }

  /// Logits of the residue head, [L, 23].
  package func lmLogits(work: borrowing Workspace, threads: Threads) -> [Float] {
    let logits = Tensor<2>([work.length, lmHead.outputs])  // [L, 23]
    lmHead(work.s, into: logits, scratch: work.scratch, threads: threads)
    return logits.values
  }

  /// Logits of the distance bins, symmetric, [L, L, 64].
  package func distogramLogits(work: borrowing Workspace, threads: Threads) -> Tensor<3> {
    let l = work.length, z = work.z
    let logits = Tensor<3>([l, l, Self.errorBins])  // [L, L, 64]
    PairTile.forEach(length: l, threads: threads) { i, tile, _ in
      distogramHead(z.row(i).rows(tile), into: logits.row(i).rows(tile))
    }
    // In place, as they are the largest of what is kept.
    let values = logits.pointer, n = Self.errorBins
    for i in 0..<l {
      for j in 0...i {
        for bin in 0..<n {
          let ij = (i * l + j) * n + bin, ji = (j * l + i) * n + bin
          let mean = (values[ij] + values[ji]) / 2
          values[ij] = mean
          values[ji] = mean
        }
      }
    }
    return logits
  }

  // === pLDDT ===

  /// Logits of the pLDDT bins of the states of every iteration.
  ///
  /// - Parameters:
  ///   - states: [iterations, L, c].
  ///   - logits: [iterations, L, 37 · 50].
  ///   - work: Scratch.
  ///   - threads: The threads to use.
  package func lddtLogits(
    of states: Tensor<3>, into logits: Tensor<3>, work: borrowing Workspace, threads: Threads
  ) {
    let l = states.shape[1], c = states.shape[2], bins = Self.atoms * Self.lddtBins
    for iteration in 0..<states.shape[0] {
      lddtLogits(
        states.viewed(as: [l, c], from: iteration * l * c),
        into: logits.viewed(as: [l, bins], from: iteration * l * bins), scratch: work.scratch, threads: threads)
    }
  }

  /// From states [L, c] to logits [L, 37 · 50].
  private func lddtLogits(_ states: Tensor<2>, into logits: Tensor<2>, scratch: Scratch, threads: Threads) {
    let l = states.shape[0]
    let x = Tensor<2>(states.shape)  // [L, c]
    let a = Tensor<2>([l, lddtWidth]), b = Tensor<2>([l, lddtWidth])  // [L, head's width]
    lddtNorm(states, into: x, threads: threads)
    // No activation between the layers, as in training.
    lddt1(x, into: a, scratch: scratch, threads: threads)
    lddt2(a, into: b, scratch: scratch, threads: threads)
    lddt3(b, into: logits, scratch: scratch, threads: threads)
  }

  private func plddt(_ states: Tensor<2>, scratch: Scratch, threads: Threads, tap: Tap) -> [Float] {
    let l = states.shape[0]
    let logits = Tensor<2>([l, Self.atoms * Self.lddtBins])  // [L, 37 · 50]
    lddtLogits(states, into: logits, scratch: scratch, threads: threads)
    tap("lddt_head", logits.values)
    let bins = logits.viewed(as: [l * Self.atoms, Self.lddtBins])  // [37 L, 50]
    let plddt = Tensor<1>([l * Self.atoms])  // [37 L]
    threads.forEachTile(of: l * Self.atoms, size: PairTile.rows) { tile, worker in
      var taker = scratch.taker(worker)
      let rows = Rows(bins).rows(tile)  // [tile, 50]
      Kernels.active.softmax(rows, sums: Self.windows(tile.count, &taker).sums)
      for row in 0..<rows.count {
        let bins = rows.values(ofRow: row)
        var mean: Float = 0
        for bin in 0..<Self.lddtBins { mean += bins[bin] * (Float(bin) + 0.5) / Float(Self.lddtBins) }
        plddt.pointer[tile.lowerBound + row] = 100 * mean
      }
    }
    return plddt.values
  }

  // === pTM and PAE ===

  /// What the logits of the aligned errors say.
  package struct AlignedError {
    /// 0–1.
    package let ptm: Float
    /// Å, [L, L].
    package let expected: [Float]
    /// Nil for a single chain.
    package let interfaces: InterfaceScores?
  }

  /// pTM and expected errors of logits [L', L', 64] that are computed one tile at a time; linkers count for nothing.
  ///
  /// - Parameters:
  ///   - layout: L' rows, L of them in chains.
  ///   - scratch: `scratchFloats` per thread.
  ///   - threads: The threads to use.
  ///   - probabilities: Takes the probabilities of the bins, [L, L, 64]; `nil` if nobody asks for them.
  ///   - logits: Writes the logits of the pairs (i, tile) into rows.
  /// - Returns: pTM, the errors, and the scores between chains.
  package static func alignedError(
    of layout: ChainLayout, scratch: Scratch, threads: Threads, probabilities: Tensor<3>? = nil,
    logits: @Sendable (_ i: Int, _ tile: Range<Int>, _ rows: Rows) -> Void
  ) -> AlignedError {
    let l = layout.count, kept = layout.kept
    let clipped = Float(max(l - layout.linkerCount, 19))
    let d0 = 1.24 * powf(clipped - 15, 1 / 3) - 1.8
    let centers = errorCenters
    let weights = centers.map { 1 / (1 + $0 * $0 / (d0 * d0)) }
    let error = Tensor<2>([l, l]), score = Tensor<2>([l, l])  // [L', L']
    PairTile.forEach(length: l, threads: threads) { i, tile, worker in
      var taker = scratch.taker(worker)
      let (bins, sums) = windows(tile.count, &taker)
      logits(i, tile, bins)
      Kernels.active.softmax(bins, sums: sums)
      if let probabilities { probabilities.row(i).rows(tile).copy(bins) }
      for (row, j) in tile.enumerated() {
        let bins = bins.values(ofRow: row)
        var mean: Float = 0, term: Float = 0
        for bin in 0..<errorBins {
          mean += bins[bin] * centers[bin]
          term += bins[bin] * weights[bin]
        }
        error.pointer[i * l + j] = mean
        score.pointer[i * l + j] = term
      }
    }
    let rows = kept ?? Array(0..<l)
    return AlignedError(
      ptm: InterfaceScores.best(of: score, alignedOn: rows, over: rows),
      expected: kept.map { kept in
        kept.flatMap { i in kept.map { j in error.pointer[i * l + j] } }
      } ?? error.values,
      interfaces: InterfaceScores(score, layout.chains))
  }

  /// Centres of 64 bins of half an Å: 62 between 0 and 31 Å, and two beyond.
  private static let errorCenters: [Float] = {
    let step = Float(31) / Float(errorBins - 2)
    return (0..<errorBins).map { Float($0) * step + step / 2 }
  }()

  /// The largest error that the head can express, Å.
  package static var maximumPredictedAlignedError: Float { errorCenters[errorBins - 1] }

  package static let atoms = 37, lddtBins = 50, errorBins = 64

  /// A tile's logits, then probabilities, of the error bins, [tile, 64], and 1 / Σ of them, [1, tile].
  private static func windows(_ tile: Int, _ taker: inout Scratch.Taker) -> (bins: Rows, sums: Rows) {
    (taker.rows(tile, errorBins), taker.rows(1, tile))
  }

  /// Scratch floats per thread.
  package static var scratchFloats: Int { Scratch.floats { _ = windows(PairTile.rows, &$0) } }
}
