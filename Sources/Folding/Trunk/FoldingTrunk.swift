// The folding trunk with recycling (transformers: EsmFoldingTrunk).

import Synchronization
package import Tensors
package import Weights

/// Blocks, structure module and recycling.
package struct FoldingTrunk: Sendable {
  package let configuration: TrunkConfiguration
  /// The number format of the blocks' products; the structure module's are float32 always.
  package let precision: Precision
  private let recycling: Recycling
  private let blocks: [TrunkBlock]
  private let structureModule: StructureModule

  /// Binds the weights. The threads pack blocks at the same time; the error is that of the first block that has one.
  package init(
    _ w: WeightScope, configuration: TrunkConfiguration, precision: Precision = .float32, threads: Threads = Threads(1)
  ) throws(WeightError) {
    self.configuration = configuration
    self.precision = precision
    recycling = try Recycling(w, configuration: configuration)
    let packed = Mutex([Result<TrunkBlock, WeightError>?](repeating: nil, count: configuration.blocks))
    threads.forEach(configuration.blocks) { index, _ in
      let block = Result { () throws(WeightError) in
        try TrunkBlock(w["blocks"][index], configuration: configuration, precision: precision)
      }
      packed.withLock { $0[index] = block }
    }
    var blocks: [TrunkBlock] = []
    for case let block? in packed.withLock({ $0 }) { blocks.append(try block.get()) }
    self.blocks = blocks
    structureModule = try StructureModule(w, configuration: configuration)
  }

  /// Folds: `passes` times recycling, blocks and structure module.
  ///
  /// - Parameters:
  ///   - input: L rows and the number of passes.
  ///   - work: Buffers for L residues; s0 holds the embedded sequence, s and z are left as the last pass's result.
  ///   - threads: The threads to use.
  ///   - iterations: Keeps what the structure module makes in every iteration of the last pass; `nil` for nothing.
  ///   - tap: Observer of intermediate values.
  ///   - progress: Called with the pass and the block that have just ended, both from 0; an error it throws ends the run.
  ///   - passEnded: Called at the end of each pass, when s0 may be changed for the next; an error it throws ends the run.
  /// - Returns: The last pass's structure.
  /// - Throws: What the closures throw.
  package func fold<Failure: Error>(
    _ input: FoldingInput, work: borrowing Workspace, threads: Threads, iterations: StructureIterations? = nil,
    tap: Tap = .none, progress: (_ pass: Int, _ block: Int) throws(Failure) -> Void,
    passEnded: (PassEnd) throws(Failure) -> Void = { _ in }
  ) throws(Failure) -> StructureOutput {
    let passes = input.passes, residues = input.layout.residues, residueIndex = input.layout.residueIndex
    precondition(passes >= 1 && residues.count == work.length && residueIndex.count == work.length)
    work.s.viewed(as: [work.s.count]).fill(0)
    work.z.viewed(as: [work.z.count]).fill(0)
    var output: StructureOutput? = nil
    for pass in 0..<passes {
      let betaCarbons = output.map { Recycling.betaCarbons($0.positions) }
      recycling.prepare(betaCarbons: betaCarbons, residueIndex: residueIndex, work: work, threads: threads)
      tap("trunk.\(pass).s_in", work.s.values)
      tap("trunk.\(pass).z_in", work.z.values)
      for (index, block) in blocks.enumerated() {
        block.update(
          work, threads: threads, tap: pass == 0 && index == 0 ? tap : .none, name: "trunk.\(pass).blocks.\(index)")
        try progress(pass, index)
      }
      tap("trunk.\(pass).s_s", work.s.values)
      tap("trunk.\(pass).s_z", work.z.values)
      let mayBeLast = pass == passes - 1 || input.tolerance != nil
      let result = structureModule.fold(
        residues, work: work, threads: threads, iterations: mayBeLast ? iterations : nil, tap: tap,
        name: "trunk.\(pass).structure_module")
      tap("trunk.\(pass).recycle_bins", Recycling.bins(result.positions))
      let change = output.map { RecycleChange.between($0.positions, result.positions, input.layout) }
      output = result
      let isStill = input.tolerance.map { change ?? .infinity < $0 } ?? false
      let end = PassEnd(pass: pass, change: change, isLast: isStill || pass == passes - 1, structure: result)
      try passEnded(end)
      if end.isLast { break }
    }
    guard let output else { preconditionFailure("no pass was run") }
    return output
  }
}

extension Recycling {
  /// The bin of every pair, [L, L], for the tap.
  static func bins(_ atom14: [Float]) -> [Float] {
    let carbons = betaCarbons(atom14)
    return carbons.flatMap { p in carbons.map { q in Float(bin(p, q)) } }
  }
}
