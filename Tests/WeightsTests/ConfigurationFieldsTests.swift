// Fields of a configuration: types, ranges and defaults, and the path that names a wrong one.

import Testing
import Weights
import WeightsTestSupport

@Suite struct ConfigurationFieldsTests {
  private func fields(_ text: String) throws -> ConfigurationFields {
    try ConfigurationFields(JSONValue(parsing: Array(text.utf8), path: "x"))
  }

  private func error<T>(_ body: () throws(ConfigurationError) -> T) -> ConfigurationError? {
    do {
      _ = try body()
      return nil
    } catch {
      return error
    }
  }

  @Test("A missing or null field takes its default") func defaults() throws {
    for text in ["{}", #"{"a": null}"#] {
      let fields = try fields(text)
      #expect(try fields.integer("a", default: -7) == -7 && fields.integer("a") == nil)
      #expect(try fields.number("a", default: 0.5) == 0.5)
      #expect(try fields.boolean("a", default: true) && !fields.boolean("a", default: false))
      #expect(try fields.string("a") == nil && fields.strings("a") == nil && fields.namedStrings("a") == nil)
      #expect(try fields.object("a").integer("b", default: 3) == 3)
      try fields.refusePresence("a", because: "no")
      try fields.refuse("a", because: "no")
    }
  }

  @Test("Given values are used") func values() throws {
    let fields = try fields(
      #"{"i": 5, "n": 0.25, "w": 3, "t": true, "f": false, "s": "x", "l": ["b", "a"], "o": {"z": "1", "y": "2"}}"#)
    #expect(try fields.integer("i", default: 1) == 5 && fields.integer("i") == 5)
    #expect(try fields.number("n", default: 1) == 0.25 && fields.number("w", default: 1) == 3)
    #expect(try fields.boolean("t", default: false) && !fields.boolean("f", default: true))
    #expect(try fields.string("s") == "x" && fields.strings("l") == ["b", "a"])
    #expect(try fields.namedStrings("o")?.map { $0.key + $0.value } == ["z1", "y2"])
    #expect(try fields.object("o").string("y") == "2" && fields.object("o").name("y") == "o.y")
    try fields.refuse("f", because: "no")
  }

  @Test("Ranges hold at both ends; the default may be outside") func ranges() throws {
    let most = 1 << 20
    func value(_ number: Int, _ range: ClosedRange<Int>? = nil) throws -> ConfigurationError? {
      let fields = try fields(#"{"o": {"i": \#(number)}}"#)
      return error { () throws(ConfigurationError) in
        if let range { return try fields.object("o").integer("i", default: 0, in: range) }
        return try fields.object("o").integer("i", default: 0)
      }
    }
    for number in [1, most] { #expect(try value(number) == nil) }
    for number in [0, -1, most + 1, .max, .min] {
      #expect(
        try value(number)
          == .unsupported(field: "o.i", found: "\(number)", expected: "a number from 1 to 1048576"))
    }
    #expect(try value(3, 3...4) == nil && value(4, 3...4) == nil)
    #expect(try value(5, 3...4) == .unsupported(field: "o.i", found: "5", expected: "a number from 3 to 4"))
    #expect(try value(2, 3...3) == .unsupported(field: "o.i", found: "2", expected: "3"))
  }

  @Test("A field of the wrong type is named by its path") func kinds() throws {
    let fields = try fields(
      #"{"o": {"i": 1.0, "n": "1", "b": 1, "s": 1, "l": [1], "k": "a", "m": {"a": 1}, "h": 1e999, "nan": NaN, "x": [], "t": 0}}"#
    ).object("o")
    func expect(_ field: String, _ found: String, _ expected: String, _ error: ConfigurationError?) {
      #expect(error == .unsupported(field: "o.\(field)", found: found, expected: expected))
    }
    expect("i", "1.0", "a whole number", error { () throws(ConfigurationError) in try fields.integer("i") })
    expect("i", "1.0", "a whole number", error { () throws(ConfigurationError) in try fields.integer("i", default: 1) })
    expect("n", "\"1\"", "a number", error { () throws(ConfigurationError) in try fields.number("n", default: 1) })
    expect("h", "inf", "a number", error { () throws(ConfigurationError) in try fields.number("h", default: 1) })
    expect("nan", "nan", "a number", error { () throws(ConfigurationError) in try fields.number("nan", default: 1) })
    expect("b", "1", "true or false", error { () throws(ConfigurationError) in try fields.boolean("b", default: true) })
    expect("s", "1", "a string", error { () throws(ConfigurationError) in try fields.string("s") })
    expect("k", "\"a\"", "a list of strings", error { () throws(ConfigurationError) in try fields.strings("k") })
    expect("l", "1", "only strings", error { () throws(ConfigurationError) in try fields.strings("l") })
    expect(
      "x", "an array", "an object of strings", error { () throws(ConfigurationError) in try fields.namedStrings("x") })
    expect("m", "1", "only strings", error { () throws(ConfigurationError) in try fields.namedStrings("m") })
    expect("x", "an array", "an object in braces", error { () throws(ConfigurationError) in try fields.object("x") })
    expect(
      "t", "0", "null: why", error { () throws(ConfigurationError) in try fields.refusePresence("t", because: "why") })
    expect("t", "0", "true or false", error { () throws(ConfigurationError) in try fields.refuse("t", because: "why") })
    let on = try self.fields(#"{"a": true}"#)
    #expect(
      error { () throws(ConfigurationError) in try on.refuse("a", because: "why") }
        == .unsupported(field: "a", found: "true", expected: "false: why"))
    #expect(
      error { () throws(ConfigurationError) in try ConfigurationFields(.array([])) }
        == .unsupported(field: "configuration", found: "an array", expected: "an object in braces"))
    #expect(ConfigurationError.missing(field: "a").description == "a: found nothing, expected a value")
  }
}
