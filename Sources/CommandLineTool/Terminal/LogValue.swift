// Values of the fields of a JSON log line.

import Glibc
import Synchronization

/// A value in a line of the log.
package enum LogValue: Sendable {
  case text(String)
  case whole(Int)
  /// A number shown with so many decimals; not finite is shown as null in JSON.
  case decimal(Double, Int)
}
