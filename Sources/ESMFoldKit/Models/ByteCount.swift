// A number of bytes as people read it.

import Weights

/// Bytes for people: "1.5 GiB".
struct ByteCount: CustomStringConvertible {
  let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  var description: String {
    var unit = 0, value = Double(bytes)
    while value >= 1024, unit < 4 {
      value /= 1024
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    let number = unit == 0 ? "\(bytes)" : "\(tenths / 10).\(tenths % 10)"
    return "\(number) \(["bytes", "KiB", "MiB", "GiB", "TiB"][unit])"
  }
}
