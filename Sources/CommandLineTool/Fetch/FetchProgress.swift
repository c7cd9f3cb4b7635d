// The progress of a download in words.

import Platform
package import Transfer

extension TransferProgress {
  /// `1.2 of 8.4 GB, 35.0 MB/s, 3 min left`; what is not known is left out.
  package var words: String {
    var parts: [String] = []
    if let total {
      let unit = SizeUnit(decimalFor: total)
      parts.append("\(unit.number(bytes)) of \(unit.number(total)) \(unit.name)")
    } else {
      parts.append(decimalBytes(bytes))
    }
    if let bytesPerSecond { parts.append("\(decimalBytes(Int(min(bytesPerSecond, 1e15))))/s") }
    if let secondsLeft { parts.append("\(duration(secondsLeft)) left") }
    return parts.joined(separator: ", ")
  }

  /// The fraction that is done, 0 to 1.
  var fraction: Double { total.map { Double(bytes) / Double(max(1, $0)) } ?? 0 }
}

/// A duration for people: `45 s`, `3 min`, `2 h 10 min`.
package func duration(_ seconds: Double) -> String {
  guard seconds < 360_000 else { return "more than 100 h" }
  let whole = Int(seconds.rounded())
  if whole < 90 { return "\(whole) s" }
  let minutes = (whole + 30) / 60
  return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
}
