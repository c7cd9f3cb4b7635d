// What the head of a PDB file says about the fold: the lines of REMARK 6, written and read back.

import Platform

/// What a PDB file of this program says of how it was made.
public struct PDBProvenance: Sendable, Equatable {
  /// The name of the model, as the file spells it.
  public let model: String
  /// SHA-256 of the model, in hexadecimal digits.
  public let modelDigest: String
  /// Passes after the first.
  public let recycles: Int
  /// The number format of the products.
  public let precision: String
  /// Choices that most folds do not make: ``FoldIdentity/details``.
  public let details: [String]
  /// ``FoldIdentity/digest``.
  public let digest: String
  /// The program that has written the file, with its version; `nil` where the file does not say.
  public let program: String?

  init(
    model: String, modelDigest: String, recycles: Int, precision: String, details: [String], digest: String,
    program: String?
  ) {
    self.program = program
    self.model = model
    self.modelDigest = modelDigest
    self.recycles = recycles
    self.precision = precision
    self.details = details
    self.digest = digest
  }

  /// Whether the file is the fold of a sequence: of these residues, with `:` between chains, by the model and the settings
  /// that it names; `nil` where a setting is too long for a line, so that the file does not tell.
  public func isFold(of sequence: String) -> Bool? {
    let found = FoldIdentity.digest(
      sequence: sequence, model: modelDigest, recycles: recycles, precision: precision, details: details)
    if found == digest { return true }
    return details.contains { $0.utf8.count + Key.detail.utf8.count + 2 >= Self.longestLine } ? nil : false
  }

  /// What all folds of a run share and no summary says, by what it is about.
  package var settingsOfRun: [String: String] {
    FoldIdentity.settingsOfRun(details).merging(["model": "weights \(modelDigest.prefix(12))…"]) { $1 }
  }

  /// Columns of text in a line of REMARK 6.
  private static let longestLine = 69

  private enum Key {
    static let program = "PROGRAM", model = "MODEL", modelDigest = "MODEL SHA-256", recycles = "RECYCLES"
    static let chains = "CHAINS", detail = "SETTING", passes = "PASSES", iptm = "IPTM"
    static let precision = "PRECISION", plddt = "MEAN PLDDT (0-100)", ptm = "PTM", digest = "REQUEST SHA-256"
  }

  /// The lines of free text, without what the format puts before them.
  static func remarks(of result: FoldResult) -> [String] {
    let identity = result.identity
    let chains = result.chains.count == 1 ? [] : ["\(Key.chains): \(result.chains.count)"]
    let iptm = result.complex.map { ["\(Key.iptm): \(fixed(Double($0.iptm), 4))"] } ?? []
    // Said where it does not follow from the recycles.
    let passes = result.passes == identity.recycles + 1 ? [] : ["\(Key.passes): \(result.passes)"]
    // In steps: as one sum, Swift 6.2 takes too long to find the types.
    var lines = [
      "\(Key.program): \(ESMFoldKit.program)", "\(Key.model): \(identity.model.name)", "\(Key.modelDigest):",
      identity.model.digest, "\(Key.recycles): \(identity.recycles)",
      "\(Key.precision): \(identity.precision.rawValue)",
    ]
    lines += chains
    lines += identity.details.map { "\(Key.detail): \($0)" }
    lines += passes
    lines += ["\(Key.plddt): \(fixed(Double(result.meanPLDDT), 2))", "\(Key.ptm): \(fixed(Double(result.ptm), 4))"]
    lines += iptm
    return lines + ["B-FACTOR COLUMN: PLDDT OF THE ATOM (0-100)", "\(Key.digest):", identity.digest]
  }

  /// How much of a file its head takes at most: a title has 99 lines at most.
  public static let headByteCount = 16 << 10

  /// Reads the head of a file; `nil` when it is not a file of this program.
  ///
  /// - Parameter head: The first `headByteCount` bytes of the file, or all of it.
  public init?(_ head: [UInt8]) {
    // As bytes, for most lines are atoms.
    let start = Array("REMARK   6 ".utf8)
    let lines = head.split(separator: UInt8(ascii: "\n")).filter { $0.starts(with: start) }.map { line in
      let end = line.lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? line.startIndex
      return String(decoding: line[..<end].dropFirst(start.count), as: UTF8.self)
    }
    func value(_ key: String) -> String? {
      lines.first { $0.hasPrefix(key + ": ") }.map { String($0.dropFirst(key.count + 2)) }
    }
    func digest(_ key: String) -> String? {
      guard let place = lines.firstIndex(of: key + ":"), place + 1 < lines.count else { return nil }
      return lines[place + 1]
    }
    guard let model = value(Key.model), let modelDigest = digest(Key.modelDigest),
      let recycles = value(Key.recycles).flatMap({ Int($0) }), let precision = value(Key.precision),
      let request = digest(Key.digest)
    else { return nil }
    let details = lines.filter { $0.hasPrefix(Key.detail + ": ") }.map { String($0.dropFirst(Key.detail.count + 2)) }
    self.init(
      model: model, modelDigest: modelDigest, recycles: recycles, precision: precision, details: details,
      digest: request, program: value(Key.program))
  }
}
