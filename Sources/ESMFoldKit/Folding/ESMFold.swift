// The model as a library user sees it.

import Folding
import Protein
import Tensors
import Weights

/// A loaded ESMFold model. Safe to share between threads; each call of `fold` has its own memory.
///
///     let model = try ESMFold(.demo, threads: 2)
///     let result = try model.fold(FoldRequest(sequence: "NLYIQWLKDGGPSSGRPPPS"))
///     let pdb = try result.pdb()
public final class ESMFold: Sendable {
  /// The model's name in the cache.
  public let modelName: String
  /// Extra passes of a fold that does not ask for a number.
  public var defaultRecycles: Int { model.configuration.folding.trunk.defaultPasses - 1 }

  /// The number format of the products: what was asked for, or fp32 where the processor cannot do better.
  public let precision: Precision

  private let model: FoldingModel
  private let threads: Threads

  /// Loads a model; a file or folder of downloaded weights is imported into the cache first if it is not there yet.
  ///
  /// - Parameters:
  ///   - location: Which model.
  ///   - threads: How many threads fold, at least 1.
  ///   - precision: The number format of the products in the language model and the trunk.
  ///   - importing: Told the path of the unfinished cache file while an import writes it, to be removed when the process
  ///     is ended.
  ///   - note: Told what takes time or deserves attention.
  /// - Throws: `ModelError`.
  public init(
    _ location: ModelLocation, threads: Int, precision: Precision = .fp32, importing: (String) -> Void = { _ in },
    note: (String) -> Void = { _ in }
  ) throws(ModelError) {
    self.precision = precision.supported
    if self.precision != precision {
      note(
        "--precision \(precision.rawValue): this processor has no AVX512_BF16; folding in \(self.precision.rawValue)")
    }
    let store = try location.open(importing: importing, note: note)
    model = try FoldingModel(store, precision: self.precision.format)
    modelName = store.modelName
    self.threads = Threads(max(1, threads))
    if model.configuration.folding.halvesStem {
      note(
        "\(modelName): config.json says fp16_esm: the reference computes the language model in float16, "
          + "this program in float32")
    }
  }

  /// Residues that are best read together: from here on the language model is busy multiplying, not reading weights.
  public static let residuesReadTogether = 512

  /// Reads several proteins with the language model at once, which for short ones is much faster than one by one.
  ///
  /// - Parameter requests: The proteins; together not much longer than `residuesReadTogether`.
  /// - Returns: For each protein what `fold` can start from, or `nil` where `fold` will say why it cannot be folded.
  public func read(_ requests: [FoldRequest]) -> [SequenceStates?] {
    var states = [SequenceStates?](repeating: nil, count: requests.count)
    let readable = requests.indices.filter { index in
      (try? check(length: requests[index].sequence.utf8.count, keepsTensors: false)) != nil
    }
    let read = self.states(of: readable.map { requests[$0].sequence.utf8.map(ResidueType.init(letter:)) })
    for (index, result) in zip(readable, read) { states[index] = result }
    return states
  }

  /// Reads proteins that are known to be readable.
  private func states(of proteins: [[ResidueType]]) -> [SequenceStates] {
    guard !proteins.isEmpty else { return [] }
    let start = ContinuousClock.now
    let combined = model.read(proteins, threads: threads)
    let seconds = (ContinuousClock.now - start).inSeconds
    let total = Double(proteins.reduce(0) { $0 + $1.count })
    return zip(proteins, combined).map { residues, combined in
      SequenceStates(combined: combined, residues: residues, seconds: seconds * Double(residues.count) / total)
    }
  }

  /// Folds one protein.
  ///
  /// - Parameters:
  ///   - request: The protein and the choices of the run.
  ///   - states: What `read` made of this very protein, or `nil` to read it now.
  ///   - keepTensors: Whether the result holds representations and logits.
  ///   - progress: Called after every block.
  /// - Returns: The structure with its confidence.
  /// - Throws: `ModelError` when the sequence is empty, too long for the model or for the memory.
  public func fold(
    _ request: FoldRequest, states: SequenceStates? = nil, keepTensors: Bool = false,
    progress: (FoldProgress) -> Void = { _ in }
  ) throws(ModelError) -> FoldResult {
    let residues = request.sequence.utf8.map(ResidueType.init(letter:))
    let passes = try passes(of: request)
    try check(length: residues.count, keepsTensors: keepTensors)

    let blocks = model.configuration.folding.trunk.blocks
    progress(FoldProgress(pass: 1, passes: passes, block: 0, blocks: blocks))
    let states = states ?? self.states(of: [residues])[0]
    precondition(states.residues == residues, "states of another sequence")
    var timings = [StageTiming(stage: .stem, pass: 0, seconds: states.seconds)]
    let start = ContinuousClock.now
    var stageStart = start
    func endStage(_ stage: StageTiming.Stage, pass: Int = 0) {
      let now = ContinuousClock.now
      timings.append(StageTiming(stage: stage, pass: pass, seconds: (now - stageStart).inSeconds))
      stageStart = now
    }
    let output = model.fold(
      FoldingInput(residues, passes: passes), states: states.combined, keepsTensors: keepTensors, threads: threads
    ) { event in
      switch event {
      case .block(let pass, let index):
        if index == blocks - 1 { endStage(.trunk, pass: pass) }
        progress(FoldProgress(pass: pass + 1, passes: passes, block: index + 1, blocks: blocks))
      case .structure(let pass): endStage(.structure, pass: pass)
      case .heads: endStage(.heads)
      }
    }
    return FoldResult(
      sequence: String(residues.map(\.oneLetter)), passes: passes, positions: output.structure.positions,
      plddt: output.confidence.plddt,
      meanPLDDT: Structure.meanConfidence(plddt: output.confidence.plddt, residueTypes: residues) ?? 0,
      ptm: output.confidence.ptm, predictedAlignedError: output.confidence.predictedAlignedError,
      seconds: states.seconds + (ContinuousClock.now - start).inSeconds, timings: timings, tensors: output.tensors,
      residues: residues)
  }

  private func passes(of request: FoldRequest) throws(ModelError) -> Int {
    guard let recycles = request.recycles else {
      guard defaultRecycles >= 0 else { throw .noPasses }
      return defaultRecycles + 1
    }
    guard (0...FoldRequest.maximumRecycles).contains(recycles) else { throw .recycles(recycles) }
    return recycles + 1
  }

  private func check(length: Int, keepsTensors: Bool) throws(ModelError) {
    guard length > 0 else { throw .emptySequence }
    if let longest = model.maximumLength, length > longest { throw .tooLong(length: length, longest: longest) }
    try MemoryPlan.check(
      model.configuration, length: length, precision: precision.format, threads: threads.count,
      keepsTensors: keepsTensors)
  }
}

extension Duration {
  /// The duration in seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
