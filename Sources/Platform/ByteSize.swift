// Numbers of bytes as people read them.

/// A number of bytes in binary units, `8.4 GiB`: what memory and files take.
package func byteCount(_ bytes: Int) -> String { SizeUnit(binaryFor: bytes).text(bytes) }

/// A number of bytes in decimal units, `8.4 GB`: as download pages give it.
package func decimalBytes(_ bytes: Int) -> String { SizeUnit(decimalFor: bytes).text(bytes) }

/// The largest unit that does not exceed the number.
package struct SizeUnit: Sendable {
  package let name: String
  private let size: Double

  /// The power of 1024 for a number of bytes.
  package init(binaryFor bytes: Int) { self.init(bytes, 1024, ["bytes", "KiB", "MiB", "GiB", "TiB"]) }

  /// The power of 1000 for a number of bytes.
  package init(decimalFor bytes: Int) { self.init(bytes, 1000, ["bytes", "kB", "MB", "GB", "TB"]) }

  private init(_ bytes: Int, _ base: Double, _ names: [String]) {
    var unit = 0, size = 1.0
    while Double(bytes) >= size * base, unit < names.count - 1 {
      size *= base
      unit += 1
    }
    name = names[unit]
    self.size = size
  }

  /// The number without the unit: one decimal, which is left out from a hundred on.
  package func number(_ bytes: Int) -> String {
    let value = Double(bytes) / size
    return size == 1 ? "\(bytes)" : fixed(value, value < 100 ? 1 : 0)
  }

  /// The number with the unit.
  package func text(_ bytes: Int) -> String { "\(number(bytes)) \(name)" }
}
