// Typed access to the fields of a config.json; errors name a field with its path.

/// An object of a configuration and where it is, such as `esmfold_config.trunk`.
///
/// A field that is missing or null takes its default, as in transformers' configuration classes.
package struct ConfigurationFields: Sendable {
  private let object: JSONObject
  private let path: String

  /// The root of a config.json. Throws if the text is not a JSON object.
  package init(_ value: JSONValue) throws(ConfigurationError) {
    try self.init(value, path: "")
  }

  private init(_ value: JSONValue, path: String) throws(ConfigurationError) {
    guard case .object(let object) = value else {
      throw .unsupported(
        field: path.isEmpty ? "configuration" : path, found: value.kind, expected: "an object in braces")
    }
    self.object = object
    self.path = path
  }

  /// The name of a field with the path to it.
  package func name(_ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }

  /// An integer in a range; its default may be outside.
  package func integer(
    _ field: String, default fallback: Int, in range: ClosedRange<Int> = 1...ConfigurationError.largestExtent
  ) throws(ConfigurationError) -> Int {
    guard let value = try integer(field) else { return fallback }
    try ConfigurationError.require(name(field), value, in: range)
    return value
  }

  /// A whole number, or `nil` when the field is missing.
  package func integer(_ field: String) throws(ConfigurationError) -> Int? {
    switch value(field) {
    case nil: return nil
    case .integer(let value)?: return value
    case let other?: throw unsupported(field, other, "a whole number")
    }
  }

  /// A finite number.
  package func number(_ field: String, default fallback: Float) throws(ConfigurationError) -> Float {
    switch value(field) {
    case nil: return fallback
    case .integer(let value)?: return Float(value)
    case .number(let value)? where value.isFinite: return Float(value)
    case let other?: throw unsupported(field, other, "a number")
    }
  }

  /// true or false.
  package func boolean(_ field: String, default fallback: Bool) throws(ConfigurationError) -> Bool {
    switch value(field) {
    case nil: return fallback
    case .bool(let value)?: return value
    case let other?: throw unsupported(field, other, "true or false")
    }
  }

  /// A string, or `nil` when the field is missing.
  package func string(_ field: String) throws(ConfigurationError) -> String? {
    switch value(field) {
    case nil: return nil
    case .string(let value)?: return value
    case let other?: throw unsupported(field, other, "a string")
    }
  }

  /// A list of strings, or `nil` when the field is missing.
  package func strings(_ field: String) throws(ConfigurationError) -> [String]? {
    guard let value = value(field) else { return nil }
    guard case .array(let elements) = value else { throw unsupported(field, value, "a list of strings") }
    var strings: [String] = []
    for element in elements {
      guard case .string(let string) = element else { throw unsupported(field, element, "only strings") }
      strings.append(string)
    }
    return strings
  }

  /// The fields of a nested object; empty when it is missing, so that all fields have their defaults.
  package func object(_ field: String) throws(ConfigurationError) -> ConfigurationFields {
    try ConfigurationFields(value(field) ?? .object(JSONObject()), path: name(field))
  }

  /// The members of an object whose values are strings, in their order, or `nil` when the field is missing.
  package func namedStrings(_ field: String) throws(ConfigurationError) -> [(key: String, value: String)]? {
    guard let value = value(field) else { return nil }
    guard case .object(let object) = value else { throw unsupported(field, value, "an object of strings") }
    var members: [(key: String, value: String)] = []
    for member in object.members {
      guard case .string(let string) = member.value else { throw unsupported(field, member.value, "only strings") }
      members.append((member.key, string))
    }
    return members
  }

  /// Refuses a field that is present and not null.
  package func refusePresence(_ field: String, because reason: String) throws(ConfigurationError) {
    guard let value = value(field) else { return }
    throw .unsupported(field: name(field), found: value.kind, expected: "null: \(reason)")
  }

  /// Refuses a field that is true.
  package func refuse(_ field: String, because reason: String) throws(ConfigurationError) {
    if try boolean(field, default: false) {
      throw .unsupported(field: name(field), found: "true", expected: "false: \(reason)")
    }
  }

  private func value(_ field: String) -> JSONValue? {
    switch object[field] {
    case nil, .null?: nil
    case let value?: value
    }
  }

  private func unsupported(_ field: String, _ found: JSONValue, _ expected: String) -> ConfigurationError {
    .unsupported(field: name(field), found: found.kind, expected: expected)
  }
}
