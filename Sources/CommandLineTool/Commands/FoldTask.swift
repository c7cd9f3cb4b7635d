// What is made of one record: a fold, or several samples of it, each with the files of its passes.

import ESMFoldKit
import Platform

/// The folds of one record and their files.
struct FoldTask {
  /// A fold and its files.
  struct Part {
    let name: String
    let request: FoldRequest
    let files: FoldFiles
    /// The structures after the passes before the last, which are folds with fewer recycles.
    let passes: [Part]
  }

  let job: Job
  /// The first one is the fold without masks, of which the summary tells.
  let samples: [Part]
  /// The tables of the samples; nil for a single one.
  let tables: (samples: String, fluctuations: String)?

  /// - Parameters:
  ///   - job: The record.
  ///   - plain: What is asked for, without samples.
  ///   - store: Where the files are.
  ///   - options: The choices of the run.
  ///   - defaultRecycles: The model's own number.
  init(_ job: Job, _ plain: FoldRequest, in store: any FoldStore, _ options: FoldOptions, defaultRecycles: Int) {
    self.job = job
    samples = (1...options.ensemble.samples).map { number in
      let name = number == 1 ? job.name : "\(job.name)\(ResultMark.sample)\(number)"
      let request = options.ensemble.request(number, from: plain)
      let recycles = request.recycles ?? defaultRecycles
      let passes = (0..<(options.ensemble.savesRecycles ? max(0, recycles) : 0)).map { pass in
        var shorter = request
        (shorter.recycles, shorter.recycleTolerance) = (pass, nil)
        let name = "\(name)\(ResultMark.pass)\(pass)"
        return Part(name: name, request: shorter, files: FoldFiles(name, in: store, structuresOf: options), passes: [])
      }
      return Part(name: name, request: request, files: FoldFiles(name, in: store, options), passes: passes)
    }
    let path = store.path(of: job.name)
    tables =
      samples.count == 1 ? nil : (path + EnsembleTables.samplesEnding, path + EnsembleTables.fluctuationsEnding)
  }

  /// How many files it has.
  var fileCount: Int {
    samples.reduce(tables == nil ? 0 : 2) { sum, part in
      sum + ([part] + part.passes).reduce(0) { $0 + $1.files.entries.count }
    }
  }

  /// The protein that a file may belong to: its name without the endings of files, passes and samples.
  static func proteins(ofFile file: String) -> [String] {
    let endings = FoldFile.allCases.map(\.ending) + [EnsembleTables.samplesEnding, EnsembleTables.fluctuationsEnding]
    return endings.filter(file.hasSuffix).flatMap { ending -> [String] in
      let name = String(file.dropLast(ending.count)), whole = name.without(ResultMark.pass),
        sample = whole.without(ResultMark.sample)
      return [name, whole, sample]
    }
  }

  /// What lies under the names of the files.
  func existing(_ model: FoldIdentity.Model, _ precision: ESMFold.Precision, keeping kept: KeptOutputs) -> ExistingFold
  {
    func identity(_ part: Part) -> FoldIdentity { FoldIdentity(part.request, with: model, precision: precision) }
    var isComplete = true
    for sample in samples {
      // How many passes there are, a tolerance decides.
      let passes = sample.request.recycleTolerance == nil ? sample.passes : Array(sample.passes.prefix(1))
      for part in [sample] + passes {
        switch ExistingFold(part.files, of: identity(part), keeping: kept) {
        case .complete: break
        case .missing: isComplete = false
        case .other(let error): return .other(error)
        }
      }
    }
    if let tables {
      do throws(OutputError) {
        let digests = Set(samples.map { identity($0).digest })
        isComplete =
          try Self.isThere(tables, digests, residues: samples[0].request.length, samples[0].files.store) && isComplete
      } catch {
        return .other(error)
      }
    }
    return isComplete ? .complete : .missing
  }

  /// Whether the tables are there and have these samples.
  ///
  /// - Throws: `OutputError` when they are other ones.
  private static func isThere(
    _ tables: (samples: String, fluctuations: String), _ wanted: Set<String>, residues: Int,
    _ store: any FoldStore
  ) throws(OutputError) -> Bool {
    guard try store.size(of: tables.samples) != nil else { return false }
    let bytes = try store.read(tables.samples, atMost: Int.max)
    guard let found = EnsembleTables.digests(in: bytes) else { throw .foreignResult(path: tables.samples) }
    // Fewer or more samples of the same kind may be asked for now.
    guard wanted.isSubset(of: found) || found.isSubset(of: wanted) else {
      throw .otherFold(path: tables.samples, .unknown)
    }
    guard try store.size(of: tables.fluctuations) != nil else { return false }
    let table = try store.read(tables.fluctuations, atMost: Int.max)
    guard EnsembleTables.isFluctuations(table) else { throw .foreignResult(path: tables.fluctuations) }
    guard table.last == UInt8(ascii: "\n"), table.count(where: { $0 == UInt8(ascii: "\n") }) == residues + 1 else {
      throw .cutOff(path: tables.fluctuations)
    }
    return wanted.isSubset(of: found)
  }
}

extension String {
  /// The text before the last `mark`, if a number and nothing else follows it.
  fileprivate func without(_ mark: String) -> String {
    guard let range = ranges(of: mark).last, !self[range.upperBound...].isEmpty,
      self[range.upperBound...].utf8.allSatisfy({ (48...57).contains($0) })
    else { return self }
    return String(self[..<range.lowerBound])
  }
}
