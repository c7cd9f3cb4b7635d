// A JSON object, which keeps the order of its members.

/// The members of a JSON object in the order of the text.
package struct JSONObject: Equatable, Sendable {
  /// One `"key": value`.
  package struct Member: Equatable, Sendable {
    package let key: String
    package let value: JSONValue
  }

  /// All members, in the order of the text.
  package private(set) var members: [Member] = []
  private var positions: [String: Int] = [:]

  /// An object without members.
  package init() {}

  /// The value of `key`.
  package subscript(_ key: String) -> JSONValue? {
    positions[key].map { members[$0].value }
  }

  /// Adds a member; `false` if the key exists already, whose value is kept.
  @discardableResult
  package mutating func append(_ key: String, _ value: JSONValue) -> Bool {
    guard positions[key] == nil else { return false }
    positions[key] = members.count
    members.append(Member(key: key, value: value))
    return true
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object with the members of the literal.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init()
    for (key, value) in elements { append(key, value) }
  }
}
