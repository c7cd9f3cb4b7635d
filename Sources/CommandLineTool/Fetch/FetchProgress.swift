// How far a download is, in words.

package import Transfer

/// A number of bytes as download pages give it, in powers of 1000: `8.4 GB`.
package func decimalBytes(_ bytes: Int) -> String {
  let unit = DecimalUnit(for: bytes)
  return "\(unit.number(bytes)) \(unit.name)"
}

/// The largest unit of which there is at least one.
private struct DecimalUnit {
  let name: String
  private let size: Double

  init(for bytes: Int) {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
    (name, size) = units.first { Double(bytes) >= $0.1 } ?? ("bytes", 1)
  }

  func number(_ bytes: Int) -> String {
    let value = Double(bytes) / size
    return size == 1 || value >= 100 ? fixed(value, 0) : fixed(value, 1)
  }
}

extension TransferProgress {
  /// `1.2 of 8.4 GB, 35.0 MB/s, 3 min left`; what is not known is left out.
  package var words: String {
    var parts: [String] = []
    if let total {
      let unit = DecimalUnit(for: total)
      parts.append("\(unit.number(bytes)) of \(unit.number(total)) \(unit.name)")
    } else {
      parts.append(decimalBytes(bytes))
    }
    if let bytesPerSecond { parts.append("\(decimalBytes(Int(min(bytesPerSecond, 1e15))))/s") }
    if let secondsLeft { parts.append("\(duration(secondsLeft)) left") }
    return parts.joined(separator: ", ")
  }

  /// The share that is here, 0 to 1.
  var fraction: Double { total.map { Double(bytes) / Double(max(1, $0)) } ?? 0 }
}

/// A time as people say it: `45 s`, `3 min`, `2 h 10 min`.
package func duration(_ seconds: Double) -> String {
  guard seconds < 360_000 else { return "more than 100 h" }
  let whole = Int(seconds.rounded())
  if whole < 90 { return "\(whole) s" }
  let minutes = (whole + 30) / 60
  return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
}
