// The outputs of the reference (transformers: EsmForProteinFoldingOutput): names, shapes, units.

/// An output of the reference, under its name there, in its order.
///
/// The shapes are those of the reference without the batch. What the structure module makes in each of its iterations is
/// stacked along the first axis; the last iteration is the result.
public enum FoldField: String, Sendable, CaseIterable {
  case frames
  case sidechainFrames = "sidechain_frames"
  case unnormalizedAngles = "unnormalized_angles"
  case angles, positions, states
  case sS = "s_s"
  case sZ = "s_z"
  case distogramLogits = "distogram_logits"
  case lmLogits = "lm_logits"
  case aatype
  case atom14AtomExists = "atom14_atom_exists"
  case residxAtom14ToAtom37 = "residx_atom14_to_atom37"
  case residxAtom37ToAtom14 = "residx_atom37_to_atom14"
  case atom37AtomExists = "atom37_atom_exists"
  case residueIndex = "residue_index"
  case lddtHead = "lddt_head"
  case plddt
  case ptmLogits = "ptm_logits"
  case ptm
  case alignedConfidenceProbs = "aligned_confidence_probs"
  case predictedAlignedError = "predicted_aligned_error"
  case maxPredictedAlignedError = "max_predicted_aligned_error"

  /// The name in files, as in the reference.
  public var name: String { rawValue }

  /// The fields that files of tensors have without a list of fields; of `positions`, `frames` and `angles` they have the
  /// last iteration only.
  public static let ofPlainFiles: Set<FoldField> = [
    .positions, .plddt, .ptm, .predictedAlignedError, .distogramLogits, .angles, .frames, .sS, .sZ, .lmLogits, .aatype,
    .residueIndex,
  ]

  /// One axis of an output.
  public enum Axis: Sendable, Equatable {
    /// The iterations of the structure module, 8 in esmfold_v1.
    case iterations
    /// The residues.
    case residues
    /// The channels of the trunk's single state, c_s, or of its pair state, c_z.
    case singleState, pairState
    /// The channels of the structure module's states.
    case structureState
    /// So many numbers in every model.
    case count(Int)
  }

  /// The axes, outermost first; none for a number.
  public var axes: [Axis] {
    switch self {
    case .frames: [.iterations, .residues, .count(7)]
    case .sidechainFrames: [.iterations, .residues, .count(8), .count(4), .count(4)]
    case .unnormalizedAngles, .angles: [.iterations, .residues, .count(7), .count(2)]
    case .positions: [.iterations, .residues, .count(14), .count(3)]
    case .states: [.iterations, .residues, .structureState]
    case .sS: [.residues, .singleState]
    case .sZ: [.residues, .residues, .pairState]
    case .lmLogits: [.residues, .count(23)]
    case .aatype, .residueIndex: [.residues]
    case .atom14AtomExists, .residxAtom14ToAtom37: [.residues, .count(14)]
    case .residxAtom37ToAtom14, .atom37AtomExists, .plddt: [.residues, .count(37)]
    case .lddtHead: [.iterations, .residues, .count(37), .count(50)]
    case .distogramLogits, .ptmLogits, .alignedConfidenceProbs: [.residues, .residues, .count(64)]
    case .predictedAlignedError: [.residues, .residues]
    case .ptm, .maxPredictedAlignedError: []
    }
  }

  /// How values are stored.
  public enum ElementType: String, Sendable {
    case float32, int64

    /// Bytes of a value.
    public var byteCount: Int { self == .float32 ? 4 : 8 }
  }

  /// How values are stored, as in the reference.
  public var elementType: ElementType {
    switch self {
    case .aatype, .residueIndex, .residxAtom14ToAtom37, .residxAtom37ToAtom14: .int64
    default: .float32
    }
  }

  /// What the values are, in words: a unit, a range, or a kind of number.
  public var unit: String {
    switch self {
    case .positions, .predictedAlignedError, .maxPredictedAlignedError: "Å"
    case .frames: "unit quaternion (w, x, y, z), translation in Å"
    case .sidechainFrames: "4 x 4 matrix: rotation, translation in Å"
    case .angles, .unnormalizedAngles: "sine, cosine"
    case .plddt: "0-100"
    case .ptm, .alignedConfidenceProbs: "0-1"
    case .atom14AtomExists, .atom37AtomExists: "0 or 1"
    case .distogramLogits, .lmLogits, .lddtHead, .ptmLogits: "logit"
    case .states, .sS, .sZ: "activation"
    case .aatype, .residueIndex, .residxAtom14ToAtom37, .residxAtom37ToAtom14: "index"
    }
  }
}
