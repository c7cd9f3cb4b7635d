// JSON with confidence: the parts that both files have in common.

import Protein

/// Files that begin with the digest of what they were made of, by which they are recognised.
package enum ConfidenceJSON {
  static let digestKey = "request_sha256"

  /// How much of a file tells what it is.
  package static let headByteCount = 256

  /// The first member of the object.
  static func identity(_ digest: String) -> String { "\"\(digestKey)\":\"\(digest)\"," }

  /// The digest in a file's head; nil when it does not begin with `start` and a digest.
  static func digest(in head: [UInt8], after start: String) -> String? {
    let start = start + "\"\(digestKey)\":\""
    guard head.starts(with: start.utf8) else { return nil }
    let digest = head.dropFirst(start.utf8.count).prefix(64)
    guard digest.count == 64, head.dropFirst(start.utf8.count + 64).starts(with: "\",".utf8) else { return nil }
    return String(decoding: digest, as: UTF8.self)
  }

  /// Writes the errors as rows: `[[0.8,1.2],[1.3,0.7]]`.
  static func write(_ errors: AlignedErrors, decimals: Int, to text: inout TextPieces) throws {
    text.append("[")
    for row in 0..<errors.count {
      if row > 0 { text.append(",") }
      try write(errors.values[row * errors.count..<(row + 1) * errors.count], decimals, to: &text) {
        ConfidenceError.alignedError($1, aligned: row + 1, scored: $0 + 1)
      }
      try text.passOn()
    }
    text.append("]")
  }

  /// Writes a list of numbers.
  static func write(
    _ values: ArraySlice<Float>, _ decimals: Int, to text: inout TextPieces,
    orThrow error: (_ place: Int, _ value: Float) -> ConfidenceError
  ) throws {
    text.append("[")
    for (place, value) in values.enumerated() {
      if place > 0 { text.bytes.append(UInt8(ascii: ",")) }
      guard text.bytes.append(decimal: value, decimals, dropsZeros: true) else { throw error(place, value) }
    }
    text.append("]")
  }
}
