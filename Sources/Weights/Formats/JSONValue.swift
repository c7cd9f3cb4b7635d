// JSON as a value: ordered objects without duplicate keys, whole numbers kept apart from others. Configurations,
// headers and indexes are parsed here; by a parser of our own because every refusal must be an error with a position.

import Platform

/// One JSON value.
package enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits an `Int`.
  case integer(Int)
  /// Any other number, and Python's `NaN`, `Infinity` and `-Infinity`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// Parses `text`, which must be one value in UTF-8; `path` is named in errors.
  package init(parsing text: [UInt8], path: String) throws(WeightError) {
    var parser = JSONParser(text, path: path)
    self = try parser.parse()
  }

  /// What kind of value this is, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): quoted(value)
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The value as compact JSON text.
  package var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value):
      value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
    case .string(let value): jsonString(value)
    case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object(let object):
      "{" + object.members.map { jsonString($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
    }
  }
}
