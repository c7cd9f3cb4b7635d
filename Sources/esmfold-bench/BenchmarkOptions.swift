// The benchmark's command line.

package import Tensors

/// A group of measurements.
package enum Suite: String, CaseIterable, Sendable {
  case kernels, blocks, folds
}

/// What to measure, and for how long.
package struct BenchmarkOptions: Equatable, Sendable {
  package var suites: [Suite] = []
  /// Lengths of the proteins in blocks and folds, in residues.
  package var lengths = [64, 128, 256]
  /// Thread counts; every row is measured with each.
  package var threads = [Threads.availableProcessors]
  package var precisions = Kernels.active.hasFastBFloat16 ? Precision.allCases : [.float32]
  /// Time for each row.
  package var seconds = 0.5
  package var jsonPath: String?
  package var model = "demo"

  package init() {}
}

/// A parsed command line.
package enum BenchmarkCommand: Equatable, Sendable {
  case help
  case compare(old: String, new: String)
  case measure(BenchmarkOptions)
  case scaling(BenchmarkOptions)

  package static let helpText = """
    usage: esmfold-bench [SUITE...] [OPTION...]
           esmfold-bench compare OLD.json NEW.json
           esmfold-bench scaling [--lengths N,...] [--precision P,...] [--seconds S]

    Suites: kernels (each SIMD kernel at shapes of esmfold_v1, on every instruction set of this machine or the one of
    ESMFOLD_ISA), blocks (the updates of a trunk block, the structure module, a language-model layer; random weights of
    esmfold_v1's sizes), folds (whole folds by stage). Without a suite: kernels and blocks.

      --lengths N,...      residues in blocks and folds (64,128,256)
      --threads N,...      thread counts (all processors)
      --precision P,...    fp32, bf16 (both where the processor has AVX512_BF16)
      --seconds S          time for each row (0.5)
      --model MODEL        the model to fold with: a name in the cache, a file or a folder (demo)
      --json FILE          also write the rows to FILE
      --help               this text

    Columns: median time of a call, 10th and 90th percentile relative to it, operations and bytes per second from the
    counts in OperationCounts.swift and KernelCases.swift, the share of the peak, peak resident memory. The peak is our
    own 256 × 256 × 256 product on the same threads in the same precision, or for a kernel that does not multiply the
    GB/s of y += 0.001 x on a tile of 96 × 128; its measurements alternate with those of the row.

    compare sorts the rows common to both files by their speed relative to the peak of their own run, new over old, and
    exits with 1 if one has become slower by more than the spread.

    scaling runs each step of a fold (random weights of esmfold_v1's sizes) on one thread, with the time of every task, and
    computes what 4 to 128 threads would reach of their number times one thread: from serial parts, uneven ends of
    parallel regions, and the cost of dividing a region, which is measured. Columns: how often a fold takes the step,
    its time, parallel regions and the fewest and most tasks in one, the time outside of them, GB/s on one thread.

    """

  /// Parses the words after the program's name.
  package init(_ words: [String]) throws(BenchmarkError) {
    if words.first == "compare" {
      guard words.count == 3 else { throw .usage("compare: found \(words.count - 1) files, expected OLD and NEW") }
      self = .compare(old: words[1], new: words[2])
      return
    }
    var options = BenchmarkOptions()
    let isScaling = words.first == "scaling"
    var rest = isScaling ? words.dropFirst() : words[...]
    while let word = rest.popFirst() {
      if word == "--help" || word == "-h" {
        self = .help
        return
      }
      if !isScaling, let suite = Suite(rawValue: word) {
        if !options.suites.contains(suite) { options.suites.append(suite) }
        continue
      }
      guard word.hasPrefix("--") else {
        throw .usage(
          isScaling
            ? "scaling: found \(word), expected no suite"
            : "found \(word), expected a suite: \(Suite.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      let value = rest.popFirst()
      try options.set(word, value)
    }
    if options.suites.isEmpty { options.suites = [.kernels, .blocks] }
    self = isScaling ? .scaling(options) : .measure(options)
  }
}

extension BenchmarkOptions {
  fileprivate mutating func set(_ option: String, _ value: String?) throws(BenchmarkError) {
    let known = ["--lengths", "--threads", "--precision", "--seconds", "--json", "--model"]
    guard known.contains(option) else {
      throw .usage("found \(option), expected one of: \(known.joined(separator: " "))")
    }
    guard let value else { throw .usage("\(option): found nothing, expected a value") }
    switch option {
    case "--lengths": lengths = try Self.numbers(option, value, upTo: 10_000)
    case "--threads": threads = try Self.numbers(option, value, upTo: 1024)
    case "--precision":
      precisions = []
      for word in value.split(separator: ",", omittingEmptySubsequences: false) {
        guard let precision = Precision(rawValue: String(word)) else {
          throw .usage("\(option): found \(word), expected fp32 or bf16")
        }
        precisions.append(precision)
      }
    case "--seconds":
      guard let number = Double(value), number > 0, number <= 3600 else {
        throw .usage("\(option): found \(value), expected a number of seconds up to 3600")
      }
      seconds = number
    case "--json": jsonPath = value
    default: model = value
    }
  }

  private static func numbers(_ option: String, _ value: String, upTo largest: Int) throws(BenchmarkError) -> [Int] {
    var numbers: [Int] = []
    for word in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(word), (1...largest).contains(number) else {
        throw .usage("\(option): found \(word.isEmpty ? "nothing" : word), expected numbers from 1 to \(largest)")
      }
      numbers.append(number)
    }
    return numbers
  }
}
