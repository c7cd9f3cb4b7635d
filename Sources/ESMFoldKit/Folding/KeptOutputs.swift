// What the result of a fold holds.

/// What the result of a fold holds besides structure and confidence.
public enum KeptOutputs: Sendable, Equatable {
  /// Nothing.
  case structure
  /// ``FoldTensors``: representations and logits, of the structure module the last iteration.
  case tensors
  /// ``FoldFields``: these outputs of the reference, of the structure module all iterations.
  case fields(Set<FoldField>)

  /// The fields that are asked for by name.
  var fields: Set<FoldField> { if case .fields(let fields) = self { fields } else { [] } }
}
