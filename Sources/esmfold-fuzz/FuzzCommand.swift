// The fuzzing program's command line.

import Glibc
import Platform

/// Entry point and exit statuses: 0 nothing found, 1 findings or a failure, 2 a mistake on the command line.
enum FuzzCommand {
  static let helpText = """
    usage: esmfold-fuzz [READER...] [OPTION...]
           esmfold-fuzz READER --input FILE
           esmfold-fuzz READER --reasons N [--seed N]

    Feeds damaged and hostile inputs to file readers and keeps every input that ends a process, takes longer than
    \(Supervisor.longest) seconds or uses more than \(Supervisor.mostMemory >> 20) MiB of memory. The second form reads one input and prints the
    outcome, the third reads N inputs of a series and counts why they were refused.

    Readers: \(Subject.all.map(\.name).joined(separator: ", ")). Without a name: all,
    one after the other.

      --minutes N      time for each reader (1)
      --seconds N      the same in seconds
      --seed N         seed of the series of inputs (1)
      --findings DIR   a folder for findings, logs and the corpus (fuzz-findings)
      --input FILE     read this input
      --reasons N      count the outcomes of N inputs
      --help           this text

    Columns: inputs read, inputs per second, how many were accepted and how many refused, the slowest input, peak
    memory, findings.

    """

  static func main(_ words: [String]) -> Int32 {
    do {
      if words.first == "--worker" {
        guard let options = WorkerOptions(words.dropFirst()) else {
          throw FuzzError.usage("--worker: found wrong words")
        }
        return try Worker(options).run()
      }
      guard let options = try FuzzOptions(words) else {
        out(helpText)
        return 0
      }
      if let input = options.input { return try read(input, options.subjects) }
      if let count = options.reasons { return try countReasons(count, options) }
      try Folder.create(options.findings)
      out(header)
      var found = 0
      for subject in options.subjects {
        let supervisor = Supervisor(
          subject: subject, seconds: options.seconds, seed: options.seed, folder: options.findings)
        let outcome = try supervisor.run()
        found += outcome.findings.count
        out(line(outcome))
      }
      return found == 0 ? 0 : 1
    } catch {
      Self.error("esmfold-fuzz: \(error)\n")
      if case FuzzError.usage = error { return 2 }
      return 1
    }
  }

  /// Reads one input in this process.
  private static func read(_ path: String, _ subjects: [Subject]) throws -> Int32 {
    let bytes = try WholeFile.read(path), bench = try Workbench()
    for subject in subjects {
      let start = Status.now()
      var outcome = "accepted"
      do { try subject.read(bytes, bench) } catch { outcome = "refused: \(error)" }
      out("\(subject.name): \(outcome) (\((Status.now() - start) / 1_000_000) ms)\n")
    }
    return 0
  }

  /// Shows how far the inputs of a series get.
  private static func countReasons(_ count: Int, _ options: FuzzOptions) throws -> Int32 {
    for subject in options.subjects {
      let bench = try Workbench()
      let seeds = try subject.seeds(.standard(), bench)
      var reasons: [String: Int] = [:]
      for number in 0..<count {
        var outcome = "accepted"
        do {
          try subject.read(subject.input(number, seed: options.seed, seeds: seeds), bench)
        } catch {
          // Without the folder's name, numbers and quoted text.
          let sentence = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
          outcome = sentence.replacing(bench.folder, with: "").replacing(/[0-9]+|".*"/, with: "#")
        }
        reasons[String(outcome.prefix(110)), default: 0] += 1
      }
      out("\(subject.name)\n")
      for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(40) {
        out("  \(count)  \(reason)\n")
      }
    }
    return 0
  }

  // === Text ===

  private static let widths = [-12, 9, 11, 10, 11, 11, 11, 11, 9]

  static let header = row([
    "reader", "minutes", "inputs", "inputs/s", "accepted", "refused", "slowest ms", "memory MiB", "findings",
  ])

  static func line(_ outcome: Outcome) -> String {
    row([
      outcome.name, tenths(outcome.seconds / 60), "\(outcome.inputs)",
      "\(Int(Double(outcome.inputs) / max(outcome.seconds, 1)))", "\(outcome.inputs - outcome.refused)",
      "\(outcome.refused)", "\(outcome.slowest / 1_000_000)", "\(outcome.memory >> 20)", "\(outcome.findings.count)",
    ])
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func row(_ cells: [String]) -> String {
    zip(cells, widths).map { cell, width in
      let space = String(repeating: " ", count: max(0, abs(width) - cell.count))
      return width < 0 ? cell + space : space + cell
    }.joined() + "\n"
  }

  static func out(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func error(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in _ = Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
  }
}

/// A parsed command line.
struct FuzzOptions {
  var subjects: [Subject] = []
  var seconds = 60
  var seed: UInt64 = 1
  var findings = "fuzz-findings"
  var input: String?
  var reasons: Int?

  /// Parses the words after the program's name; nil when help is requested.
  init?(_ words: [String]) throws(FuzzError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--help" || word == "-h" { return nil }
      if let subject = (Subject.all + [.broken]).first(where: { $0.name == word }) {
        subjects.append(subject)
        continue
      }
      guard ["--minutes", "--seconds", "--seed", "--findings", "--input", "--reasons"].contains(word) else {
        throw .usage("found \(word), expected a reader: \(Subject.all.map(\.name).joined(separator: ", "))")
      }
      guard let value = rest.popFirst() else { throw .usage("\(word): found nothing, expected a value") }
      try set(word, value)
    }
    if subjects.isEmpty { subjects = Subject.all }
  }

  private mutating func set(_ option: String, _ value: String) throws(FuzzError) {
    switch option {
    case "--findings": findings = value
    case "--input": input = value
    case "--seed":
      guard let number = UInt64(value) else { throw .usage("\(option): found \(value), expected a number") }
      seed = number
    default:
      guard let number = Int(value), (1...1_000_000).contains(number) else {
        throw .usage("\(option): found \(value), expected a number from 1 to 1000000")
      }
      if option == "--reasons" { reasons = number } else { seconds = option == "--minutes" ? number * 60 : number }
    }
  }
}
