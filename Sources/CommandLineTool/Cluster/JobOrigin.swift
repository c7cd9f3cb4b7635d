// Where this process runs: the node and the scheduler's job, for logs that are joined later.

import Glibc

/// The node and the job of this process, as far as they are known.
struct JobOrigin: Sendable {
  let node: String
  /// As squeue shows it, `1234` or `1234_5`; nil outside a job.
  let job: String?

  init(_ environment: (String) -> String?) {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    node = value("SLURMD_NODENAME") ?? Self.host
    if let task = value("SLURM_ARRAY_TASK_ID"), let array = value("SLURM_ARRAY_JOB_ID") ?? value("SLURM_JOB_ID") {
      job = "\(array)_\(task)"
    } else {
      job = value("SLURM_JOB_ID")
    }
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The fields of a line of a JSON log.
  var fields: [(String, LogValue)] {
    [("node", .text(node))] + (job.map { [("job", .text($0))] } ?? [])
  }

  /// `node n1, job 15_2`.
  var words: String { "node \(node)" + (job.map { ", job \($0)" } ?? "") }
}
