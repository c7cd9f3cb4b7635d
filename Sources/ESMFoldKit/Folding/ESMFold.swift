// The model as a library user sees it.

import Folding
import Platform
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
  /// Extra passes of a fold that does not set a number.
  public var defaultRecycles: Int { model.configuration.folding.trunk.defaultPasses - 1 }

  /// The number format of the products: the requested one, or fp32 if the processor has no faster one.
  public let precision: Precision

  /// What may be worth knowing of this model.
  public let remarks: [ModelRemark]

  /// What identifies the model in results.
  public let identity: FoldIdentity.Model

  private let model: FoldingModel
  private let threads: Threads
  /// The file of the weights; `nil` for the model inside the program.
  private let file: MappedFile?

  /// Loads a model. Nothing is imported: downloaded weights must be in the cache, where
  /// ``ModelLocation/importIfNeeded(for:willImport:progress:)`` brings them.
  ///
  /// - Parameters:
  ///   - location: Which model.
  ///   - threads: How many threads fold, at least 1; fewer where the system gives no more.
  ///   - precision: The number format of the products in the language model and the trunk.
  /// - Throws: `ModelError`.
  public init(_ location: ModelLocation, threads: Int, precision: Precision = .fp32) throws(ModelError) {
    self.precision = precision.supported
    let store = try location.open()
    try MemoryPlan.checkWeights(store, precision: self.precision.format)
    model = try FoldingModel(store, precision: self.precision.format)
    modelName = store.modelName
    identity = FoldIdentity.Model(store, model.configuration)
    file = store.file
    // Weights that were converted into memory of their own are not read again.
    if let file { file.advise(.dontNeed, 0..<file.bytes.count) }
    self.threads = .starting(threads)
    remarks =
      [
        .onPrecision(precision), .onThreads(threads, self.threads),
        model.configuration.folding.halvesLanguageModel ? .referenceHalvesLanguageModel : nil,
      ]
      .compactMap(\.self)
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
      (try? check(length: requests[index].length, keeping: .structure)) != nil
    }
    guard !readable.isEmpty else { return states }
    let read = model.read(readable.map { requests[$0].residues }, threads: threads)
    for (index, result) in zip(readable, read) { states[index] = result }
    return states
  }

  /// Folds one protein.
  ///
  /// - Parameters:
  ///   - request: The protein and the choices of the run.
  ///   - states: The result of `read` for this protein, or `nil` to read it now.
  ///   - kept: What the result holds besides structure and confidence.
  ///   - progress: Called after every block.
  /// - Returns: The structure with its confidence.
  /// - Throws: `ModelError` when the sequence is empty, too long for the model or for the memory, or when the file of the
  ///   weights has changed since the model was loaded.
  public func fold(
    _ request: FoldRequest, states: SequenceStates? = nil, keeping kept: KeptOutputs = .structure,
    progress: (FoldProgress) -> Void = { _ in }
  ) throws(ModelError) -> FoldResult {
    let residues = request.residues
    let passes = try passes(of: request)
    try check(length: residues.count, keeping: kept)

    let blocks = model.configuration.folding.trunk.blocks
    progress(FoldProgress(pass: 1, passes: passes, block: 0, blocks: blocks))
    let states = states ?? model.read([residues], threads: threads)[0]
    precondition(states.residues == residues, "states of another sequence")
    let start = ContinuousClock.now
    let output = model.fold(
      states, passes: passes, keeping: kept, threads: threads, progress: progress)
    try ModelError.checkUnchanged(file)
    return FoldResult(
      identity: FoldIdentity(request, with: identity, precision: precision),
      sequence: String(residues.map(\.oneLetter)), passes: passes, positions: output.structure.positions,
      plddt: output.confidence.plddt,
      meanPLDDT: Structure.meanConfidence(plddt: output.confidence.plddt, residueTypes: residues) ?? 0,
      ptm: output.confidence.ptm, predictedAlignedError: output.confidence.predictedAlignedError,
      seconds: states.seconds + (ContinuousClock.now - start).inSeconds,
      timings: [StageTiming(stage: .languageModel, pass: 0, seconds: states.seconds)] + output.timings,
      tensors: output.tensors, fields: output.fields,
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

  private func check(length: Int, keeping kept: KeptOutputs) throws(ModelError) {
    guard length > 0 else { throw .emptySequence }
    if let longest = model.maximumLength, length > longest { throw .tooLong(length: length, longest: longest) }
    try ModelError.checkUnchanged(file)
    try MemoryPlan.check(
      model.configuration, length: length, precision: precision.format, threads: threads.count,
      keeping: kept)
  }
}
