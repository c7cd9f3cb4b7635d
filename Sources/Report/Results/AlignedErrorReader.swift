// Predicted aligned errors read back from JSON: NAME.pae.json, or NAME_scores.json where there is no such file.

import Platform

/// The errors of a file, in tenths of Å.
package struct ReadErrors {
  /// Residues.
  package let size: Int
  /// [size, size]: row i, column j is the error of residue j when residue i is superposed.
  package let tenths: [UInt16]
  /// What the model can express, Å, as the file writes it; nil where it does not say.
  package let maximum: String?
  /// What the file was made of; nil where it does not say.
  package let digest: String?

  /// The low bytes of all errors, then the high bytes: so they pack well.
  package var bytePlanes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 2 * tenths.count) { bytes, count in
      for (place, value) in tenths.enumerated() {
        bytes[place] = UInt8(truncatingIfNeeded: value)
        bytes[tenths.count + place] = UInt8(truncatingIfNeeded: value >> 8)
      }
      count = 2 * tenths.count
    }
  }
}

/// Reads JSON with a square matrix of errors: `[{"predicted_aligned_error":[[…]]}]` (AlphaFold database),
/// `{"predicted_aligned_error":…}` and `{"pae":[[…]]}` (ColabFold).
package struct AlignedErrorReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  /// Reads a file.
  ///
  /// - Throws: `ResultError` when it has no such matrix, or one that is not square.
  package static func read(_ bytes: [UInt8]) throws(ResultError) -> ReadErrors {
    try bytes.withUnsafeBytes { bytes in
      Result { () throws(ResultError) in
        var reader = AlignedErrorReader(bytes)
        return try reader.errors()
      }
    }.get()
  }

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private static let matrices: Set<String> = ["predicted_aligned_error", "pae"]

  /// The members of the object, of which the matrix is one.
  private mutating func errors() throws(ResultError) -> ReadErrors {
    var matrix: (size: Int, tenths: [UInt16])?, maximum: String?, digest: String?
    _ = skip("[")
    guard skip("{") else { throw error("found other text, expected an object with aligned errors") }
    repeat {
      let key = try string()
      guard skip(":") else { throw error("found no colon after the name \"\(key)\", expected one") }
      if Self.matrices.contains(key) {
        matrix = try self.matrix()
      } else if key == "max_predicted_aligned_error" {
        maximum = try number()
      } else if key == "request_sha256" {
        digest = try string()
      } else {
        try skipValue()
      }
    } while skip(",")
    guard skip("}") else { throw error("found other text after a value, expected a comma or the object's end") }
    guard let matrix else { throw error("found no predicted_aligned_error and no pae, expected one of them") }
    return ReadErrors(size: matrix.size, tenths: matrix.tenths, maximum: maximum, digest: digest)
  }

  private mutating func matrix() throws(ResultError) -> (size: Int, tenths: [UInt16]) {
    guard skip("[") else { throw error("found no list, expected the rows of aligned errors") }
    var tenths: [UInt16] = [], size = 0, rows = 0
    repeat {
      guard skip("[") else { throw error("found no list, expected row \(rows + 1) of aligned errors") }
      let start = tenths.count
      repeat { tenths.append(try tenth()) } while skip(",")
      guard skip("]") else { throw error("found other text after an error, expected a comma or the row's end") }
      rows += 1
      let count = tenths.count - start
      if rows == 1 {
        size = count
        // A file has two bytes at least for each number.
        tenths.reserveCapacity(min(bytes.count / 2, size.multipliedReportingOverflow(by: size).partialValue))
      }
      guard count == size else { throw error("row \(rows): found \(count) errors, expected \(size) as in the first") }
    } while skip(",")
    guard skip("]"), rows == size else { throw error("found \(rows) rows of \(size) errors, expected a square") }
    return (size, tenths)
  }

  /// A number without exponent and sign, rounded to tenths.
  private mutating func tenth() throws(ResultError) -> UInt16 {
    skipSpace()
    let start = place
    var value = 0, decimals = 0, hasPoint = false
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if (48...57).contains(byte) {
        // Two decimals decide how the first is rounded.
        if decimals < 2 {
          value = 10 * value + Int(byte - 48)
          if hasPoint { decimals += 1 }
        }
        guard value <= 100 * Int(UInt16.max) else { break }
      } else {
        break
      }
      place += 1
    }
    while decimals < 2 {
      value *= 10
      decimals += 1
    }
    let tenths = (value + 5) / 10
    guard place > start, bytes[place - 1] != UInt8(ascii: "."), let result = UInt16(exactly: tenths) else {
      throw error("found no number from 0 to 6553, expected an error in Å")
    }
    return result
  }

  // MARK: JSON

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  /// Passes over a mark, if it is the next.
  private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: mark) else { return false }
    place += 1
    return true
  }

  /// A string without escapes, as all names of these files are.
  private mutating func string() throws(ResultError) -> String {
    guard skip("\"") else { throw error("found other text, expected a name in quotation marks") }
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\"")) else {
      throw error("found the end of the file within a text, expected a quotation mark")
    }
    defer { place = end + 1 }
    return String(decoding: bytes[place..<end], as: UTF8.self)
  }

  private mutating func number() throws(ResultError) -> String {
    skipSpace()
    let digits = bytes[place...].prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    guard !digits.isEmpty, digits.count < 20, let value = Double(String(decoding: digits, as: UTF8.self)) else {
      throw error("found no number, expected one")
    }
    place = digits.endIndex
    return "\(value)"
  }

  /// Passes over a value of any kind.
  private mutating func skipValue() throws(ResultError) {
    var depth = 0
    repeat {
      skipSpace()
      guard place < bytes.count else { throw error("found the end of the file within a value, expected more") }
      switch bytes[place] {
      case UInt8(ascii: "\""):
        _ = try string()
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ","), UInt8(ascii: ":"): if depth == 0 { return }
      default: break
      }
      guard depth >= 0 else { return }
      place += 1
    } while depth > 0 || (place < bytes.count && !Self.endsValue(bytes[place]))
  }

  private static func endsValue(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
  }

  private func error(_ found: String) -> ResultError { .errors(byte: place + 1, found) }
}
