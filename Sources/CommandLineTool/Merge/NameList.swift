// The names of many records, each with a number, and the orders in which they may be written.

import Glibc
import Platform

/// Names as bytes, one after the other: a million take some tens of megabytes.
struct NameList {
  private var bytes: [UInt8] = []
  private var starts: [Int] = [0]
  private var places: [UInt64: Int32] = [:]

  var count: Int { starts.count - 1 }

  /// The number of a name with this hash; nil if there is none.
  func place(_ hash: UInt64) -> Int? { places[hash].map { Int($0) } }

  /// Adds a name.
  ///
  /// - Returns: its number, and whether it is new.
  mutating func add(_ name: UnsafeRawBufferPointer) -> (place: Int, isNew: Bool) {
    let hash = shortHash(of: name)
    if let place = places[hash] { return (Int(place), false) }
    let place = count
    places[hash] = Int32(clamping: place)
    bytes += name
    starts.append(bytes.count)
    return (place, true)
  }

  func name(_ place: Int) -> String { String(decoding: bytes[starts[place]..<starts[place + 1]], as: UTF8.self) }

  /// All numbers, in the order of the bytes of the names.
  var sorted: [Int] {
    bytes.withUnsafeBytes { bytes in
      (0..<count).sorted { one, other in
        let first = UnsafeRawBufferPointer(rebasing: bytes[starts[one]..<starts[one + 1]])
        let second = UnsafeRawBufferPointer(rebasing: bytes[starts[other]..<starts[other + 1]])
        guard let a = first.baseAddress, let b = second.baseAddress else { return first.count < second.count }
        let order = memcmp(a, b, min(first.count, second.count))
        return order == 0 ? first.count < second.count : order < 0
      }
    }
  }
}
