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
    let head =
      RowTable.left("L=\(length) \(precision.rawValue)", 20) + RowTable.right("times", 6)
      + RowTable.right("1 thread", 10) + RowTable.right("regions", 8) + RowTable.right("tasks", 7)
      + RowTable.right("serial", 10) + RowTable.right("GB/s", 7)
      + Self.threads.map { RowTable.right("×\($0)", 7) }.joined() + "\n"
    let whole = seconds(threads: 1)
    let last =
      RowTable.left("fold", 20) + RowTable.right("", 6) + RowTable.right(RowTable.time(whole), 10)
      + RowTable.right("", 8) + RowTable.right("", 7)
      + RowTable.right(
        RowTable.time(steps.reduce(0) { $0 + Double($1.times) * $1.recording.serialSeconds }), 10)
      + RowTable.right(
        RowTable.digits(steps.reduce(0) { $0 + Double($1.times) * $1.bytes } / whole / 1e9), 7)
      + Self.threads.map { percent(efficiency(threads: $0)) }.joined() + "\n"
    return head + steps.map(line).joined() + last
  }

  private func line(_ step: ScalingStep) -> String {
    let recording = step.recording, alone = recording.secondsAlone
    let tasks = recording.regions.map(\.tasks.count)
    let range = tasks.isEmpty ? "-" : "\(tasks.min() ?? 0)–\(tasks.max() ?? 0)"
    return RowTable.left(step.name, 20) + RowTable.right("\(step.times)", 6)
      + RowTable.right(RowTable.time(alone), 10) + RowTable.right("\(tasks.count)", 8) + RowTable.right(range, 7)
      + RowTable.right(RowTable.time(recording.serialSeconds), 10)
      + RowTable.right(step.bytes > 0 ? RowTable.digits(step.bytes / alone / 1e9) : "-", 7)
      + Self.threads.map { count in
        percent(alone / (Double(count) * recording.seconds(threads: count) { join.seconds(threads: $0) }))
      }.joined() + "\n"
  }

  private func percent(_ value: Double) -> String { RowTable.right("\(Int((value * 100).rounded())) %", 7) }
}
