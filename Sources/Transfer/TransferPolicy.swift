// How patient a download is.

/// How long a download waits and how often it tries again.
package struct TransferPolicy: Sendable {
  /// Attempts in a row that bring nothing new.
  package var attempts = 8
  /// The same where no server has ever answered: a wrong name, or no way out of this network.
  package var attemptsWithoutAnswer = 3
  /// As many new bytes are progress: the attempts are counted anew.
  package var progressBytes = 1 << 20
  /// The wait after the first failure in seconds; each further one is twice as long, up to `longestWait`, and a random
  /// part of up to a half is taken off, so that many clients do not come back together.
  package var firstWait = 1.0
  package var longestWait = 60.0
  /// A server that asks for more patience than this is not waited for (seconds).
  package var longestRetryAfter = 600
  /// Seconds to reach a server.
  package var connectTimeout = 30
  /// A transfer below `lowSpeed` bytes a second for `lowSpeedTime` seconds has failed.
  package var lowSpeed = 1000
  package var lowSpeedTime = 60
  /// Redirects that are followed in a row.
  package var redirects = 10

  package init() {}
}
