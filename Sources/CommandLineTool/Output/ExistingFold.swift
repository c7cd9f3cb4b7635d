// What lies under the names of a protein's results: nothing, the results of this very request, or something else.

import ESMFoldKit
import Platform

/// What lies under the names of a protein's results.
enum ExistingFold {
  /// Nothing, or only a part of the results of this request.
  case missing
  /// All results, made of the same residues with the same model and settings.
  case complete
  /// Something that must not be replaced unless that was asked for.
  case other(OutputError)

  /// Looks at the files.
  ///
  /// - Parameters:
  ///   - paths: all result files of the protein.
  ///   - identity: what they would be made of.
  ///   - kept: what a file of tensors must have.
  init(_ paths: [String], of identity: FoldIdentity, keeping kept: KeptOutputs) {
    self = .complete
    // The structure comes last and says most.
    for path in paths.reversed() {
      do throws(OutputError) {
        if try !Self.isThere(path, identity, kept) { self = .missing }
      } catch {
        self = .other(error)
        return
      }
    }
  }

  /// Whether the file is there.
  ///
  /// - Throws: `OutputError` when it is another one.
  private static func isThere(
    _ path: String, _ identity: FoldIdentity, _ kept: KeptOutputs
  ) throws(OutputError) -> Bool {
    guard let status = try? FileStatus(of: path) else { return false }
    guard status.kind == .file else { throw .foreignResult(path: path) }
    if status.size == 0 { return false }
    if path.hasSuffix(".pdb") {
      let head = try OutputError.wrapping(try WholeFile.read(path, atMost: PDBProvenance.headByteCount))
      guard let found = PDBProvenance(head) else { throw .foreignResult(path: path) }
      if found.digest != identity.digest { throw .otherFold(path: path, differences(found, identity)) }
    } else if path.hasSuffix(".h5") {
      guard let digest = FoldResult.digest(ofTensors: path) else { throw .foreignResult(path: path) }
      if digest != identity.digest { throw .otherFold(path: path, .unknown) }
      return try hasOutputs(path, kept)
    } else {
      // A table says nothing of how it was made; it gets its name before the structure does.
      let bytes = try OutputError.wrapping(try WholeFile.read(path))
      guard let letters = ConfidenceTable.sequence(of: bytes) else { throw .foreignResult(path: path) }
      if letters != identity.sequence { throw .otherFold(path: path, .sequence) }
    }
    return true
  }

  private static func differences(_ found: PDBProvenance, _ wanted: FoldIdentity) -> FoldDifference {
    let isSameModel = found.modelDigest == wanted.model.digest
    if isSameModel, found.recycles == wanted.recycles, found.precision == wanted.precision.rawValue {
      return .sequence
    }
    func words(_ model: String, _ recycles: Int, _ precision: String) -> String {
      "\(visible(model)), \(recycles) \(recycles == 1 ? "recycle" : "recycles"), \(precision)"
    }
    let isRenewed = !isSameModel && found.model == wanted.model.name
    return .settings(
      found: (isRenewed ? "another version of " : "") + words(found.model, found.recycles, found.precision),
      wanted: words(wanted.model.name, wanted.recycles, wanted.precision.rawValue))
  }
}

/// In what an existing fold differs from the one that is asked for.
package enum FoldDifference: Sendable {
  /// Residues.
  case sequence
  /// Model, recycles or precision, in words.
  case settings(found: String, wanted: String)
  /// The file does not say.
  case unknown

  /// "found …, expected …".
  var sentence: String {
    switch self {
    case .sequence: "found the fold of another sequence, expected that of this record"
    case .settings(let found, let wanted): "found a fold with \(found), expected one with \(wanted)"
    case .unknown: "found a fold of another sequence, model or setting, expected that of this record"
    }
  }
}
