// Rows as lines of a table.

/// Fixed columns, so that each row can be printed as soon as it is measured.
package enum RowTable {
  static let header =
    left("row", 40) + left("prec", 5) + left("isa", 9) + right("thr", 3) + right("median", 10) + right("p10–p90", 14)
    + right("GFLOP/s", 9) + right("GB/s", 7) + right("of peak", 9) + right("peak", 10) + right("memory", 10) + "\n"

  static func line(_ row: Row) -> String {
    let spread = "\(percent(row.time.p10 / row.time.median))–\(percent(row.time.p90 / row.time.median)) %"
    return left(row.identity.name, 40) + left(row.identity.precision, 5) + left(row.identity.instructionSet, 9)
      + right("\(row.identity.threads)", 3)
      + right(time(row.time.median), 10) + right(spread, 14) + right(row.gigaflops.map(digits) ?? "-", 9)
      + right(row.gigabytes.map(digits) ?? "-", 7) + right(row.share.map { "\(percent($0)) %" } ?? "-", 9)
      + right(digits(row.peak), 10) + right("\(row.memory >> 20) MiB", 10) + "\n"
  }

  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  private static func percent(_ value: Double) -> String { value < 100 ? "\(Int((value * 100).rounded()))" : ">9999" }

  static func time(_ seconds: Double) -> String {
    if seconds < 1e-6 { return digits(seconds * 1e9) + " ns" }
    if seconds < 1e-3 { return digits(seconds * 1e6) + " µs" }
    if seconds < 1 { return digits(seconds * 1e3) + " ms" }
    return digits(seconds) + " s"
  }

  /// A number of at least 0 with three significant digits but at most three decimals, without an exponent.
  package static func digits(_ value: Double) -> String {
    guard value.isFinite, value < 1e15 else { return "\(value)" }
    var decimals = 0, scale = 1.0
    while decimals < 3, value * scale < 99.95 {
      decimals += 1
      scale *= 10
    }
    let scaled = Int((value * scale).rounded())
    guard decimals > 0 else { return "\(scaled)" }
    let text = String(scaled)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - text.count)) + text
    return padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}
