// Decimal numbers without columns, rounded as in PDB files: for mmCIF and JSON.

extension [UInt8] {
  /// Appends a number with decimals, rounded to nearest, ties to even, of the float32's exact value, as `PDBWriter` does.
  ///
  /// - Parameters:
  ///   - value: The number.
  ///   - decimals: 1 to 4.
  ///   - dropsZeros: Whether zeros at the end are left out but for the first decimal, as JSON writers do.
  /// - Returns: False, with nothing appended, if the value is not finite or has more than nine digits before the point.
  package mutating func append(decimal value: Float, _ decimals: Int, dropsZeros: Bool = false) -> Bool {
    guard value.isFinite, value.magnitude < 1e9 else { return false }
    precondition((1...4).contains(decimals), "\(decimals) decimals")
    let scale = decimals == 1 ? 10 : decimals == 2 ? 100 : decimals == 3 ? 1000 : 10_000
    // Exact in float64, so the decimal is rounded once.
    let scaled = Int((Double(value.magnitude) * Double(scale)).rounded(.toNearestOrEven))
    var (whole, rest) = scaled.quotientAndRemainder(dividingBy: scale)
    if value.sign == .minus { append(UInt8(ascii: "-")) }
    var digit = 1
    while digit <= whole / 10 { digit *= 10 }
    while digit > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: whole / digit))
      whole %= digit
      digit /= 10
    }
    append(UInt8(ascii: "."))
    digit = scale / 10
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / digit))
      rest %= digit
      digit /= 10
    } while digit > 0 && !(dropsZeros && rest == 0)
    return true
  }

  /// Appends a whole number.
  package mutating func append(integer value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    var rest = value.magnitude, digit: UInt = 1
    while digit <= rest / 10 { digit *= 10 }
    while digit > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / digit))
      rest %= digit
      digit /= 10
    }
  }
}
