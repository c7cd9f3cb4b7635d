// Why a benchmark cannot run; the messages are worded in `description`.

/// The errors of the benchmark program.
package enum BenchmarkError: Error, Sendable, Equatable {
  /// A mistake on the command line.
  case usage(String)
  /// `ESMFOLD_ISA` names an instruction set that this machine cannot run.
  case instructionSet(String, available: [String])
  case file(path: String, action: String, reason: String)
  /// A file that is not a report.
  case report(path: String, reason: String)
  /// A model that cannot be loaded or folded with.
  case model(String)
  case memory(what: String, needed: Int, available: Int)

  /// Whether the command line is wrong.
  package var isUsage: Bool {
    if case .usage = self { true } else { false }
  }
}

extension BenchmarkError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .usage(let sentence): sentence + "\nhint: esmfold-bench --help explains more"
    case .instructionSet(let name, let available):
      "ESMFOLD_ISA: found \(name), expected one of: \(available.joined(separator: ", "))"
    case .file(let path, let action, let reason): "\(path): cannot \(action): \(reason)"
    case .report(let path, let reason): "\(path): \(reason), expected a report of esmfold-bench --json"
    case .model(let sentence): sentence
    case .memory(let what, let needed, let available):
      "\(what): needs \(needed >> 20) MiB, found \(available >> 20) MiB of free memory"
    }
  }
}
