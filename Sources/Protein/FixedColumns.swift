// Numbers in columns of fixed width: decimals as C's printf rounds them, and hybrid-36 for counts that outgrow decimals.

extension PDBWriter {
  /// Appends `value` right-aligned, as printf's `%width.decimalsf`; a number too wide for the column loses decimals.
  ///
  /// - Returns: False, with nothing appended, if the value is not finite or too wide without decimals.
  static func appendFixed(_ value: Float, width: Int, decimals: Int, to output: inout [UInt8]) -> Bool {
    guard value.isFinite else { return false }
    let isNegative = value.sign == .minus
    for decimals in stride(from: decimals, through: 0, by: -1) {
      // A float32 times 10, 100 or 1000 is exact in float64, so this rounds the exact decimal, ties to even, once.
      let scaled = (Double(value.magnitude) * Double(power(10, decimals))).rounded(.toNearestOrEven)
      guard scaled < Double(power(10, width)) else { continue }
      var digits = decimalDigits(Int(scaled), atLeast: decimals + 1)
      if decimals > 0 { digits.insert(UInt8(ascii: "."), at: digits.count - decimals) }
      if isNegative { digits.insert(UInt8(ascii: "-"), at: 0) }
      guard digits.count <= width else { continue }
      for _ in digits.count..<width { output.append(.space) }
      output += digits
      return true
    }
    return false
  }

  /// An integer right-aligned, in decimal while it fits and in hybrid-36 beyond
  /// (R. W. Grosse-Kunstleve, cctbx): base 36 with a leading upper-case letter, then with a lower-case one.
  ///
  /// - Returns: Exactly `width` characters, or nil if the number is outside the range.
  static func hybrid36(_ number: Int, width: Int) -> [UInt8]? {
    let decimals = power(10, width)
    guard number > -power(10, width - 1), number <= hybrid36Limit(width: width) else { return nil }
    if number < decimals {
      let digits = (number < 0 ? [UInt8(ascii: "-")] : []) + decimalDigits(abs(number), atLeast: 1)
      return Array(repeating: .space, count: width - digits.count) + digits
    }
    let block = 26 * power(36, width - 1)
    let (isSmall, place) = (number - decimals).quotientAndRemainder(dividingBy: block)
    var rest = place + 10 * power(36, width - 1)  // The first digit is a letter: 10 or more.
    var digits = [UInt8](repeating: 0, count: width)
    for column in digits.indices.reversed() {
      let digit = UInt8(rest % 36)
      let letter = UInt8(ascii: isSmall == 1 ? "a" : "A")
      digits[column] = digit < 10 ? UInt8(ascii: "0") + digit : letter + digit - 10
      rest /= 36
    }
    return digits
  }

  /// Largest number that `width` columns hold in hybrid-36.
  static func hybrid36Limit(width: Int) -> Int {
    power(10, width) + 2 * 26 * power(36, width - 1) - 1
  }

  private static func decimalDigits(_ number: Int, atLeast count: Int) -> [UInt8] {
    var digits: [UInt8] = []
    var rest = number
    while rest > 0 || digits.count < count {
      digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    return digits.reversed()
  }

  private static func power(_ base: Int, _ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

extension UInt8 {
  static let space = UInt8(ascii: " ")
  static let lineFeed = UInt8(ascii: "\n")
}
