// Which outputs a file of tensors has, and which it lacks.

import ESMFoldKit

extension ExistingFold {
  /// Whether a file of tensors of the right request has what is asked for.
  ///
  /// - Throws: `OutputError.otherOutputs` when it has outputs of all iterations where the last is asked for: replacing it
  ///   would lose results.
  static func hasOutputs(
    _ path: String, _ wanted: KeptOutputs, _ store: any FoldStore
  ) throws(OutputError) -> Bool {
    let place = store.place(of: path)
    return switch (FoldResult.kept(inTensors: place.path, part: place.part), wanted) {
    case (.fields, .tensors): throw .otherOutputs(path: path)
    case (.fields(let there), .fields(let wanted)): wanted.isSubset(of: there)
    case (.tensors, .tensors): true
    default: false
    }
  }

  /// What is asked for and what a file of tensors of the same request has besides, which a new file must not lose.
  static func outputs(
    _ wanted: KeptOutputs, andThoseOf path: String, _ identity: FoldIdentity, _ store: any FoldStore
  ) -> KeptOutputs {
    let place = store.place(of: path)
    guard case .fields(let fields) = wanted,
      FoldResult.digest(ofTensors: place.path, part: place.part) == identity.digest
    else { return wanted }
    switch FoldResult.kept(inTensors: place.path, part: place.part) {
    case .fields(let there): return .fields(fields.union(there))
    case .tensors: return .fields(fields.union(FoldField.ofPlainFiles))
    default: return wanted
    }
  }
}
