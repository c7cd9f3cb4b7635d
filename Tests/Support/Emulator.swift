// Whether the programs under test run on an emulated processor, where some of what the system does is the emulator's doing.

import Foundation

/// The emulator of another processor (QEMU in user mode) under which `Scripts/arm64` runs the tests. A test of something that it
/// does otherwise than Linux is left out and says what that is.
package enum Emulator {
  /// Whether there is one.
  package static let isUsed = ProcessInfo.processInfo.environment["ESMFOLD_TEST_EMULATED"] != nil
}
