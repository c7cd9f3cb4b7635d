// What Slurm's variables say of a job.

import ESMFoldKit
import Testing

@Suite struct SchedulerLimitsTests {
  private func limits(_ variables: [String: String]) -> SchedulerLimits { SchedulerLimits { variables[$0] } }

  @Test func memory() {
    let node = limits(["SLURM_MEM_PER_NODE": "16384", "SLURM_MEM_PER_CPU": "1", "SLURM_CPUS_ON_NODE": "2"]).memory
    #expect(node?.value == 17_179_869_184 && node?.source == "SLURM_MEM_PER_NODE")
    let each = limits(["SLURM_MEM_PER_CPU": "2048", "SLURM_CPUS_ON_NODE": "8"]).memory
    #expect(each?.value == 17_179_869_184 && each?.source == "SLURM_MEM_PER_CPU x SLURM_CPUS_ON_NODE")
  }

  @Test("Nothing is said, all memory is meant, or the text is none of Slurm's")
  func none() {
    for variables in [
      [:], ["SLURM_MEM_PER_NODE": "0"], ["SLURM_MEM_PER_CPU": "2048"], ["SLURM_MEM_PER_NODE": "16G"],
      ["SLURM_MEM_PER_NODE": ""], ["SLURM_MEM_PER_NODE": "-5"], ["SLURM_MEM_PER_NODE": "9223372036854775807"],
      ["SLURM_MEM_PER_CPU": "9223372036854775807", "SLURM_CPUS_ON_NODE": "9"],
      ["SLURM_MEM_PER_NODE": "99999999999999999999"],
    ] {
      #expect(limits(variables).memory == nil, "\(variables)")
    }
  }

  @Test func processors() {
    #expect(limits(["SLURM_CPUS_PER_TASK": "12"]).processors?.value == 12)
    for text in ["", "0", "x", "-1", "1.5"] { #expect(limits(["SLURM_CPUS_PER_TASK": text]).processors == nil) }
  }
}
