// What a scheduler has given this job, by its variables: not every cluster enforces it by control groups, but a job that takes
// more than it asked for disturbs others, and may be killed.

import Glibc

/// What Slurm's variables say of this job on this node.
package struct SchedulerLimits: Sendable {
  /// A limit and the variables that say it.
  package struct Limit: Sendable, Equatable {
    package let source: String
    /// Processors, or bytes.
    package let value: Int
  }

  /// Processors of a task; nil where it is not said.
  package let processors: Limit?
  /// Bytes of the job on this node; nil where it is not said, or all memory is meant (0).
  package let memory: Limit?

  /// - Parameter variable: The value of an environment variable.
  package init(_ variable: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
    func number(_ name: String) -> Int? {
      variable(name).flatMap { text in
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text).flatMap { $0 > 0 ? $0 : nil } : nil
      }
    }
    func bytes(_ megabytes: Int, _ factor: Int, _ source: String) -> Limit? {
      let (total, isHuge) = megabytes.multipliedReportingOverflow(by: factor)
      let (bytes, isHuger) = total.multipliedReportingOverflow(by: 1 << 20)
      return isHuge || isHuger ? nil : Limit(source: source, value: bytes)
    }
    processors = number("SLURM_CPUS_PER_TASK").map { Limit(source: "SLURM_CPUS_PER_TASK", value: $0) }
    if let node = number("SLURM_MEM_PER_NODE") {
      memory = bytes(node, 1, "SLURM_MEM_PER_NODE")
    } else if let each = number("SLURM_MEM_PER_CPU"), let count = number("SLURM_CPUS_ON_NODE") {
      memory = bytes(each, count, "SLURM_MEM_PER_CPU x SLURM_CPUS_ON_NODE")
    } else {
      memory = nil
    }
  }
}
