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
  public convenience init(_ location: ModelLocation, threads: Int, precision: Precision = .fp32) throws(ModelError) {
    try self.init(FoldingWeights(location), threads: threads, precision: precision)
  }

  /// Loads a model whose weights are open.
  ///
  /// - Parameters:
  ///   - weights: Which.
  ///   - threads: How many threads fold, at least 1; fewer where the system gives no more.
  ///   - precision: The number format of the products in the language model and the trunk.
  /// - Throws: `ModelError`.
  public init(_ weights: FoldingWeights, threads: Int, precision: Precision = .fp32) throws(ModelError) {
    self.precision = precision.supported
    let store = weights.store
    try MemoryPlan.checkWeights(store, precision: self.precision.format)
    self.threads = .starting(threads)
    model = try FoldingModel(store, precision: self.precision.format, threads: self.threads)
    modelName = store.modelName
    identity = weights.identity
    file = store.file
    // Weights that were converted into memory of their own are not read again.
    if let file { file.advise(.dontNeed, 0..<file.bytes.count) }
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
  /// - Parameters:
  ///   - requests: The proteins; together not much longer than `residuesReadTogether`.
  ///   - count: How many of the model's threads read; `nil` for all.
  /// - Returns: For each protein what `fold` can start from, or `nil` where `fold` will say why it cannot be folded.
  public func read(_ requests: [FoldRequest], threads count: Int? = nil) -> [SequenceStates?] {
    let threads = threads(count)
    var states = [SequenceStates?](repeating: nil, count: requests.count)
    let readable = requests.indices.filter { index in
      (try? check(requests[index], keeping: .structure, threads)) != nil
    }
    guard !readable.isEmpty else { return states }
    let layouts = readable.map { requests[$0].layout }
    let masks = zip(readable, layouts).map { requests[$0].mask?.rows(of: $1.count, pass: 0) ?? [] }
    let read = model.read(layouts, masks: masks, threads: threads)
    for (index, result) in zip(readable, read) { states[index] = result }
    return states
  }

  /// Folds one protein.
  ///
  /// - Parameters:
  ///   - request: The protein and the choices of the run.
  ///   - states: The result of `read` for this protein, or `nil` to read it now.
  ///   - kept: What the result holds besides structure and confidence.
  ///   - count: How many of the model's threads fold, which changes no bit of the result; `nil` for all. Several folds at once
  ///     share the threads: who has none of its own to spare is helped by those that have nothing else to do.
  ///   - progress: Called after every block.
  ///   - eachPass: Called with the result of each pass but the last, which is that of a request for fewer recycles.
  /// - Returns: The structure with its confidence.
  /// - Throws: `ModelError` when the sequence is empty, too long for the model or for the memory, or when the file of the
  ///   weights has changed since the model was loaded.
  public func fold(
    _ request: FoldRequest, states: SequenceStates? = nil, keeping kept: KeptOutputs = .structure,
    threads count: Int? = nil, progress: (FoldProgress) -> Void = { _ in }, eachPass: ((FoldResult) -> Void)? = nil
  ) throws(ModelError) -> FoldResult {
    let threads = threads(count)
    var passes = FoldingModel.Passes(try passes(of: request))
    passes.tolerance = request.recycleTolerance
    if let mask = request.mask, mask.isRedrawn { passes.mask = mask }
    try check(request, keeping: kept, threads)
    let layout = request.layout, masked = request.mask?.rows(of: layout.count, pass: 0) ?? []

    let blocks = model.configuration.folding.trunk.blocks
    progress(FoldProgress(pass: 1, passes: passes.most, block: 0, blocks: blocks))
    let states = states ?? model.read([layout], masks: [masked], threads: threads)[0]
    precondition(states.layout == layout && states.masked == masked, "states of another sequence")
    let start = ContinuousClock.now
    func result(_ output: FoldingModel.Output, of request: FoldRequest) -> FoldResult {
      FoldResult(
        output, of: request, states, FoldIdentity(request, with: identity, precision: precision),
        seconds: states.seconds + (ContinuousClock.now - start).inSeconds)
    }
    if let eachPass {
      passes.each = { output in
        var shorter = request
        shorter.recycles = output.passes - 1
        shorter.recycleTolerance = nil
        eachPass(result(output, of: shorter))
      }
    }
    let output = model.fold(
      states, passes: passes, keeping: kept, threads: threads, progress: progress)
    try ModelError.checkUnchanged(file)
    return result(output, of: request)
  }

  private func passes(of request: FoldRequest) throws(ModelError) -> Int {
    guard let recycles = request.recycles else {
      guard defaultRecycles >= 0 else { throw .noPasses }
      return defaultRecycles + 1
    }
    guard (0...FoldRequest.maximumRecycles).contains(recycles) else { throw .recycles(recycles) }
    return recycles + 1
  }

  private func threads(_ count: Int?) -> Threads {
    count.map { Threads(min(max(1, $0), threads.count)) } ?? threads
  }

  private func check(_ request: FoldRequest, keeping kept: KeptOutputs, _ threads: Threads) throws(ModelError) {
    guard request.chains.allSatisfy({ !$0.isEmpty }), !request.chains.isEmpty else { throw .emptySequence }
    if let numbers = request.residueNumbers, let mismatch = ResidueNumberMismatch(numbers, of: request.chains) {
      throw .residueNumbers(mismatch)
    }
    let length = request.lengthWithLinkers
    if let longest = model.maximumLength, length > longest {
      throw .tooLong(length: length, linkers: length - request.length, longest: longest)
    }
    try ModelError.checkUnchanged(file)
    try MemoryPlan.check(model.configuration, size(of: request, keeping: kept, threads))
  }
  private func size(of request: FoldRequest, keeping kept: KeptOutputs, _ threads: Threads) -> MemoryPlan.Size {
    var size = MemoryPlan.Size(
      length: request.lengthWithLinkers, precision: precision.format, threads: threads.count, kept: kept)
    size.linkers = size.length - request.length
    size.readsAgain = request.mask?.isRedrawn ?? false
    return size
  }

  // MARK: Several at a time

  /// The threads of the model, those that were asked for as far as the system gave them.
  package var threadCount: Int { threads.count }

  /// What a fold takes of the memory.
  ///
  /// - Parameters:
  ///   - request: The protein.
  ///   - kept: What the result holds besides structure and confidence.
  ///   - count: How many threads fold.
  /// - Returns: Bytes that it allocates, with what is left free beside them; `Int.max` stands for more than any machine has.
  package func bytes(of request: FoldRequest, keeping kept: KeptOutputs, threads count: Int) -> Int {
    MemoryPlan.activations(model.configuration, size(of: request, keeping: kept, threads(count))).map(
      MemoryPlan.withMargin) ?? Int.max
  }

  /// Bytes that folds at the same time can share: what can be allocated now, without the pages of the weights, which every
  /// fold reads and the system should not have to drop.
  package var bytesToShare: Int { max(0, SystemInfo.availableMemory - (file?.bytes.count ?? 0)) }
}
