// What an mmCIF file says about the fold: settings of the program, written and read back.

import Protein

/// What an mmCIF file of this program says of how it was made.
public struct MMCIFProvenance: Sendable, Equatable {
  /// The same as PDB files say.
  public let fold: PDBProvenance
  /// Whether the file has the predicted aligned errors.
  public let hasAlignedErrors: Bool

  private enum Key {
    static let model = "model", modelDigest = "model_sha256", recycles = "recycles", precision = "precision"
    static let digest = "request_sha256", details = "settings"
  }

  private static let separator = "; "

  /// What a file says of the settings.
  static func parameters(of identity: FoldIdentity) -> [ModelDescription.Parameter] {
    let details = identity.details.joined(separator: Self.separator)
    return [
      .init(Key.model, identity.model.name, meaning: "the name of the weights"),
      .init(Key.modelDigest, identity.model.digest, meaning: "digest of configuration and weights"),
      .init(Key.recycles, "\(identity.recycles)", .integer, meaning: "passes through the trunk after the first"),
      .init(Key.precision, identity.precision.rawValue, meaning: "number format of matrix products"),
    ] + (details.isEmpty ? [] : [.init(Key.details, details, meaning: "choices that most folds do not make")]) + [
      .init(Key.digest, identity.digest, meaning: "digest of everything that the numbers depend on")
    ]
  }

  /// How much of a file its head takes at most.
  public static let headByteCount = MMCIFHead.byteCount

  /// Reads the head of a file; `nil` when it is not a file of this program.
  ///
  /// - Parameter head: The first `headByteCount` bytes of the file, or all of it.
  public init?(_ head: [UInt8]) {
    guard let head = MMCIFHead(head), let model = head.parameters[Key.model],
      let modelDigest = head.parameters[Key.modelDigest],
      let recycles = head.parameters[Key.recycles].flatMap({ Int($0) }),
      let precision = head.parameters[Key.precision], let digest = head.parameters[Key.digest]
    else { return nil }
    let details = (head.parameters[Key.details] ?? "").split(separator: Self.separator).map { String($0) }
    fold = PDBProvenance(
      model: model, modelDigest: modelDigest, recycles: recycles, precision: precision, details: details,
      digest: digest,
      program: head.program)
    hasAlignedErrors = head.metricModes.contains("local-pairwise")
  }
}
