// The prediction for many threads as a table.

package import Tensors

/// A step of a fold.
package struct ScalingStep: Sendable {
  package let name: String
  /// How often a fold takes it.
  package let times: Int
  /// Bytes that it moves at least.
  package let bytes: Double
  package let recording: RegionMeter.Recording

  package init(_ name: String, times: Int, bytes: Double, _ recording: RegionMeter.Recording) {
    (self.name, self.times, self.bytes, self.recording) = (name, times, bytes, recording)
  }

  /// Seconds of all times.
  package func seconds(threads: Int, _ join: JoinCost) -> Double {
    Double(times) * recording.seconds(threads: threads) { join.seconds(threads: $0) }
  }

  /// What it reaches on some threads of their number times one.
  func efficiency(threads: Int, _ join: JoinCost) -> Double {
    seconds(threads: 1, join) / (Double(threads) * seconds(threads: threads, join))
  }
}

/// Steps and their sum.
package struct ScalingTable {
  private let steps: [ScalingStep]
  private let length: Int, precision: Precision
  private let join: JoinCost

  package static let threads = [4, 16, 32, 64, 128]

  package init(_ steps: [ScalingStep], length: Int, precision: Precision, join: JoinCost) {
    (self.steps, self.length, self.precision, self.join) = (steps, length, precision, join)
  }

  /// Seconds of a fold.
  package func seconds(threads: Int) -> Double { steps.reduce(0) { $0 + $1.seconds(threads: threads, join) } }

  /// What a fold on some threads reaches of the speed of as many threads with a protein each.
  package func efficiency(threads: Int) -> Double {
    seconds(threads: 1) / (Double(threads) * seconds(threads: threads))
  }

  package var text: String {
    let whole = seconds(threads: 1), serial = steps.reduce(0) { $0 + Double($1.times) * $1.recording.serialSeconds }
    let bytes = steps.reduce(0) { $0 + Double($1.times) * $1.bytes }
    return row(
      "L=\(length) \(precision.rawValue)", ["times", "1 thread", "regions", "tasks", "serial", "GB/s"],
      Self.threads.map { "×\($0)" })
      + steps.map(line).joined()
      + row(
        "fold", ["", RowTable.time(whole), "", "", RowTable.time(serial), RowTable.digits(bytes / whole / 1e9)],
        Self.threads.map { percent(efficiency(threads: $0)) })
  }

  private func line(_ step: ScalingStep) -> String {
    let recording = step.recording, alone = recording.secondsAlone
    let tasks = recording.regions.map(\.tasks.count)
    return row(
      step.name,
      [
        "\(step.times)", RowTable.time(alone), "\(tasks.count)",
        tasks.isEmpty ? "-" : "\(tasks.min() ?? 0)–\(tasks.max() ?? 0)", RowTable.time(recording.serialSeconds),
        step.bytes > 0 ? RowTable.digits(step.bytes / alone / 1e9) : "-",
      ], Self.threads.map { percent(step.efficiency(threads: $0, join)) })
  }

  private func row(_ name: String, _ cells: [String], _ shares: [String]) -> String {
    RowTable.left(name, 20) + zip(cells, [6, 10, 8, 7, 10, 7]).map(RowTable.right).joined()
      + shares.map { RowTable.right($0, 7) }.joined() + "\n"
  }

  private func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }
}
