// How many of the disks and calls that may fail a run of the suite tries.

import Foundation
import TestSupport

/// A sample of trials, another one in each run. `ESMFOLD_TEST_FAULTS`, "all" or a number, sets how many of each command there
/// are: `Scripts/faults` tries all.
struct FaultSample {
  private let limit: Int

  /// - Parameter ordinary: How many trials of each command an ordinary run has.
  init(ordinarily ordinary: Int) {
    let asked = ProcessInfo.processInfo.environment["ESMFOLD_TEST_FAULTS"]
    limit = asked == "all" ? Int.max : asked.flatMap(Int.init) ?? ordinary
  }

  /// The trials of this run.
  func chosen<Trial>(from trials: [Trial]) -> [Trial] {
    guard trials.count > limit else { return trials }
    var random = RandomNumbers(seed: .random(in: 0...UInt64.max))
    return Array(trials.shuffled(using: &random).prefix(limit))
  }
}
