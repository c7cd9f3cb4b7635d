// The logic of the benchmark program, and that each of its suites runs; speed itself is not tested.

import Foundation
import Tensors
import TestSupport
import Testing
import Weights
import esmfold_bench

@Suite("Benchmark program") struct BenchTests {
  @Test("Median and percentiles lie between the nearest samples") func statistics() {
    let one = Statistics([3])
    #expect(one == Statistics(count: 1, median: 3, p10: 3, p90: 3))
    let five = Statistics([5, 1, 4, 2, 3])
    #expect(five.count == 5 && five.median == 3)
    #expect(abs(five.p10 - 1.4) < 1e-12 && abs(five.p90 - 4.6) < 1e-12)
    #expect(Statistics([1, 2]).median == 1.5)
  }

  @Test(
    "Numbers of the table",
    arguments: [(0.0, "0.000"), (0.0123, "0.012"), (1.5, "1.50"), (99.96, "100"), (407, "407")])
  func digits(_ number: Double, _ text: String) {
    #expect(RowTable.digits(number) == text)
  }

  // === Comparison ===

  /// A row that takes `seconds`, give or take a share of it, while the peak product runs at `peak` GFLOP/s.
  private func row(_ name: String, _ seconds: Double, spread: Double = 0.05, peak: Double = 100) -> Row {
    func statistics(_ value: Double) -> Statistics {
      Statistics(count: 9, median: value, p10: value * (1 - spread), p90: value * (1 + spread))
    }
    var row = Row(
      .init(suite: "kernels", name: name, precision: "fp32", instructionSet: "base", threads: 2),
      time: statistics(seconds), speed: statistics(1 / (seconds * peak)), peak: peak, memory: 1 << 20)
    row.operations = 1e9
    return row
  }

  private func report(_ rows: [Row]) -> Report {
    Report(machine: Machine(version: "0", processor: "a \"p\"", instructionSet: "base", processors: 2), rows: rows)
  }

  private func verdict(_ old: Row, _ new: Row) -> Comparison.Verdict? {
    Comparison(report([old]), report([new])).changes.first?.verdict
  }

  @Test("Only a change beyond the spread is significant") func verdicts() {
    #expect(verdict(row("a", 1), row("a", 1.2)) == .slower)
    #expect(verdict(row("a", 1.2), row("a", 1)) == .faster)
    #expect(verdict(row("a", 1), row("a", 1.05)) == .same)
    #expect(verdict(row("a", 1), row("a", 1.2, spread: 0.2)) == .same)
    // A small change is not significant, however certain.
    #expect(verdict(row("a", 1, spread: 0.001), row("a", 1.02, spread: 0.001)) == .same)
  }

  @Test("A machine that has become slower does not make its rows slower") func peak() {
    #expect(verdict(row("a", 1, peak: 200), row("a", 2, peak: 100)) == .same)
    #expect(verdict(row("a", 1, peak: 100), row("a", 1, peak: 200)) == .slower)
  }

  @Test("The worst row comes first; rows of only one report are listed") func order() {
    let comparison = Comparison(
      report([row("a", 1), row("b", 1), row("c", 1), row("old", 1)]),
      report([row("a", 1), row("b", 2), row("c", 0.5), row("new", 1)]))
    #expect(comparison.changes.map(\.key).map { $0.split(separator: "/")[1] } == ["b", "a", "c"])
    #expect(comparison.changes.map(\.ratio) == [0.5, 1, 2])
    #expect(comparison.missing == ["kernels/old/fp32/base/2"] && comparison.added == ["kernels/new/fp32/base/2"])
    #expect(comparison.hasRegression)
    #expect(!Comparison(report([row("a", 1)]), report([row("a", 1)])).hasRegression)
  }

  // === JSON ===

  @Test("A report survives a JSON round trip") func json() throws {
    let report = report([row("a", 0.1 + 0.2), row("b 96×128", 1e-7, peak: 1.0 / 3)])
    let text = report.json.text
    #expect(try Report(json: JSONValue(parsing: Array(text.utf8), path: "test"), path: "test") == report)
  }

  @Test("Anything but a report is refused", arguments: ["[]", "{}", #"{"machine":{},"rows":[]}"#, "{"])
  func noReport(_ text: String) throws {
    let folder = try BenchProgram.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("report.json")
    try Data(text.utf8).write(to: file)
    #expect(throws: BenchmarkError.self) { try Report(file: file.path) }
    #expect(throws: BenchmarkError.self) { try Report(file: file.path + ".absent") }
  }

  // === Command line ===

  @Test("Command lines") func options() throws {
    var expected = BenchmarkOptions()
    expected.suites = [.folds]
    expected.lengths = [8, 16]
    expected.threads = [1, 2]
    expected.precisions = [.bfloat16]
    expected.seconds = 0.25
    expected.jsonPath = "out.json"
    expected.model = "m"
    let words = "folds --lengths 8,16 --threads 1,2 --precision bf16 --seconds 0.25 --json out.json --model m"
    #expect(try BenchmarkCommand(words.split(separator: " ").map(String.init)) == .measure(expected))
    #expect(try BenchmarkCommand(["compare", "a", "b"]) == .compare(old: "a", new: "b"))
    #expect(try BenchmarkCommand(["--help"]) == .help)
    expected = BenchmarkOptions()
    expected.suites = [.kernels, .blocks]
    expected.lengths = [9]
    #expect(try BenchmarkCommand(["scaling", "--lengths", "9"]) == .scaling(expected))
  }

  @Test(
    "Mistakes on the command line",
    arguments: [
      "nonsense", "--nonsense 1", "--lengths", "--lengths 0", "--lengths 8,,9", "--lengths 99999999999999999999",
      "--threads -1", "--precision fp64", "--seconds nan", "--seconds 0", "compare a",
      "scaling blocks", "scaling --nonsense 1",
    ])
  func mistakes(_ words: String) {
    #expect(throws: BenchmarkError.self) { try BenchmarkCommand(words.split(separator: " ").map(String.init)) }
  }

  // === The program ===

  @Test("Every suite runs, and a report compares with itself", arguments: Suite.allCases)
  func suite(_ suite: Suite) throws {
    let folder = try BenchProgram.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("report.json").path
    let ran = try BenchProgram.run([
      suite.rawValue, "--seconds", "0.001", "--lengths", "7", "--threads", "2", "--json", file,
    ])
    #expect(ran.status == 0)
    let report = try Report(file: file)
    #expect(report.rows.contains { $0.identity.suite == suite.rawValue })
    #expect(report.rows.allSatisfy { $0.time.median > 0 && $0.speed.median > 0 && $0.peak > 0 && $0.memory > 0 })
    try expectCounts(report.rows)
    expectTable(ran.output, report.rows)
    let compared = try BenchProgram.run(["compare", file, file])
    #expect(compared.status == 0)
    #expect(compared.output.contains("\(report.rows.count) rows compared: 0 slower, 0 faster"))
  }

  /// From the test's own count of all products, or of the bytes that a kernel moves.
  private func expectCounts(_ rows: [Row]) throws {
    for row in rows {
      let identity = row.identity, label = identity.name
      let width = identity.precision == "fp32" ? 4 : 2
      switch identity.suite {
      case "kernels":
        let work = try #require(KernelCounts.work(label, width: width), "\(label): no count in the test")
        #expect(row.operations == Double(2 * work.operations) && row.bytes == Double(2 * work.bytes), "\(label)")
      case "reference":
        #expect(label == "OpenBLAS sgemm 2048^3" && row.operations == 17_179_869_184 && row.bytes == 0)
      case "blocks" where label == "ESM-2 3B layer T=9":
        #expect(row.operations == ModelSizes.published.layer(9), "\(label)")
        #expect(row.bytes == Double(ModelSizes.published.layerBytes))
      case "blocks":
        try #require(label.hasSuffix(" L=7"))
        let name = String(label.dropLast(4))
        #expect(row.operations == ModelSizes.published.update(name, 7), "\(label)")
        #expect(row.bytes == 0)
      default:
        try #require(label.hasPrefix("demo L=7 "))
        let stage = String(label.dropFirst(9))
        #expect(row.operations == ModelSizes.demo.stage(stage, 7, passes: 4) ?? 0, "\(label)")
      }
      #expect(identity.threads == 2)
      let work = row.operations > 0 ? row.operations : row.bytes
      #expect(row.share == (work > 0 ? work * row.speed.median / 1e9 : nil))
    }
    let names = Set(rows.map(\.identity.name))
    switch rows.first?.identity.suite {
    case "blocks":
      let updates = [
        "pair_to_sequence", "seq_attention", "mlp_seq", "sequence_to_pair", "tri_mul_out", "tri_mul_in",
        "tri_att_start", "tri_att_end", "mlp_pair", "trunk block", "structure module",
      ]
      #expect(names == Set(updates.map { "\($0) L=7" } + ["ESM-2 3B layer T=9"]))
    case "folds":
      #expect(
        names == Set(["language model", "trunk pass", "structure module", "heads", "whole"].map { "demo L=7 \($0)" }))
    default:
      // One row for each case on each instruction set, and one for the reference library.
      #expect(Set(rows.map(\.key)).count == rows.count && rows.last?.identity.suite == "reference")
    }
  }

  /// Every row is a line of the table, with the numbers of the report.
  private func expectTable(_ output: String, _ rows: [Row]) {
    let lines = output.split(separator: "\n").map(String.init)
    let first = lines.firstIndex { $0.hasPrefix("row ") }.map { $0 + 1 } ?? lines.count
    guard lines.count - first == rows.count else {
      Issue.record("\(lines.count - first) lines for \(rows.count) rows")
      return
    }
    for (line, row) in zip(lines[first...], rows) {
      let identity = row.identity
      #expect(line.hasPrefix(identity.name + " "))
      let words = line.dropFirst(identity.name.count).split(separator: " ").map(String.init)
      let share = row.share.map { $0 < 100 ? "\(Int(($0 * 100).rounded()))" : ">9999" }
      let rates = [row.gigaflops, row.gigabytes].map { $0.map(RowTable.digits) ?? "-" }
      var expected = [identity.precision, identity.instructionSet, "2"] + rates
      expected += share.map { [$0, "%"] } ?? ["-"]
      expected += [RowTable.digits(row.peak), "\(row.memory >> 20)", "MiB"]
      // Between the threads and the rates are the time with its unit and the spread with its percent sign.
      #expect(Array(words[..<3] + words[7...]) == expected, "\(line)")
      let units = ["ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1]
      let shown = units[words[4]].flatMap { unit in Double(words[3]).map { $0 * unit } } ?? 0
      #expect(abs(shown / row.time.median - 1) < 0.01, "\(line)")
    }
  }

  @Test("A slower row gives exit status 1, a missing one does not") func regression() throws {
    let folder = try BenchProgram.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String, _ rows: [Row]) throws -> String {
      let path = folder.appendingPathComponent(name).path
      try Data(report(rows).json.text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
    let old = try file("old", [row("a", 1), row("b", 1)]), new = try file("new", [row("a", 2), row("c", 1)])
    let slower = try BenchProgram.run(["compare", old, new])
    let expected = Comparison(try Report(file: old), try Report(file: new)).text
    #expect(slower.status == 1 && slower.output == expected && expected.contains("1 slower, 0 faster"))
    #expect(try BenchProgram.run(["compare", new, old]).status == 0)
  }

  @Test("Exit statuses") func statuses() throws {
    #expect(try BenchProgram.run(["--help"]).status == 0)
    #expect(try BenchProgram.run(["nonsense"]).status == 2)
    #expect(try BenchProgram.run(["compare", "absent", "absent"]).status == 1)
  }
}

/// The built program, beside the running test bundle.
enum BenchProgram {
  static func run(_ arguments: [String]) throws -> (status: Int32?, output: String) {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("esmfold-bench").path
    let process = try ChildProcess(path, arguments, environment: ProcessInfo.processInfo.environment)
    switch process.ended() {
    case .exited(let status): return (status, process.outputSoFar)
    case .signalled: break
    case .killedAtTheLimit: Issue.record("still running after \(ChildProcess.limit) s: \(arguments)")
    }
    return (nil, process.outputSoFar)
  }

  static func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("esmfold-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }
}
