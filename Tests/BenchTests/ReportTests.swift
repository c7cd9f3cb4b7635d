// What a report says about a row, how two are compared at the limits of the rule, and what is not a report.

import Foundation
import Platform
import Tensors
import Testing
import Weights
import esmfold_bench

@Suite("Reports of benchmarks") struct ReportTests {
  private func row(
    _ name: String = "a", speed: Statistics, operations: Double = 0, bytes: Double = 0, memory: Int = 5 << 20
  ) -> Row {
    var row = Row(
      .init(suite: "kernels", name: name, precision: "fp32", instructionSet: "base", threads: 2),
      time: Statistics(count: 9, median: 0.5, p10: 0.25, p90: 2), speed: speed, peak: 64, memory: memory)
    (row.operations, row.bytes) = (operations, bytes)
    return row
  }

  private func speed(_ median: Double, _ p10: Double, _ p90: Double) -> Statistics {
    Statistics(count: 9, median: median, p10: p10, p90: p90)
  }

  private func report(_ rows: [Row]) -> Report {
    Report(machine: Machine(version: "0", processor: "p", instructionSet: "base", processors: 2), rows: rows)
  }

  // === Rows ===

  @Test func rates() {
    let still = speed(0.25, 0.25, 0.25)
    let product = row(speed: still, operations: 2e9, bytes: 1e9)
    #expect(product.gigaflops == 4 && product.gigabytes == 2)
    // By operations if there are any, else by bytes.
    #expect(product.share == 0.5 && row(speed: still, bytes: 3e9).share == 0.75)
    let nothing = row(speed: still)
    #expect(nothing.gigaflops == nil && nothing.gigabytes == nil && nothing.share == nil)
    #expect(product.key == "kernels/a/fp32/base/2")
  }

  @Test func percentilesOfElevenSamples() {
    let samples = (0...10).map { Double(($0 * 7) % 11) }
    #expect(Statistics(samples) == Statistics(count: 11, median: 5, p10: 1, p90: 9))
    let even = Statistics([4, 2, 1, 3])
    #expect(even.median == 2.5 && abs(even.p10 - 1.3) < 1e-12 && abs(even.p90 - 3.7) < 1e-12)
  }

  @Test(arguments: [
    (99.94, "99.9"), (99.95, "100"), (9.994, "9.99"), (9.996, "10.0"), (0.9994, "0.999"), (0.0004, "0.000"),
    (0.0006, "0.001"), (1e14, "100000000000000"), (1e15, "1000000000000000.0"), (.infinity, "inf"),
  ])
  func digits(number: Double, text: String) {
    #expect(RowTable.digits(number) == text)
  }

  // === Comparison ===

  struct Case: Sendable {
    /// New over old, and how far apart the spreads are: below 0 they overlap, at 0 they touch.
    let ratio: Double, gap: Double
    let verdict: Comparison.Verdict
  }

  /// Powers of two, so that all limits but the ratio's are exact.
  @Test(arguments: [
    Case(ratio: 0.96875, gap: 0.001, verdict: .slower), Case(ratio: 0.96875, gap: 0, verdict: .same),
    Case(ratio: 0.96875, gap: -0.001, verdict: .same), Case(ratio: 0.9705, gap: 0.001, verdict: .same),
    Case(ratio: 1.03125, gap: 0.001, verdict: .faster), Case(ratio: 1.03125, gap: 0, verdict: .same),
    Case(ratio: 1.03125, gap: -0.001, verdict: .same), Case(ratio: 1.0295, gap: 0.001, verdict: .same),
    Case(ratio: 0.5, gap: -0.001, verdict: .same), Case(ratio: 2, gap: -0.001, verdict: .same),
    Case(ratio: 1, gap: 0.001, verdict: .same),
  ])
  func verdicts(_ expected: Case) {
    let isSlower = expected.ratio < 1
    // The side of the old row's spread that the new one approaches; the other sides are far away.
    let edge = (1 + expected.ratio) / 2
    let old = isSlower ? speed(1, edge, 4) : speed(1, 0.25, edge)
    let new =
      isSlower
      ? speed(expected.ratio, 0.25, edge - expected.gap) : speed(expected.ratio, edge + expected.gap, 4)
    let comparison = Comparison(report([row(speed: old)]), report([row(speed: new)]))
    #expect(comparison.changes.map(\.verdict) == [expected.verdict])
    #expect(comparison.changes[0].ratio == expected.ratio)
    #expect(comparison.hasRegression == (expected.verdict == .slower))
  }

  @Test func textOfAComparison() {
    let old = report([
      row("b", speed: speed(1, 0.99, 1.01)), row("a", speed: speed(1, 0.99, 1.01)), row("gone", speed: speed(1, 1, 1)),
    ])
    let new = report([
      row("new", speed: speed(1, 1, 1)), row("a", speed: speed(2, 1.99, 2.01)), row("b", speed: speed(0.5, 0.49, 0.51)),
    ])
    #expect(
      Comparison(old, new).text == """
        new/old  verdict  row
          0.500  slower   kernels/b/fp32/base/2
           2.00  faster   kernels/a/fp32/base/2
             -   old only  kernels/gone/fp32/base/2
             -   new only  kernels/new/fp32/base/2
        2 rows compared: 1 slower, 1 faster beyond the spread

        """)
    #expect(Comparison(old, new).hasRegression && !Comparison(report([]), new).hasRegression)
  }

  @Test("Rows match if suite, name, precision, instruction set and threads do")
  func keys() {
    let first = row(speed: speed(1, 1, 1))
    let changes: [(inout Row) -> Void] = [
      { $0.identity.suite = "blocks" }, { $0.identity.name = "b" }, { $0.identity.precision = "bf16" },
      { $0.identity.instructionSet = "v3" }, { $0.identity.threads = 1 },
    ]
    for change in changes {
      var other = first
      change(&other)
      let comparison = Comparison(report([first]), report([other]))
      #expect(comparison.changes.isEmpty && comparison.missing == [first.key] && comparison.added == [other.key])
    }
  }

  // === JSON ===

  private static let fields = [
    "suite", "name", "precision", "instruction_set", "threads", "seconds", "relative_speed", "operations", "bytes",
    "peak", "peak_memory",
  ]

  private func object(_ value: JSONValue?) throws -> JSONObject {
    guard case .object(let object)? = value else { throw BenchmarkError.report(path: "", reason: "no object") }
    return object
  }

  private func read(_ text: String) throws -> Report {
    try Report(json: JSONValue(parsing: Array(text.utf8), path: "r"), path: "r")
  }

  @Test("Each field is read back under its own name") func everyField() throws {
    var row = Row(
      .init(suite: "s", name: "n", precision: "p", instructionSet: "i", threads: 3),
      time: Statistics(count: 4, median: 5, p10: 6, p90: 7), speed: Statistics(count: 8, median: 9, p10: 10, p90: 11),
      peak: 14, memory: 15)
    (row.operations, row.bytes) = (12, 13)
    let machine = Machine(version: "v", processor: "c", instructionSet: "b", processors: 16)
    let text = """
      {"machine": {"version": "v", "processor": "c", "instruction_set": "b", "processors": 16},
       "rows": [{"suite": "s", "name": "n", "precision": "p", "instruction_set": "i", "threads": 3,
         "seconds": {"samples": 4, "median": 5, "p10": 6, "p90": 7},
         "relative_speed": {"samples": 8, "median": 9, "p10": 10, "p90": 11},
         "operations": 12, "bytes": 13, "peak": 14, "peak_memory": 15}]}
      """
    let report = Report(machine: machine, rows: [row])
    #expect(try read(text) == report)
    #expect(try read(report.json.text) == report)
    let written = try #require(JSONSerialization.jsonObject(with: Data(report.json.text.utf8)) as? [String: Any])
    let fields = try #require((written["rows"] as? [[String: Any]])?.first)
    #expect(fields["seconds"] as? [String: Double] == ["samples": 4, "median": 5, "p10": 6, "p90": 7])
    #expect(fields["relative_speed"] as? [String: Double] == ["samples": 8, "median": 9, "p10": 10, "p90": 11])
    #expect(fields["gflops"] as? Double == 12 / 5 / 1e9 && fields["gbytes"] as? Double == 13 / 5 / 1e9)
    #expect(fields["share_of_peak"] as? Double == 12 * 9 / 1e9)
    #expect(Set(fields.keys) == Set(Self.fields + ["gflops", "gbytes", "share_of_peak"]))
  }

  @Test("A report with a missing field or a wrong value is refused", arguments: fields)
  func eachFieldIsNeeded(_ field: String) throws {
    let good = report([row(speed: speed(1, 1, 1), operations: 1)])
    let text = good.json.text
    #expect(try read(text) == good)
    // The machine has an instruction set too, so the last occurrence is the row's.
    let place = try #require(text.range(of: "\"\(field)\"", options: .backwards))
    #expect(throws: BenchmarkError.self) { try read(text.replacingCharacters(in: place, with: "\"other\"")) }
    var value = place.upperBound..<text.endIndex
    value = try #require(text.range(of: #"\{[^}]*\}|"[^"]*"|[-0-9.e+]+"#, options: .regularExpression, range: value))
    for wrong in ["null", "true", "[]", field == "suite" || field == "name" ? "1" : "\"1\""]
    where !(["precision", "instruction_set"].contains(field) && wrong == "\"1\"") {
      #expect(throws: BenchmarkError.self, "\(field): \(wrong)") {
        try read(text.replacingCharacters(in: value, with: wrong))
      }
    }
  }

  @Test("Divisors are positive") func positive() throws {
    for (name, good) in [("median", "0.5"), ("p10", "0.25"), ("p90", "2"), ("peak", "64")] {
      let text = report([row(speed: speed(8, 8, 8))]).json.text
      for wrong in ["0", "-1", "1e999"] {
        let changed = text.replacingOccurrences(
          of: #""\#(name)":\s*\#(good)(\.0)?(?![0-9.])"#, with: "\"\(name)\": \(wrong)", options: .regularExpression)
        #expect(changed != text, "\(name)")
        #expect(throws: (any Error).self, "\(name): \(wrong)") { try read(changed) }
      }
    }
  }

  // === Command line ===

  @Test("Numbers at their limits") func limits() throws {
    func options(_ words: String) -> BenchmarkOptions? {
      guard case .measure(let options)? = try? BenchmarkCommand(words.split(separator: " ").map(String.init)) else {
        return nil
      }
      return options
    }
    #expect(options("--lengths 1,10000")?.lengths == [1, 10_000] && options("--lengths 10001") == nil)
    #expect(options("--threads 1024")?.threads == [1024] && options("--threads 1025") == nil)
    #expect(options("--seconds 3600")?.seconds == 3600 && options("--seconds 3600.5") == nil)
    #expect(options("--seconds -1") == nil && options("--seconds inf") == nil && options("--precision fp32,") == nil)
    #expect(options("--precision bf16,fp32")?.precisions == [.bfloat16, .float32])
    let usual = try #require(options(""))
    #expect(usual.suites == [.kernels, .blocks] && usual.lengths == [64, 128, 256] && usual.seconds == 0.5)
    #expect(usual.model == "demo" && usual.jsonPath == nil)
    #expect(options("folds kernels folds")?.suites == [.folds, .kernels])
    #expect(try BenchmarkCommand(["folds", "-h"]) == .help)
    #expect(throws: BenchmarkError.self) { try BenchmarkCommand(["compare", "a", "b", "c"]) }
  }

  @Test func sentences() {
    #expect(BenchmarkError.usage("x").isUsage && !BenchmarkError.model("x").isUsage)
    let expected: [(BenchmarkError, String)] = [
      (.usage("x"), "x\nhint: esmfold-bench --help explains more"),
      (.instructionSet("v9", available: ["base", "v3"]), "ESMFOLD_ISA: found v9, expected one of: base, v3"),
      (.system(path: "f", action: "open", code: ENOENT), "f: cannot open: No such file or directory"),
      (.report(path: "f", reason: "no JSON"), "f: no JSON, expected a report of esmfold-bench --json"),
      (
        .memory(what: "a fold", needed: 3 << 20, available: 2 << 20),
        "a fold: needs 3.0 MiB, found 2.0 MiB of free memory"
      ),
    ]
    for (error, sentence) in expected { #expect("\(error)" == sentence) }
  }
}
