// The exit statuses of the program.

/// The exit statuses of a command.
package enum ExitStatus {
  package static let done: Int32 = 0
  /// Some inputs failed; all others are done.
  package static let failed: Int32 = 1
  package static let usage: Int32 = 2
  /// Records are left, with which the same command goes on (EX_TEMPFAIL of sysexits.h).
  package static let workLeft: Int32 = 75
}
