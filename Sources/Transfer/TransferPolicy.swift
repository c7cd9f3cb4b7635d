// Timeouts and retries of a download.

/// How long a download waits and how often it retries.
package struct TransferPolicy: Sendable {
  /// Consecutive attempts without progress.
  package var attempts = 8
  /// The same while no server has ever answered: a wrong name, or no access to the network.
  package var attemptsWithoutAnswer = 3
  /// New bytes that count as progress and reset the count of attempts.
  package var progressBytes = 1 << 20
  /// The wait after the first failure in seconds; each further one is twice as long, up to `longestWait`, less a random
  /// share of up to a half, so that many clients do not retry at once.
  package var firstWait = 1.0
  package var longestWait = 60.0
  /// The longest `Retry-After` that is honoured, in seconds.
  package var longestRetryAfter = 600
  /// Seconds to connect to a server.
  package var connectTimeout = 30
  /// A transfer below `lowSpeed` bytes per second for `lowSpeedTime` seconds counts as failed.
  package var lowSpeed = 1000
  package var lowSpeedTime = 60
  /// Maximum number of redirects to follow.
  package var redirects = 10

  package init() {}
}
