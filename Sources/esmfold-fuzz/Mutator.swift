// Changes to bytes of any format: typical damage to files, and what attackers try first.

package import Platform

/// Makes inputs out of inputs. The same random numbers make the same inputs.
package struct Mutator {
  package var random: SplitMix64
  let seeds: [[UInt8]]
  let tokens: [[UInt8]]
  /// A coverage-guided engine's own mutation of bytes.
  let engine: ((inout [UInt8]) -> Void)?

  /// Numbers that break arithmetic.
  static let numbers: [Int] = {
    let small = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 1000, 1024, 4096]
    let powers = [15, 16, 31, 32, 33, 40, 53, 60, 61, 62].map { (exponent: Int) in 1 << exponent }
    let limits: [Int] = [Int.max, Int.max - 1, Int.min, -1, -2]
    return small + powers.flatMap { (power: Int) in [power - 1, power, power + 1] } + limits
  }()

  /// Makes one to four changes.
  mutating func change(_ bytes: inout [UInt8]) {
    if let engine, random.once(in: 2) {
      engine(&bytes)
    } else {
      for _ in 0...random.below(4) { changeOnce(&bytes) }
    }
    if bytes.count > Subject.largestInput { bytes.removeLast(bytes.count - Subject.largestInput) }
  }

  private mutating func changeOnce(_ bytes: inout [UInt8]) {
    let place = random.below(bytes.count)
    switch random.below(14) {
    case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 2, 3: putNumber(&bytes)
    case 4: addToNumber(&bytes)
    case 5: replaceDigits(&bytes)
    case 6:
      if let token = random.element(of: tokens) { bytes.insert(contentsOf: token, at: random.below(bytes.count + 1)) }
    case 7:
      if let token = random.element(of: tokens) {
        bytes.replaceSubrange(overlay(token.count, at: place, in: bytes), with: token)
      }
    case 8: bytes.removeSubrange(random.range(in: bytes.count))
    case 9: bytes.insert(contentsOf: bytes[random.range(in: bytes.count)], at: random.below(bytes.count + 1))
    case 10:
      let part = bytes[random.range(in: bytes.count)], count = 1 << random.below(8)
      if part.count * count <= Subject.largestInput {
        bytes.insert(contentsOf: repeatElement(part, count: count).joined(), at: random.below(bytes.count + 1))
      }
    case 11: if random.once(in: 4) { bytes.removeLast(random.below(bytes.count + 1)) }
    case 12: splice(&bytes)
    default:
      let part = Array(bytes[random.range(in: bytes.count)])
      bytes.replaceSubrange(overlay(part.count, at: place, in: bytes), with: part)
    }
  }

  private func overlay(_ count: Int, at place: Int, in bytes: [UInt8]) -> Range<Int> {
    min(place, bytes.count)..<min(place + count, bytes.count)
  }

  /// Writes an interesting number of 1, 2, 4 or 8 bytes, in the machine's byte order or, rarely, the other.
  private mutating func putNumber(_ bytes: inout [UInt8]) {
    let width = 1 << random.below(4)
    guard bytes.count >= width else { return }
    let place = random.below(bytes.count - width + 1)
    put(number(), width, at: place, in: &bytes)
  }

  /// Adds a little to an existing number.
  private mutating func addToNumber(_ bytes: inout [UInt8]) {
    let width = 1 << random.below(4)
    guard bytes.count >= width else { return }
    let place = random.below(bytes.count - width + 1)
    let old = bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    put(Int(truncatingIfNeeded: old) &+ (random.below(33) - 16), width, at: place, in: &bytes)
  }

  private mutating func put(_ number: Int, _ width: Int, at place: Int, in bytes: inout [UInt8]) {
    let isBigEndian = random.once(in: 8)
    for index in 0..<width {
      bytes[place + (isBigEndian ? width - 1 - index : index)] = UInt8(truncatingIfNeeded: number >> (8 * index))
    }
  }

  /// A number that may break arithmetic.
  mutating func number() -> Int { random.element(of: Self.numbers) ?? 0 }

  /// Replaces a number written in digits with another one.
  private mutating func replaceDigits(_ bytes: inout [UInt8]) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let start = random.below(bytes.count)
    guard let first = bytes[start...].firstIndex(where: digits.contains) else { return }
    let end = bytes[first...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
    let texts = ["\(number())", "\(random.below(40))", "1e\(number())", "-0.0", "0x10", "18446744073709551616", "1.5"]
    bytes.replaceSubrange(first..<end, with: (random.element(of: texts) ?? "").utf8)
  }

  /// Joins the beginning of this input to the end of another.
  private mutating func splice(_ bytes: inout [UInt8]) {
    guard let other = random.element(of: seeds) else { return }
    bytes.replaceSubrange(random.below(bytes.count + 1)..., with: other[random.below(other.count + 1)...])
  }
}
