// The JSON parser: values, limits, and an error for everything that is not JSON.

import Testing
import Weights

@Suite struct JSONTests {
  private func parse(_ text: String) throws(WeightError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8), path: "x.json")
  }

  @Test func values() throws {
    let text = #" {"a": [1, -2, 0.5, 1e-05, true, false, null], "b": {}, "c": "\u00e5\n\ud83d\ude00/\"", "d": [] } "#
    let value = try parse(text)
    let expected: JSONValue = .object([
      "a": .array([.integer(1), .integer(-2), .number(0.5), .number(1e-05), .bool(true), .bool(false), .null]),
      "b": .object([:]), "c": .string("å\n😀/\""), "d": .array([]),
    ])
    #expect(value == expected)
    #expect(try parse(value.text) == value)
  }

  @Test func numbersBeyondIntAndPythonsOwn() throws {
    #expect(try parse("9223372036854775807") == .integer(.max))
    #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
    #expect(try parse("[Infinity, -Infinity]") == .array([.number(.infinity), .number(-.infinity)]))
  }

  @Test(arguments: [
    "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "tru", "nul", "-", "01", "1.",
    "1e",
    ".5", "+1", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"",
    "1 1",
    "{\"a\":1,\"a\":2}", "[1]]", "\u{7f}",
  ])
  func refuses(_ text: String) {
    #expect(throws: WeightError.self) { try parse(text) }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    #expect(throws: WeightError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22], path: "x") }
  }

  @Test func depthIsLimited() throws {
    _ = try parse(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
    #expect(throws: WeightError.self) { try parse(String(repeating: "[", count: 65)) }
    #expect(throws: WeightError.self) { try parse(String(repeating: "{\"a\":", count: 1_000_000)) }
  }

  @Test func namesTheByte() {
    #expect(
      failure { () throws(WeightError) in try parse("[1, ?]") }?.description.hasPrefix(
        "x.json: JSON text, byte 4: found '?', expected a value\nhint: ") == true)
  }
}
