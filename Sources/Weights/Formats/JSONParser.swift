// A recursive JSON parser (RFC 8259) with a depth limit, for untrusted text.

import Platform

/// Reads one JSON value from bytes.
struct JSONParser {
  /// Nesting beyond this is refused; configurations have about five levels.
  static let maximumDepth = 64

  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  private var depth = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// The one value of the text; anything but white space after it is an error.
  mutating func parse() throws(WeightError) -> JSONValue {
    let result = try value()
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the text") }
    return result
  }

  // MARK: Values

  private mutating func value() throws(WeightError) -> JSONValue {
    skipSpace()
    guard position < bytes.count else { throw unexpected("a value") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object(try nested { (parser) throws(WeightError) in try parser.object() })
    case UInt8(ascii: "["): return .array(try nested { (parser) throws(WeightError) in try parser.array() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "N"): return try literal("NaN", .number(.nan))
    case UInt8(ascii: "I"): return try literal("Infinity", .number(.infinity))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func nested<Result>(
    _ body: (inout JSONParser) throws(WeightError) -> Result
  ) throws(WeightError) -> Result {
    guard depth < JSONParser.maximumDepth else { throw unexpected("at most \(JSONParser.maximumDepth) levels") }
    depth += 1
    position += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func object() throws(WeightError) -> JSONObject {
    var result = JSONObject()
    if skip(UInt8(ascii: "}")) { return result }
    repeat {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw unexpected("a key") }
      let start = position
      let key = try string()
      guard skip(UInt8(ascii: ":")) else { throw unexpected("':'") }
      guard result.append(key, try value()) else {
        throw .json(path: path, offset: start, found: "the key \(quoted(key)) again", expected: "each key once")
      }
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
    return result
  }

  private mutating func array() throws(WeightError) -> [JSONValue] {
    var result: [JSONValue] = []
    if skip(UInt8(ascii: "]")) { return result }
    repeat { result.append(try value()) } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw unexpected("',' or ']'") }
    return result
  }

  private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(WeightError) -> JSONValue {
    let count = word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { bytes.dropFirst(position).prefix(count).elementsEqual($0) }
    guard matches else { throw unexpected("\(word)") }
    position += count
    return value
  }

  private mutating func number() throws(WeightError) -> JSONValue {
    let start = position
    _ = skipByte(UInt8(ascii: "-"))
    if position < bytes.count, bytes[position] == UInt8(ascii: "I") {
      return try literal("Infinity", .number(-.infinity))
    }
    let leadingZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
    let whole = skipDigits()
    guard whole > 0, !(leadingZero && whole > 1) else { throw unexpected("a number") }
    var isInteger = true
    if skipByte(UInt8(ascii: ".")) {
      isInteger = false
      guard skipDigits() > 0 else { throw unexpected("digits after '.'") }
    }
    if skipByte(UInt8(ascii: "e")) || skipByte(UInt8(ascii: "E")) {
      isInteger = false
      _ = skipByte(UInt8(ascii: "+")) || skipByte(UInt8(ascii: "-"))
      guard skipDigits() > 0 else { throw unexpected("digits of an exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text) else { throw unexpected("a number") }
    return .number(number)
  }

  // MARK: Strings

  private mutating func string() throws(WeightError) -> String {
    position += 1
    var units: [UInt8] = []
    let first = position
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: units, as: UTF8.self) else {
          throw .json(path: path, offset: first, found: "bytes that are not UTF-8", expected: "a string in UTF-8")
        }
        position += 1
        return result
      case UInt8(ascii: "\\"):
        position += 1
        units.append(contentsOf: try escape())
      case 0..<0x20: throw unexpected("an escaped control character")
      default:
        units.append(byte)
        position += 1
      }
    }
    throw unexpected("'\"'")
  }

  private mutating func escape() throws(WeightError) -> [UInt8] {
    guard position < bytes.count else { throw unexpected("an escape") }
    let plain: UInt8
    switch bytes[position] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = bytes[position]
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0C
    case UInt8(ascii: "n"): plain = 0x0A
    case UInt8(ascii: "r"): plain = 0x0D
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "u"):
      position += 1
      return try codePoint()
    default: throw unexpected("an escape")
    }
    position += 1
    return [plain]
  }

  /// The code point of four digits, or of a pair of surrogates, behind `\u`.
  private mutating func codePoint() throws(WeightError) -> [UInt8] {
    let high = try hexadecimal()
    var scalar = high
    if (0xD800..<0xDC00).contains(high) {
      guard skipByte(UInt8(ascii: "\\")), skipByte(UInt8(ascii: "u")) else { throw unexpected("a low surrogate") }
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw unexpected("a low surrogate") }
      scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let character = Unicode.Scalar(scalar) else { throw unexpected("a high surrogate first") }
    return Array(String(Character(character)).utf8)
  }

  private mutating func hexadecimal() throws(WeightError) -> UInt32 {
    let digits = bytes.dropFirst(position).prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let result = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw unexpected("four hexadecimal digits") }
    position += 4
    return result
  }

  // MARK: Bytes

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
  }

  /// Skips white space and then `byte`, if it follows.
  private mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    return skipByte(byte)
  }

  private mutating func skipByte(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    return position - start
  }

  private func unexpected(_ expected: String) -> WeightError {
    var found = "the end of the text"
    if position < bytes.count {
      let byte = bytes[position]
      found = (0x21..<0x7F).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
    return .json(path: path, offset: position, found: found, expected: expected)
  }
}
