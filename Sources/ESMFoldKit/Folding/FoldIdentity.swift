// What determines the numbers of a fold: two results with the same identity are the same.

import Folding
import Platform
import Protein
package import Weights

/// Everything that the numbers of a fold depend on. Threads do not count, nor does the name of the model.
///
/// Processors with other instructions may round otherwise in the last digits; that does not count either.
public struct FoldIdentity: Sendable, Equatable {
  /// The model and what it does without being asked.
  public struct Model: Sendable, Equatable {
    /// Its name, which does not count.
    public let name: String
    /// SHA-256 of its configuration and tensors, in hexadecimal digits.
    public let digest: String
    /// Extra passes of a fold that does not set a number.
    public let defaultRecycles: Int

    package init(_ store: WeightStore, _ configuration: ModelConfiguration) {
      name = store.modelName
      digest = store.digest
      defaultRecycles = configuration.folding.trunk.defaultPasses - 1
    }
  }

  /// The residues as folded: upper case, X for every letter outside the twenty, `:` between chains.
  public let sequence: String
  /// The model.
  public let model: Model
  /// Passes after the first.
  public let recycles: Int
  /// The number format of the products, as used.
  public let precision: ESMFold.Precision
  /// Choices that most folds do not make, a line for each: linkers and numbers of a complex, masks, and so on.
  public let details: [String]

  /// The identity of a fold.
  ///
  /// - Parameters:
  ///   - request: The protein and the choices of the run.
  ///   - model: The model.
  ///   - precision: The number format asked for.
  public init(_ request: FoldRequest, with model: Model, precision: ESMFold.Precision) {
    sequence = request.sequence
    details = Self.details(of: request)
    self.model = model
    recycles = request.recycles ?? model.defaultRecycles
    self.precision = precision.supported
  }

  /// The version of the rules by which numbers follow from the rest; it changes when results do.
  private static let version = 1

  /// SHA-256 of all that counts, in hexadecimal digits.
  public var digest: String {
    Self.digest(
      sequence: sequence, model: model.digest, recycles: recycles, precision: precision.rawValue, details: details)
  }

  /// The same of the parts as files say them.
  static func digest(sequence: String, model: String, recycles: Int, precision: String, details: [String]) -> String {
    Digest(
      of: """
        esmfold fold \(version)
        \(sequence)
        \(model)
        \(recycles)
        \(precision)

        """ + details.map { $0 + "\n" }.joined()
    ).hexadecimal
  }

  /// `25 G` for glycines, otherwise the letters.
  private static func words(of linker: [ResidueType]) -> String {
    let letters = String(linker.map(\.oneLetter))
    return letters.allSatisfy { $0 == "G" } ? "\(letters.count) G" : letters
  }

  /// `1-50,61-120:1-30`, or the digest of that where it is long.
  private static func words(of numbers: [[Int]]) -> String {
    let text = numbers.map { chain in
      var runs: [ClosedRange<Int>] = []
      for number in chain {
        if let last = runs.last, last.upperBound + 1 == number {
          runs[runs.count - 1] = last.lowerBound...number
        } else {
          runs.append(number...number)
        }
      }
      return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
        separator: ",")
    }.joined(separator: ":")
    return text.utf8.count <= 60 ? text : "SHA-256 \(Digest(of: text).hexadecimal)"
  }

  private static func details(of request: FoldRequest) -> [String] {
    var lines: [String] = []
    if request.chains.count > 1 {
      lines.append("linker \(Self.words(of: request.linker)) offset \(request.residueOffset)")
    }
    if let numbers = request.residueNumbers { lines.append("numbers \(Self.words(of: numbers))") }
    if let tolerance = request.recycleTolerance { lines.append("recycle tolerance \(tolerance)") }
    if let mask = request.mask { lines.append(mask.description) }
    // They are in the files.
    if request.numbering != .chain { lines.append("numbering \(request.numbering.rawValue)") }
    return lines
  }

  /// Those of ``details`` that all folds of a run share, by what they are about. Those of a complex and of a mask are there only
  /// where a fold has one; numbers of residues differ from fold to fold, and so do samples, of which the best one counts.
  static func settingsOfRun(_ details: [String]) -> [String: String] {
    var settings = [
      "tolerance": "no recycle tolerance", "numbering": "numbering \(FoldRequest.Numbering.chain.rawValue)",
    ]
    for detail in details {
      let words = detail.split(separator: " ")
      switch words.first {
      case "linker": settings["linker"] = detail
      case "recycle": settings["tolerance"] = detail
      case "numbering": settings["numbering"] = detail
      case "mask":
        let mask = words.prefix { $0 != "sample" } + words.suffix(1).filter { $0 == "redrawn" }
        settings["mask"] = mask.joined(separator: " ")
      default: break
      }
    }
    return settings
  }
}
