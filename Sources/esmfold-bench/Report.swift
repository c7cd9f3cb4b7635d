// The results of a benchmark run: the machine and the rows, also as JSON.

import CKernels
import ESMFoldKit
import Glibc
import Platform
import Tensors
package import Weights

/// One measurement.
package struct Row: Equatable, Sendable {
  /// What was measured, and with what.
  package struct Identity: Equatable, Sendable {
    package var suite: String, name: String, precision: String, instructionSet: String
    package var threads: Int

    package init(suite: String, name: String, precision: String, instructionSet: String, threads: Int) {
      self.suite = suite
      self.name = name
      self.precision = precision
      self.instructionSet = instructionSet
      self.threads = threads
    }

    /// Identifies the row in other reports.
    package var key: String { "\(suite)/\(name)/\(precision)/\(instructionSet)/\(threads)" }
  }

  package var identity: Identity
  /// Seconds of a call.
  package var time: Statistics
  /// Calls in the time of 10⁹ operations or bytes of the peak on the same threads, measured alternately with the row.
  package var speed: Statistics
  /// Floating-point operations and bytes of a call; 0 where not meaningful.
  package var operations = 0.0, bytes = 0.0
  /// GFLOP/s of the peak, or GB/s for a kernel that does not multiply; the median.
  package var peak: Double
  /// Peak resident memory while the row was measured, bytes.
  package var memory: Int

  package init(_ identity: Identity, time: Statistics, speed: Statistics, peak: Double, memory: Int) {
    self.identity = identity
    self.time = time
    self.speed = speed
    self.peak = peak
    self.memory = memory
  }

  init(_ identity: Identity, _ samples: [Sample], operations: Double, bytes: Double = 0) {
    self.init(
      identity, time: Statistics(samples.map(\.seconds)), speed: Statistics(samples.map { 1 / ($0.seconds * $0.peak) }),
      peak: Statistics(samples.map(\.peak)).median, memory: ProcessMemory.peak)
    self.operations = operations
    self.bytes = bytes
  }

  package var key: String { identity.key }
  /// From the median.
  package var gigaflops: Double? { operations > 0 ? operations / time.median / 1e9 : nil }
  package var gigabytes: Double? { bytes > 0 ? bytes / time.median / 1e9 : nil }
  /// Share of the peak: of the product for a row with operations, of the data rate for a kernel that has only bytes.
  package var share: Double? {
    let work = operations > 0 ? operations : bytes
    return work > 0 ? work * speed.median / 1e9 : nil
  }
}

/// What a reader must know to interpret the numbers.
package struct Machine: Equatable, Sendable {
  package var version: String, processor: String, instructionSet: String
  package var processors: Int

  package init(version: String, processor: String, instructionSet: String, processors: Int) {
    self.version = version
    self.processor = processor
    self.instructionSet = instructionSet
    self.processors = processors
  }

  /// This machine.
  static var current: Machine {
    let system = SystemInfo.current
    return Machine(
      version: ESMFoldKit.version, processor: system.processor, instructionSet: Kernels.active.name,
      processors: system.availableThreads)
  }

  var text: String {
    "esmfold \(version), \(processor), \(processors) threads available, kernels \(instructionSet)\n"
  }
}

/// A run.
package struct Report: Equatable, Sendable {
  package var machine: Machine
  package var rows: [Row] = []

  package init(machine: Machine, rows: [Row] = []) {
    self.machine = machine
    self.rows = rows
  }
}

// === JSON ===

extension Report {
  /// One object; `relative_speed` is calls in the time of 10⁹ operations or bytes of the peak; times in seconds, rates in GFLOP/s and GB/s, memory in bytes.
  package var json: JSONValue {
    .object([
      "machine": .object([
        "version": .string(machine.version), "processor": .string(machine.processor),
        "instruction_set": .string(machine.instructionSet), "processors": .integer(machine.processors),
      ]),
      "rows": .array(rows.map(\.json)),
    ])
  }

  /// Parses the output of `json`.
  ///
  /// - Parameters:
  ///   - json: The value.
  ///   - path: Its origin, for messages.
  /// - Throws: The first missing field.
  package init(json: JSONValue, path: String) throws(BenchmarkError) {
    let fields = try Fields(json, path)
    let machine = try Fields(fields.value("machine"), path)
    self.machine = Machine(
      version: try machine.string("version"), processor: try machine.string("processor"),
      instructionSet: try machine.string("instruction_set"), processors: try machine.integer("processors"))
    guard case .array(let values) = try fields.value("rows") else {
      throw .report(path: path, reason: "\"rows\" is not an array")
    }
    for value in values { rows.append(try Row(try Fields(value, path))) }
  }

  /// Reads a file of `--json`.
  package init(file path: String) throws(BenchmarkError) {
    let text = try BenchmarkError.wrapping(try WholeFile.read(path))
    let value: JSONValue
    do throws(WeightError) {
      value = try JSONValue(parsing: text, path: path)
    } catch {
      throw .report(path: path, reason: "no JSON")
    }
    try self.init(json: value, path: path)
  }
}

extension Row {
  fileprivate var json: JSONValue {
    func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
    return .object([
      "suite": .string(identity.suite), "name": .string(identity.name), "precision": .string(identity.precision),
      "instruction_set": .string(identity.instructionSet), "threads": .integer(identity.threads),
      "seconds": time.json, "relative_speed": speed.json, "operations": .number(operations), "bytes": .number(bytes),
      "peak": .number(peak),
      "gflops": optional(gigaflops), "gbytes": optional(gigabytes), "share_of_peak": optional(share),
      "peak_memory": .integer(memory),
    ])
  }

  fileprivate init(_ fields: Fields) throws(BenchmarkError) {
    self.init(
      try Identity(fields), time: try fields.statistics("seconds"), speed: try fields.statistics("relative_speed"),
      peak: try fields.positive("peak"), memory: try fields.integer("peak_memory"))
    operations = try fields.number("operations")
    bytes = try fields.number("bytes")
  }
}

extension Row.Identity {
  fileprivate init(_ fields: Fields) throws(BenchmarkError) {
    self.init(
      suite: try fields.string("suite"), name: try fields.string("name"), precision: try fields.string("precision"),
      instructionSet: try fields.string("instruction_set"), threads: try fields.integer("threads"))
  }
}

extension Statistics {
  fileprivate var json: JSONValue {
    .object(["samples": .integer(count), "median": .number(median), "p10": .number(p10), "p90": .number(p90)])
  }
}

/// The required members of an object.
private struct Fields {
  private let object: JSONObject
  private let path: String

  init(_ json: JSONValue, _ path: String) throws(BenchmarkError) {
    guard case .object(let object) = json else { throw .report(path: path, reason: "found \(json.kind)") }
    self.object = object
    self.path = path
  }

  func value(_ name: String) throws(BenchmarkError) -> JSONValue {
    guard let value = object[name] else { throw .report(path: path, reason: "found no \"\(name)\"") }
    return value
  }

  func string(_ name: String) throws(BenchmarkError) -> String {
    guard case .string(let text) = try value(name) else { throw wrong(name) }
    return text
  }

  func integer(_ name: String) throws(BenchmarkError) -> Int {
    guard case .integer(let number) = try value(name) else { throw wrong(name) }
    return number
  }

  func number(_ name: String) throws(BenchmarkError) -> Double {
    switch try value(name) {
    case .integer(let number): return Double(number)
    case .number(let number): return number
    default: throw wrong(name)
    }
  }

  /// A number used as a divisor.
  func positive(_ name: String) throws(BenchmarkError) -> Double {
    let number = try number(name)
    guard number > 0, number.isFinite else { throw wrong(name) }
    return number
  }

  /// Statistics of positive numbers.
  func statistics(_ name: String) throws(BenchmarkError) -> Statistics {
    let fields = try Fields(value(name), path)
    return Statistics(
      count: try fields.integer("samples"), median: try fields.positive("median"), p10: try fields.positive("p10"),
      p90: try fields.positive("p90"))
  }

  private func wrong(_ name: String) -> BenchmarkError {
    .report(path: path, reason: "\"\(name)\" has an unexpected value")
  }
}
