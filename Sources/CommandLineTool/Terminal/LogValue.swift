// Values of the fields of a JSON log line.

/// A value in a line of the log.
package enum LogValue: Sendable {
  case text(String)
  case whole(Int)
  /// A number with this many decimals; null in JSON when it is not finite.
  case decimal(Double, Int)
}
