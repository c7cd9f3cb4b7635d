// The JSON parser: values, limits, and an error for everything that is not JSON.

import Testing
import Weights
import WeightsTestSupport

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

  /// Texts that are not JSON, the offset of the error, what is found there and what is expected.
  static let mistakes: [(String, Int, String, String)] = [
    ("", 0, "the end of the text", "a value"), (" ", 1, "the end of the text", "a value"),
    ("{", 1, "the end of the text", "a key"), ("}", 0, "'}'", "a value"), ("[1,]", 3, "']'", "a value"),
    ("[1 2]", 3, "'2'", "',' or ']'"), ("[1", 2, "the end of the text", "',' or ']'"), (#"{"a"}"#, 4, "'}'", "':'"),
    (#"{"a":}"#, 5, "'}'", "a value"), (#"{"a":1,}"#, 7, "'}'", "a key"), ("{a:1}", 1, "'a'", "a key"),
    (#"{"a":1 "b":2}"#, 7, "'\"'", "',' or '}'"), (#"{1:2}"#, 1, "'1'", "a key"),
    ("tru", 0, "'t'", "true"), ("nul", 0, "'n'", "null"), ("fALSE", 0, "'f'", "false"), ("Nan", 0, "'N'", "NaN"),
    ("Inf", 0, "'I'", "Infinity"), ("-Inf", 1, "'I'", "Infinity"), ("-", 1, "the end of the text", "a number"),
    ("01", 2, "the end of the text", "a number"), ("-01", 3, "the end of the text", "a number"),
    ("1.", 2, "the end of the text", "digits after '.'"), ("1.e5", 2, "'e'", "digits after '.'"),
    ("1e", 2, "the end of the text", "digits of an exponent"),
    ("1e+", 3, "the end of the text", "digits of an exponent"),
    ("1e+-1", 3, "'-'", "digits of an exponent"), (".5", 0, "'.'", "a value"), ("+1", 0, "'+'", "a value"),
    ("--1", 1, "'-'", "a number"), ("0x1", 1, "'x'", "the end of the text"), ("\"", 1, "the end of the text", "'\"'"),
    (#""\"#, 2, "the end of the text", "an escape"), (#""\x""#, 2, "'x'", "an escape"),
    (#""\u12""#, 3, "'1'", "four hexadecimal digits"), (#""\u12g4""#, 3, "'1'", "four hexadecimal digits"),
    (#""\u+123""#, 3, "'+'", "four hexadecimal digits"), (#""\ud800""#, 7, "'\"'", "a low surrogate"),
    (#""\ud800\n""#, 8, "'n'", "a low surrogate"), (#""\ud800\u0041""#, 13, "'\"'", "a low surrogate"),
    (#""\ud800\ud800""#, 13, "'\"'", "a low surrogate"), (#""\ud800\ue000""#, 13, "'\"'", "a low surrogate"),
    (#""\udc00""#, 7, "'\"'", "a high surrogate first"), (#""\udfff""#, 7, "'\"'", "a high surrogate first"),
    ("\"\n\"", 1, "byte 10", "an escaped control character"),
    ("\"\u{1f}\"", 1, "byte 31", "an escaped control character"),
    ("1 1", 2, "'1'", "the end of the text"), ("[1]]", 3, "']'", "the end of the text"),
    ("{}\0", 2, "byte 0", "the end of the text"), ("\u{b}1", 0, "byte 11", "a value"),
    (#"{"a":1,"b":{"a":2,"a":3}}"#, 18, #"the key "a" again"#, "each key once"),
    (#"{"a":1,"\u0061":2}"#, 7, #"the key "a" again"#, "each key once"), ("\u{7f}", 0, "byte 127", "a value"),
    ("\u{feff}1", 0, "byte 239", "a value"),
  ]

  @Test(arguments: mistakes)
  func refuses(_ text: String, _ byte: Int, _ found: String, _ expected: String) {
    #expect(
      failure { () throws(WeightError) in try parse(text) }
        == .json(path: "x.json", offset: byte, found: found, expected: expected))
  }

  @Test("Escapes, surrogates and text are read and written as in JSON") func strings() throws {
    let text = #""\"\\\/\b\f\n\r\t\u0000\u001F\uD7FF\uE000\uFFFF\ud800\udc00\uDBFF\uDFFF\u00e9é\#u{7f}""#
    let expected =
      "\"\\/\u{8}\u{c}\n\r\t\0\u{1f}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\u{e9}\u{e9}\u{7f}"
    guard case .string(let found) = try parse(text) else {
      Issue.record("no string")
      return
    }
    #expect(Array(found.unicodeScalars) == Array(expected.unicodeScalars))
    let written = JSONValue.string("\"\\/\n\0\u{1f}\u{20}\u{7f}é😀").text
    #expect(written == #""\"\\/\n\u0000\u001f \u007f"# + "é😀\"")
  }

  @Test("Numbers are integers if written so and in range, else the nearest double") func numbers() throws {
    let cases: [(String, JSONValue)] = [
      ("0", .integer(0)), ("-0", .integer(0)), ("10", .integer(10)), ("-9223372036854775808", .integer(.min)),
      ("-9223372036854775809", .number(-9_223_372_036_854_775_808)), ("0.0", .number(0)), ("1.0", .number(1)),
      ("-1.25e2", .number(-125)), ("1E+2", .number(100)), ("1e-2", .number(0.01)), ("1e2", .number(100)),
      ("5e-324", .number(0x1p-1074)), ("1e400", .number(.infinity)),
      ("1180591620717411303424", .number(0x1p70)),
    ]
    for (text, value) in cases { #expect(try parse(text) == value, "\(text)") }
    guard case .number(let nan) = try parse(" NaN\r\n\t ") else {
      Issue.record("no number")
      return
    }
    #expect(nan.isNaN)
    #expect(
      JSONValue.array([.number(.nan), .number(-.infinity), .number(.infinity)]).text == "[NaN,-Infinity,Infinity]")
    #expect(
      JSONValue.object(["b": .array([.null, .bool(true), .bool(false)]), "a": .integer(-1)]).text
        == #"{"b":[null,true,false],"a":-1}"#)
    #expect(JSONValue.number(1e-5).text == "1e-05" && JSONValue.number(2).text == "2.0")
  }

  @Test("Siblings do not count as depth; a key keeps its first value") func breadth() throws {
    let lists = Array(repeating: "[[]]", count: 200).joined(separator: ",")
    let objects = Array(repeating: #"{"a":{}}"#, count: 200).joined(separator: ",")
    _ = try parse("[\(lists),\(objects)]")
    let inner = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
    _ = try parse("[\(inner),\(inner)]")
    _ = try parse(#"{"a":\#(inner),"b":\#(inner)}"#)
    #expect(
      failure { () throws(WeightError) in try parse("[[\(inner)]]") }
        == .json(path: "x.json", offset: 64, found: "'['", expected: "at most 64 levels"))
    var object: JSONObject = ["a": .integer(1)]
    #expect(!object.append("a", .integer(2)) && object.append("b", .null))
    #expect(object["a"] == .integer(1) && object["b"] == .null && object["c"] == nil)
    #expect(object.members.map(\.key) == ["a", "b"])
  }

  @Test func refusesBytesThatAreNotUTF8() {
    for bytes in [[0xC3, 0x28], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF8], [0x80]] as [[UInt8]] {
      #expect(
        failure { () throws(WeightError) in
          try JSONValue(parsing: Array("[1,\"".utf8) + bytes + [0x22, 0x5D], path: "x")
        }
          == .json(path: "x", offset: 4, found: "bytes that are not UTF-8", expected: "a string in UTF-8"))
    }
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
