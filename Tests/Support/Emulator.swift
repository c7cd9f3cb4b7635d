// Whether the programs under test run on an emulated processor, where some of what the system does is the emulator's doing.

import Foundation

/// The emulator of another processor (QEMU in user mode) under which `Scripts/arm64` runs the tests. What it does otherwise than
/// Linux, and was seen to do with a C program, too, is the reason that a test gives for being left out.
package enum Emulator {
  /// Whether there is one.
  package static let isUsed = ProcessInfo.processInfo.environment["ESMFOLD_TEST_EMULATED"] != nil
}
