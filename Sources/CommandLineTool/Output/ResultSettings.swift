// What the results of many records depend on but the input, as their files say it.

/// Settings as JSON, `{"model": "NAME", …}`: the name is for people; what counts is the digest among the rest.
enum ResultSettings {
  /// Whether results with both are the same.
  static func areSame(_ one: String, _ other: String) -> Bool { withoutName(one) == withoutName(other) }

  /// What counts.
  static func withoutName(_ settings: String) -> Substring {
    let start = "{\"model\": \""
    guard settings.hasPrefix(start) else { return settings[...] }
    var rest = settings.dropFirst(start.count)
    while let character = rest.popFirst(), character != "\"" {
      if character == "\\" { _ = rest.popFirst() }
    }
    return rest
  }
}
