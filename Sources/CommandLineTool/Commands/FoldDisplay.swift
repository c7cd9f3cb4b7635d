// How far a run is: the progress bar while proteins are folded, and the numbers behind finished ones.

import ESMFoldKit
import Synchronization

/// What is being folded just now. Several threads use it.
final class FoldDisplay: Sendable {
  private struct State {
    /// Proteins that are to be folded, without those for which there is no time.
    var count: Int
    /// Proteins that are done, also those that failed.
    var done = 0
    /// Of those that are being folded: their names and which part of each is done.
    var underWay: [Int: (name: String, part: Double)] = [:]
  }

  private let isOneByOne: Bool
  private let diagnostics: Diagnostics
  private let state: Mutex<State>

  /// - Parameters:
  ///   - count: The number of proteins.
  ///   - isOneByOne: Whether no two are folded at the same time.
  ///   - diagnostics: What has the progress bar.
  init(count: Int, isOneByOne: Bool, _ diagnostics: Diagnostics) {
    state = Mutex(State(count: count))
    self.isOneByOne = isOneByOne
    self.diagnostics = diagnostics
  }

  /// Shows how far one of them is.
  func show(_ record: Int, _ task: FoldTask, sample: Int, _ progress: FoldProgress) {
    let blocks = Double(max(1, progress.passes * progress.blocks)), samples = task.samples.count
    let done = Double((progress.pass - 1) * progress.blocks + progress.block) / blocks
    let part = (Double(sample) + done) / Double(samples)
    let (fraction, others, place) = state.withLock { state in
      state.underWay[record] = (task.job.name, part)
      let parts = state.underWay.values.reduce(0) { $0 + $1.part }
      return (
        (Double(state.done) + parts) / Double(max(1, state.count)), isOneByOne ? nil : Self.words(state),
        "\(state.done + 1)/\(state.count)"
      )
    }
    diagnostics.progress(
      fraction,
      others ?? "\(place) \(task.job.name), \(task.samples[0].request.lengthWithLinkers) residues, "
        + (samples > 1 ? "sample \(sample + 1)/\(samples), " : "") + "pass \(progress.pass)/\(progress.passes)")
  }

  /// `12/40 done; A 45 %, B 7 %`
  private static func words(_ state: State) -> String {
    let parts = state.underWay.sorted { $0.key < $1.key }.map { "\($0.value.name) \(Int($0.value.part * 100)) %" }
    return "\(state.done)/\(state.count) done; " + parts.joined(separator: ", ")
  }

  /// Notes that one is finished.
  ///
  /// - Returns: How many of how many are done with it, `12/40`.
  func finish(_ record: Int) -> String {
    state.withLock { state in
      state.underWay[record] = nil
      state.done += 1
      return "\(state.done)/\(state.count)"
    }
  }

  /// Notes that one has failed.
  func fail() { state.withLock { $0.done += 1 } }

  /// Notes that there is no time for one.
  func leave() { state.withLock { $0.count -= 1 } }

  /// Notes that one is not being folded any more.
  func end(_ record: Int) { state.withLock { $0.underWay[record] = nil } }
}
