// The prediction for many threads: by hand from tasks that the test makes, and as the program prints it.

import Foundation
import Tensors
import TestSupport
import Testing
import esmfold_bench

@Suite("Scaling") struct ScalingTests {
  @Test("The cost of a join is the line through its measurements") func join() {
    let line = JoinCost([(2, 3), (4, 5), (8, 9)])
    #expect(abs(line.fixed - 1) < 1e-12 && abs(line.perThread - 1) < 1e-12 && line.measuredThreads == 8)
    #expect(line.seconds(threads: 16) == line.fixed + 16 * line.perThread && line.seconds(threads: 1) == 0)
    // One measurement: in proportion.
    #expect(JoinCost([(2, 3)]).seconds(threads: 4) == 6)
    // Noise gives no negative costs.
    #expect(JoinCost([(2, 3), (4, 1)]).perThread == 0)
  }

  @Test("Efficiency is one thread's time over that of all") func efficiency() {
    let tasks = RegionMeter.Recording(
      regions: [.init(place: "a", tasks: [Double](repeating: 1, count: 64))], serialSeconds: 1)
    let table = ScalingTable(
      [ScalingStep("a", times: 2, bytes: 0, tasks)], length: 7, precision: .float32,
      join: JoinCost(fixed: 0, perThread: 0, measuredThreads: 2))
    #expect(table.seconds(threads: 1) == 130 && table.seconds(threads: 32) == 6)
    #expect(table.efficiency(threads: 32) == 130.0 / (32 * 6))
    let lines = table.text.split(separator: "\n")
    #expect(lines.count == 3 && Set(lines.map(\.count)).count == 1, "\(table.text)")
    // 4: 130 / (4 · 2 · 17), 16: 2 · 5, 32: 2 · 3, 64 and 128: 2 · 2.
    let shares = lines[2].split(separator: " ").suffix(10).filter { $0 != "%" }
    #expect(shares == ["96", "81", "68", "51", "25"], "\(table.text)")
  }

  @Test("The program prints a line for each step, and the sum") func program() throws {
    let ran = try BenchProgram.run(["scaling", "--lengths", "7", "--precision", "fp32", "--seconds", "0.001"])
    #expect(ran.status == 0)
    let lines = ran.output.split(separator: "\n").map(String.init)
    let first = try #require(lines.firstIndex { $0.hasPrefix("L=7 float32") || $0.hasPrefix("L=7 fp32") })
    #expect(lines[..<first].contains { $0.hasPrefix("dividing a region: ") })
    let names = lines[(first + 1)...].map { $0.split(separator: " ")[0] }
    #expect(
      names == [
        "ESM-2", "pair_to_sequence", "seq_attention", "mlp_seq", "sequence_to_pair", "tri_mul_out", "tri_mul_in",
        "tri_att_start", "tri_att_end", "mlp_pair", "structure", "fold",
      ])
    // A row has a line of pairs in each tile: 7 tasks.
    #expect(lines.contains { $0.hasPrefix("mlp_pair") && $0.contains(" 7–7 ") })
  }
}
