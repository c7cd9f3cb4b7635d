// What is asked for each record of a run, and what of it cannot be done whatever the model is.

import ESMFoldKit
import Platform
import Protein

extension FoldRun {
  /// What is asked of the model.
  func request(_ job: Job) -> FoldRequest {
    options.complex.request(job.record, numbers: numbers.of(job.record.name), recycles: options.recycles)
  }

  /// When and on what a line of the summary is made.
  var origin: SummaryRow.Origin { SummaryRow.Origin(machine: machine) }

  /// How the summary names this machine.
  static func machine(_ options: FoldOptions) -> String {
    let system = SystemInfo.current, threads = options.model.threads ?? system.availableThreads
    return "\(system.processor), \(threads) \(threads == 1 ? "thread" : "threads"), \(system.instructionSet)"
  }

  /// How the summary names what is folded.
  func protein(_ job: Job) -> SummaryRow.Protein {
    let request = request(job)
    return SummaryRow.Protein(
      name: job.name, header: job.record.header, length: request.length, chains: request.chains.count)
  }

  /// Looks for what keeps a record from its place in the files that are asked for.
  ///
  /// - Parameters:
  ///   - task: What is made of the record.
  ///   - names: The names of the files of earlier records, and whose they are.
  /// - Returns: The problem and a hint; nil where there is none.
  func problem(of task: FoldTask, _ names: inout [String: String]) -> String? {
    // Records have different names, but one may be called as another's sample.
    for name in task.samples.flatMap({ [$0.name] + $0.passes.map(\.name) }) {
      if let other = names.updateValue(task.job.name, forKey: name) {
        return "name: found \(quoted(name)), which is that of results of \(quoted(other)), too, expected another one"
      }
    }
    guard options.formats.contains(.pdb) else { return nil }
    let request = task.samples[0].request, chains = request.chains.count
    let hint = "\nhint: --format cif has no such limit"
    if chains > ChainName.singleLetters {
      return "PDB file: chains: found \(chains), expected at most \(ChainName.singleLetters): a name has one letter"
        + hint
    }
    let wide = request.residueNumbers?.lazy.joined().first { !PDBWriter.residueNumbers.contains($0) }
    return wide.map { "PDB file: residue number: found \($0), expected \(PDBWriter.expectedNumbers)" + hint }
  }

  /// `length 120`, or `length 240 in 2 chains (265 with linkers)`.
  static func lengthInWords(_ request: FoldRequest) -> String {
    guard request.chains.count > 1 else { return "length \(request.length)" }
    return "length \(request.length) in \(request.chains.count) chains (\(request.lengthWithLinkers) with linkers)"
  }
}
