// Why a benchmark cannot run; the messages are worded in `description`.

package import Platform

/// Every failure of the benchmark program.
package enum BenchmarkError: SystemErrorWrapping, Sendable, Equatable {
  /// A mistake on the command line.
  case usage(String)
  /// `ESMFOLD_ISA` names an instruction set that this machine cannot run.
  case instructionSet(String, available: [String])
  /// A call to the system failed.
  case system(SystemError)
  /// A file that is no report.
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
    case .system(let error): error.sentence
    case .report(let path, let reason): "\(path): \(reason), expected a report of esmfold-bench --json"
    case .model(let sentence): sentence
    case .memory(let what, let needed, let available):
      "\(what): needs \(byteCount(needed)), found \(byteCount(available)) of free memory"
    }
  }
}
