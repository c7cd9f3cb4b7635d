// One process that feeds one reader until its time is up or an input ends it.

import Glibc

/// A running worker.
final class Worker {
  let subject: Subject
  let bench: Workbench
  let status: Status
  let seeds: [[UInt8]]
  let options: WorkerOptions

  init(_ options: WorkerOptions) throws {
    self.options = options
    subject = options.subject
    bench = try Workbench()
    status = try Status(options.status)
    seeds = try subject.seeds(.standard(), bench)
  }

  /// Reads one input and records the outcome.
  func read(_ input: [UInt8]) {
    status.begin(input)
    var isAccepted = true
    do { try subject.read(input, bench) } catch { isAccepted = false }
    status.end(isAccepted: isAccepted)
  }

  /// Reads the inputs of a series in turn; the engine chooses them if it is built in.
  func run() -> Int32 {
    #if ESMFOLD_LIBFUZZER
      return LibFuzzer.run(self)
    #else
      let end = Status.now() + options.seconds * 1_000_000_000
      var number = 0
      while Status.now() < end {
        read(subject.input(number, seed: options.seed, seeds: seeds))
        number += 1
      }
      return 0
    #endif
  }
}

/// What the supervisor tells a worker.
struct WorkerOptions {
  let subject: Subject
  let status: String
  /// A folder for inputs that the engine keeps.
  let corpus: String
  let seed: UInt64
  let seconds: Int

  /// The words after `--worker`.
  init?(_ words: ArraySlice<String>) {
    let words = Array(words)
    guard words.count == 5, let subject = (Subject.all + [.broken]).first(where: { $0.name == words[0] }),
      let seed = UInt64(words[3]),
      let seconds = Int(words[4])
    else { return nil }
    (self.subject, status, corpus, self.seed, self.seconds) = (subject, words[1], words[2], seed, seconds)
  }

  static func words(_ subject: Subject, status: String, corpus: String, seed: UInt64, seconds: Int) -> [String] {
    ["--worker", subject.name, status, corpus, "\(seed)", "\(seconds)"]
  }
}
