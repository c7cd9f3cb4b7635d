import CommandLineTool
import Testing

/// Options of every kind to parse into.
private struct Values: Equatable {
  var number: Int?
  var word = "default"
  var list: [String] = []
  var isOn = false
  var isQuiet = false
  var extra: String?
}

private let table = OptionTable<Values>([
  Option(
    OptionDescription(
      name: "number", aliases: ["count"], short: "n", form: .value("N", environment: "NUMBER"), group: "G",
      help: "how many"),
    .value { (values: inout Values, text: String) throws(InvalidValue) in
      values.number = try wholeNumber(text, atLeast: 0)
    }),
  Option(
    OptionDescription(name: "word", short: "w", form: .value("WORD"), group: "G", help: "a word"),
    .value { (values: inout Values, text: String) throws(InvalidValue) in values.word = text }),
  Option(
    OptionDescription(name: "item", form: .value("ITEM"), group: "G", help: "may be repeated"),
    .value { (values: inout Values, text: String) throws(InvalidValue) in values.list.append(text) }),
  Option(
    OptionDescription(name: "switch", short: "s", form: .negatable(), group: "G", help: "on or off"),
    .flag { $0.isOn = $1 }),
  Option(
    OptionDescription(
      name: "extra", form: .optional("all|LIST", completion: .choice(["all"])), group: "G", help: "more"),
    .optional { (values: inout Values, isOn: Bool, text: String?) throws(InvalidValue) in
      if text == "bad" { throw InvalidValue("better") }
      values.extra = isOn ? text ?? "on" : nil
    }),
  Option(OptionDescription(name: "quiet", short: "q", group: "G", help: "on"), .flag { $0.isQuiet = $1 }),
  Option(OptionDescription(name: "help", short: "h", group: "G", help: "help"), .stop(.help)),
  Option(OptionDescription(name: "version", group: "G", help: "version"), .stop(.version)),
])

private func parse(
  _ words: [String], _ environment: [String: String] = [:]
) throws(UsageError) -> (values: Values, outcome: ParseOutcome) {
  var values = Values()
  let outcome = try table.parse(words, environment: { environment[$0] }, into: &values)
  return (values, outcome)
}

/// The parser's message for a wrong command line; empty if it accepts it.
private func mistake(_ words: [String], _ environment: [String: String] = [:]) -> String {
  do throws(UsageError) {
    _ = try parse(words, environment)
    return ""
  } catch {
    return error.description
  }
}

@Suite struct OptionTableTests {
  @Test(arguments: [
    ["--number", "4"], ["--number=4"], ["-n4"], ["-n", "4"], ["--count", "4"], ["--count=4"],
    ["--number", "7", "-n4"], ["-qn4"], ["-qn", "4"],
  ])
  func numberInEverySpelling(_ words: [String]) throws {
    #expect(try parse(words).values.number == 4)
  }

  @Test func defaultsStay() throws {
    let (values, outcome) = try parse([])
    #expect(values == Values())
    #expect(outcome == .run([]))
  }

  @Test func valuesAreTakenAsTheyAre() throws {
    #expect(try parse(["--word="]).values.word == "")
    #expect(try parse(["--word=a=b"]).values.word == "a=b")
    #expect(try parse(["--word=--number"]).values.word == "--number")
    #expect(try parse(["-w-"]).values.word == "-")
    #expect(try parse(["--word", "-"]).values.word == "-")
    #expect(try parse(["--word", "-1"]).values.word == "-1")
    #expect(try parse(["--word", "a b\u{E9}"]).values.word == "a b\u{E9}")
    #expect(try parse(["--item", "a", "--item=b"]).values.list == ["a", "b"])
  }

  @Test("A value that may be left out is never the next word") func optional() throws {
    #expect(try parse([]).values.extra == nil)
    #expect(try parse(["--extra"]).values.extra == "on")
    #expect(try parse(["--extra=a,b"]).values.extra == "a,b")
    #expect(try parse(["--extra="]).values.extra == "")
    #expect(try parse(["--extra=--switch"]).values.extra == "--switch")
    let (values, outcome) = try parse(["--extra", "all", "-s"])
    #expect(values.extra == "on" && values.isOn && outcome == .run(["all"]))
    // The last one wins.
    #expect(try parse(["--extra=a", "--extra"]).values.extra == "on")
    #expect(try parse(["--extra", "--extra=a"]).values.extra == "a")
    #expect(try parse(["--extra=a", "--no-extra"]).values.extra == nil)
    #expect(mistake(["--no-extra=a"]).hasPrefix("unknown option"))
    #expect(mistake(["--extra=bad"]) == "--extra: found \"bad\", expected better")
  }

  @Test func switches() throws {
    #expect(try parse(["--switch"]).values.isOn)
    #expect(try parse(["-s"]).values.isOn)
    #expect(try !parse(["--switch", "--no-switch"]).values.isOn)
    #expect(try parse(["--no-switch", "-s"]).values.isOn)
    let both = try parse(["-sq"]).values
    #expect(both.isOn && both.isQuiet)
  }

  @Test func positionals() throws {
    #expect(try parse(["a", "-s", "b", "-"]).outcome == .run(["a", "b", "-"]))
    #expect(try parse(["-s", "--", "-n", "--help", "--"]).outcome == .run(["-n", "--help", "--"]))
    #expect(try parse(["--", "-s"]).values.isOn == false)
  }

  @Test func helpAndVersionWin() throws {
    #expect(try parse(["-n", "not a number", "--help", "--nonsense"]).outcome == .end(.help))
    #expect(try parse(["-sh"]).outcome == .end(.help))
    #expect(try parse(["--version", "--help"]).outcome == .end(.version))
    #expect(try parse(["--help"], ["NUMBER": "not a number"]).outcome == .end(.help))
  }

  @Test func environment() throws {
    #expect(try parse([], ["NUMBER": "5"]).values.number == 5)
    #expect(try parse([], ["NUMBER": ""]).values.number == nil)
    #expect(try parse(["-n6"], ["NUMBER": "5"]).values.number == 6)
    #expect(try parse(["-n6"], ["NUMBER": "nonsense"]).values.number == 6)
    #expect(mistake([], ["NUMBER": "x"]).hasPrefix("NUMBER: found \"x\", expected a whole number"))
  }

  @Test(arguments: [
    (["--numbr", "4"], "unknown option \"--numbr\"\nhint: did you mean --number?"),
    (["--numbr=4"], "unknown option \"--numbr\"\nhint: did you mean --number?"),
    (["-number"], "--number: found \"umber\", expected a whole number from 0 to 1000000"),
    (["-x"], "unknown option \"-x\""),
    (["-xyz"], "unknown option \"-xyz\""),
    (["-sx"], "unknown option \"-x\""),
    (["--frobnicate"], "unknown option \"--frobnicate\""),
    (["--no-quiet"], "unknown option \"--no-quiet\""),
    (["--no-number"], "unknown option \"--no-number\""),
    (["-n"], "--number: found no value, expected N"),
    (["--number"], "--number: found no value, expected N"),
    (["--number", "--"], "--number: found no value, expected N"),
    (
      ["--word", "--switch"],
      "--word: found the option --switch, expected WORD\nhint: --word=--switch takes it as a value"
    ),
    (["-w", "-s"], "--word: found the option -s, expected WORD\nhint: --word=-s takes it as a value"),
    (["--switch=yes"], "--switch: found the value \"yes\", expected none"),
    (["--number", "two"], "--number: found \"two\", expected a whole number from 0 to 1000000"),
    (["--number", "-1"], "--number: found \"-1\", expected a whole number from 0 to 1000000"),
    (["--number="], "--number: found \"\", expected a whole number from 0 to 1000000"),
    (["--number", "1.5"], "--number: found \"1.5\", expected a whole number from 0 to 1000000"),
    (["--number", "+1"], "--number: found \"+1\", expected a whole number from 0 to 1000000"),
    (["-n99999999999999999999"], "--number: found \"99999999999999999999\", expected a whole number from 0 to 1000000"),
    (["--a\u{1B}[31m"], "unknown option \"--a\\u{1B}[31m\""),
  ])
  func mistakes(_ words: [String], _ message: String) {
    let found = mistake(words)
    #expect(found == message || found.hasPrefix(message + "\nhint: did you mean"))
  }
}

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("fodl", "fold", 1),
    ("recyles", "recycles", 1), ("ab", "ba", 1),
  ])
  func distances(_ a: String, _ b: String, _ distance: Int) {
    #expect(editDistance(a, b) == distance)
    #expect(editDistance(b, a) == distance)
  }

  @Test(arguments: [
    ("fodl", "fold"), ("flod", "fold"), ("wieghts", "weights"), ("hlep", "help"), ("inf", "info"), ("complete", nil),
    ("xyz", nil), ("", nil), ("completions", "completion"), ("weight", "weights"),
  ])
  func commands(_ word: String, _ expected: String?) {
    #expect(nearest(to: word, among: ["fold", "weights", "info", "completion", "help"]) == expected)
  }
}
