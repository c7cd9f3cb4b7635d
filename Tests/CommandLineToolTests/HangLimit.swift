// How long a test may take before it counts as hanging.

import TestSupport
import Testing

extension Trait where Self == TimeLimitTrait {
  /// A limit of some minutes that only a hang exceeds, even on a busy machine; ten times as many under an emulator. The time in
  /// which a test waits for its turn is part of it.
  static func timeLimit(minutes: Int) -> Self { .timeLimit(.minutes(Emulator.isUsed ? 10 * minutes : minutes)) }
}
