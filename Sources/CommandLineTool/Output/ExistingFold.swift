// What lies under the names of a protein's results: nothing, the results of this very request, or something else.

import ESMFoldKit
import Pictures
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
  ///   - files: all result files of the protein.
  ///   - identity: what they would be made of.
  ///   - kept: what a file of tensors must have.
  init(_ files: FoldFiles, of identity: FoldIdentity, keeping kept: KeptOutputs) {
    self = .complete
    do throws(OutputError) {
      // The structure comes last and says most.
      for entry in files.entries.reversed() {
        var isThere = try Self.isThere(entry, identity, files.store, cifNeedsAlignedErrors: files.cifNeedsAlignedErrors)
        if isThere, entry.kind == .tensors { isThere = try Self.hasOutputs(entry.path, kept, files.store) }
        if !isThere { self = .missing }
      }
      // What is not asked for must not be of another fold either: readers find it beside the structure.
      if let error = Self.ofOtherFolds(files, identity).first { throw error }
    } catch {
      self = .other(error)
    }
  }

  /// What is wrong with the files that are not asked for: those of another fold. A file of someone else is nobody's business.
  static func ofOtherFolds(_ files: FoldFiles, _ identity: FoldIdentity) -> [OutputError] {
    files.others.compactMap { entry in
      do throws(OutputError) {
        _ = try isThere(entry, identity, files.store, cifNeedsAlignedErrors: false)
      } catch {
        if case .otherFold = error { return error }
      }
      return nil
    }
  }

  /// Whether the file is there.
  ///
  /// - Throws: `OutputError` when it is another one.
  private static func isThere(
    _ entry: FoldFiles.Entry, _ identity: FoldIdentity, _ store: any FoldStore, cifNeedsAlignedErrors: Bool
  ) throws(OutputError) -> Bool {
    let (kind, path) = entry
    guard let size = try store.size(of: path), size > 0 else { return false }
    switch kind {
    case .pdb, .cif:
      let found = try provenance(kind, path, store)
      if found.fold.digest != identity.digest { throw .otherFold(path: path, differences(found.fold, identity)) }
      guard try store.isWhole(path, kind) else { throw .cutOff(path: path) }
      return kind == .pdb || found.hasAlignedErrors || !cifNeedsAlignedErrors
    case .plddt:
      // A table says nothing of how it was made; it gets its name before the structure does.
      let bytes = try store.read(path, atMost: Int.max)
      guard let letters = ConfidenceTable.sequence(of: bytes) else { throw .foreignResult(path: path) }
      if letters != identity.sequence {
        throw identity.sequence.hasPrefix(letters) ? .cutOff(path: path) : .otherFold(path: path, .sequence)
      }
    case .tensors, .alignedErrors, .scores, .confidencePlot, .errorPlot:
      guard let digest = try digest(kind, path, store) else { throw .foreignResult(path: path) }
      if digest != identity.digest { throw .otherFold(path: path, .unknown) }
      guard try store.isWhole(path, kind) else { throw .cutOff(path: path) }
    }
    return true
  }

  /// What a structure says of itself.
  private static func provenance(
    _ kind: FoldFile, _ path: String, _ store: any FoldStore
  ) throws(OutputError) -> (fold: PDBProvenance, hasAlignedErrors: Bool) {
    let size = max(PDBProvenance.headByteCount, MMCIFProvenance.headByteCount)
    let head = try store.read(path, atMost: size)
    if kind == .cif {
      guard let found = MMCIFProvenance(head) else { throw .foreignResult(path: path) }
      return (found.fold, found.hasAlignedErrors)
    }
    guard let found = PDBProvenance(head) else { throw .foreignResult(path: path) }
    return (found, false)
  }

  /// The digest that a file has of what it was made of; nil when it is another one.
  private static func digest(
    _ kind: FoldFile, _ path: String, _ store: any FoldStore
  ) throws(OutputError) -> String? {
    if kind == .tensors {
      let place = store.place(of: path)
      return FoldResult.digest(ofTensors: place.path, part: place.part)
    }
    let size = max(ConfidenceJSON.headByteCount, PictureSubject.headByteCount)
    let head = try store.read(path, atMost: size)
    return switch kind {
    case .scores: ScoresFile.digest(in: head)
    case .confidencePlot: ConfidencePlot.digest(in: head)
    case .errorPlot: ErrorPlot.digest(in: head)
    default: AlignedErrorFile.digest(in: head)
    }
  }

  private static func differences(_ found: PDBProvenance, _ wanted: FoldIdentity) -> FoldDifference {
    let isSameModel = found.modelDigest == wanted.model.digest
    if isSameModel, found.recycles == wanted.recycles, found.precision == wanted.precision.rawValue,
      found.details == wanted.details
    {
      return .sequence
    }
    func words(_ model: String, _ recycles: Int, _ precision: String, _ details: [String]) -> String {
      "\(visible(model)), \(recycles) \(recycles == 1 ? "recycle" : "recycles"), \(precision)"
        + details.map { ", " + visible($0) }.joined()
    }
    let isRenewed = !isSameModel && found.model == wanted.model.name
    return .settings(
      found: (isRenewed ? "another version of " : "")
        + words(found.model, found.recycles, found.precision, found.details),
      wanted: words(wanted.model.name, wanted.recycles, wanted.precision.rawValue, wanted.details))
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
