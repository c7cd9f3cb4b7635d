// Whether a model is still what was imported.

import Weights

extension WeightsCatalog {
  /// The result of a check of a model.
  public struct Verification: Sendable {
    /// The model's name.
    public let name: String
    /// Its tensors, and their bytes.
    public let tensors: Int, bytes: Int
    /// Whether the file has digests to compare with. Those of early versions have none: their numbers are only known to be
    /// finite and to fit the configuration.
    public let hasDigests: Bool
    /// Whether it is the model inside the program, which was not imported here.
    public let isInProgram: Bool
    /// What is wrong with the model.
    public let faults: [ModelError]
    /// What became of the files that it was imported from, by path.
    public let sources: [(path: String, state: SourceState)]
  }

  /// The state of a file that a model was imported from.
  public enum SourceState: Sendable, Equatable {
    /// It has the size and the time of the import; its content was not read.
    case unchanged
    /// Its content has the digest that the import recorded.
    case sameContent
    /// It has another size, time or content.
    case changed(found: String, expected: String)
    /// It no longer exists, or cannot be read.
    case absent
  }

  /// Reads every tensor of a model and compares digests, looks for numbers that are not finite, and binds the tensors to
  /// the configuration.
  ///
  /// - Parameters:
  ///   - location: The model; downloaded weights must have been imported.
  ///   - rereadsSources: Whether the files that it was imported from are read, too, and their digests compared; else their
  ///     size and time are.
  ///   - progress: Called with the bytes done and the total.
  /// - Returns: What was found.
  /// - Throws: `ModelError` when the file cannot be opened at all: foreign, unfinished, cut off or damaged in its head.
  public func verify(
    _ location: ModelLocation, rereadsSources: Bool = false,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(ModelError) -> Verification {
    let model = try location.openToCheck()
    let store = model.store
    var faults: [ModelError] = []
    do throws(ModelError) {
      try ModelRole.languageModel.check(store)
    } catch {
      faults.append(error)
    }
    let total = store.byteCount
    faults += model.run { progress($0, total) }.map { .weights($0) }
    let states = location.isInProgram ? [] : model.header.sourceStates(rereading: rereadsSources)
    return Verification(
      name: store.modelName, tensors: store.names.count, bytes: total, hasDigests: model.hasDigests,
      isInProgram: location.isInProgram, faults: faults, sources: states.map { ($0.path, SourceState($0.state)) })
  }
}

extension WeightsCatalog.SourceState {
  fileprivate init(_ state: CacheHeader.SourceState) {
    switch state {
    case .unchanged: self = .unchanged
    case .sameContent: self = .sameContent
    case .changed(let found, let expected): self = .changed(found: found, expected: expected)
    case .absent: self = .absent
    }
  }
}
