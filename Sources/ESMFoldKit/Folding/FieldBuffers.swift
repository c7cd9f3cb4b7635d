// Room for the outputs that are computed on the way, and the collection of all that are asked for.

import Folding
import Protein
import Tensors

/// Buffers for outputs that exist only during a fold: iterations of the structure module and bins of the heads.
struct FieldBuffers {
  let fields: Set<FoldField>
  let sizes: FieldSizes
  /// `nil` if no iteration but the last is wanted.
  let iterations: StructureIterations?
  let errors: ErrorTensors

  /// The structure module's outputs by field; the head of pLDDT needs all states.
  private static let structureFields: [FoldField: StructureField] = [
    .frames: .frames, .sidechainFrames: .sidechainFrames, .unnormalizedAngles: .unnormalizedAngles, .angles: .angles,
    .positions: .positions, .states: .states, .lddtHead: .states,
  ]

  init(_ fields: Set<FoldField>, length: Int, _ trunk: TrunkConfiguration) {
    var memory = Allocation()
    self.init(fields, length: length, trunk, &memory)
  }

  /// Bytes of everything that a fold holds for these outputs at its end: what lies in the workspace or in the result
  /// anyway does not count.
  static func bytes(_ fields: Set<FoldField>, length: Int, _ trunk: TrunkConfiguration) -> Int {
    let buffers = Allocation.countedBytes { _ = FieldBuffers(fields, length: length, trunk, &$0) }
    let sizes = FieldSizes(length: length, trunk)
    let made = fields.filter { field in
      switch field {
      case .frames, .sidechainFrames, .unnormalizedAngles, .angles, .positions, .states: false
      case .ptmLogits, .alignedConfidenceProbs, .sS, .sZ, .plddt, .ptm, .predictedAlignedError: false
      // The logits come when the errors' scores and their copy are gone.
      case .distogramLogits: false
      default: true
      }
    }
    return buffers + made.reduce(0) { $0 + sizes.bytes(of: $1) }
  }

  private init(_ fields: Set<FoldField>, length l: Int, _ trunk: TrunkConfiguration, _ memory: inout Allocation) {
    self.fields = fields
    sizes = FieldSizes(length: l, trunk)
    let wanted = Set(fields.compactMap { Self.structureFields[$0] })
    iterations =
      wanted.isEmpty
      ? nil : StructureIterations(wanted, length: l, configuration: trunk.structureModule, memory: &memory)
    let bins = ConfidenceHeads.errorBins
    errors = ErrorTensors(
      logits: fields.contains(.ptmLogits) ? memory.tensor([l, l, bins]) : nil,
      probabilities: fields.contains(.alignedConfidenceProbs) ? memory.tensor([l, l, bins]) : nil)
  }

  /// Collects the outputs at the end of a fold.
  ///
  /// - Parameters:
  ///   - layout: The rows that were folded.
  ///   - confidence: Its confidence.
  ///   - heads: The heads that have not run yet.
  ///   - work: The states after the last block; nobody may write to them any more.
  ///   - threads: The threads to use.
  /// - Returns: The outputs, without the rows of linkers.
  func collected(
    _ layout: ChainLayout, _ confidence: Confidence, _ heads: ConfidenceHeads, work: borrowing Workspace,
    threads: Threads
  ) -> FoldFields {
    var arrays: [FoldField: FoldArray] = [:], errorsOfChains: FoldArray?
    for field in fields {
      let shape = sizes.shape(of: field)
      func rows<Value>(of table: [Value]) -> [Value] {
        let width = table.count / ResidueType.all.count
        return layout.residues.flatMap { table[$0.index * width..<($0.index + 1) * width] }
      }
      switch field {
      case .frames, .sidechainFrames, .unnormalizedAngles, .angles, .positions, .states:
        arrays[field] = Self.structureFields[field].flatMap { iterations?.values[$0] }.map { FoldArray(shape, $0) }
      case .lddtHead:
        guard let states = iterations?.values[.states] else { continue }
        let logits = Tensor<3>([shape[0], shape[1], shape[2] * shape[3]])  // [iterations, L, 37 · 50]
        heads.lddtLogits(of: states, into: logits, work: work, threads: threads)
        arrays[field] = FoldArray(shape, logits)
      case .sS: arrays[field] = FoldArray(shape, work.s)
      case .sZ: arrays[field] = FoldArray(shape, work.z)
      case .distogramLogits: arrays[field] = FoldArray(shape, heads.distogramLogits(work: work, threads: threads))
      case .lmLogits: arrays[field] = FoldArray(shape, heads.lmLogits(work: work, threads: threads))
      case .ptmLogits: arrays[field] = errors.logits.map { FoldArray(shape, $0) }
      case .alignedConfidenceProbs: arrays[field] = errors.probabilities.map { FoldArray(shape, $0) }
      case .aatype: arrays[field] = FoldArray(shape, layout.residues.map(\.index))
      case .residueIndex: arrays[field] = FoldArray(shape, layout.residueIndex)
      case .atom14AtomExists: arrays[field] = FoldArray(shape, rows(of: ResidueConstants.atom14Mask))
      case .atom37AtomExists: arrays[field] = FoldArray(shape, rows(of: ResidueConstants.atom37Mask))
      case .residxAtom14ToAtom37: arrays[field] = FoldArray(shape, rows(of: ResidueConstants.atom14ToAtom37))
      case .residxAtom37ToAtom14: arrays[field] = FoldArray(shape, rows(of: ResidueConstants.atom37ToAtom14))
      case .plddt: arrays[field] = FoldArray(shape, confidence.plddt)
      case .ptm: arrays[field] = FoldArray(shape, [confidence.ptm])
      case .predictedAlignedError:
        let count = layout.count - layout.linkerCount
        errorsOfChains = FoldArray([count, count], confidence.predictedAlignedError)
      case .maxPredictedAlignedError:
        arrays[field] = FoldArray(shape, [ConfidenceHeads.maximumPredictedAlignedError])
      }
    }
    if let kept = layout.kept.map(Set.init) {
      let isKept = (0..<layout.count).map(kept.contains)
      for (field, array) in arrays { arrays[field] = array.keeping(residues: isKept, along: field.axes) }
    }
    arrays[.predictedAlignedError] = errorsOfChains
    return FoldFields(arrays, iterations: sizes.iterations)
  }
}
