// Times: lengths in seconds, and the time now.

import Glibc

extension Duration {
  /// The duration as a number of seconds.
  package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// A time in ISO 8601, `2026-01-31T12:00:00Z`.
///
/// - Parameter seconds: Since 1970; now if there are none.
/// - Returns: The text; `unknown` for a year that the system cannot count.
package func utcTime(_ seconds: Int? = nil) -> String {
  var time = seconds ?? time(nil)
  var parts = tm()
  guard gmtime_r(&time, &parts) != nil else { return "unknown" }
  func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
}
