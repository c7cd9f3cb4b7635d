// The program behind main.swift: runs the requested suites, or compares two reports.

import Glibc
import Platform
import Tensors
import Weights

/// Entry point and exit statuses: 0 done, 1 failed or slower than before, 2 a mistake on the command line.
enum Benchmark {
  static func main(_ arguments: [String]) -> Int32 {
    do throws(BenchmarkError) {
      switch try BenchmarkCommand(arguments) {
      case .help:
        Console.out(BenchmarkCommand.helpText)
        return 0
      case .compare(let old, let new):
        let comparison = Comparison(try Report(file: old), try Report(file: new))
        Console.out(comparison.text)
        return comparison.hasRegression ? 1 : 0
      case .measure(let options):
        try measure(options)
        return 0
      case .scaling(let options):
        Console.out(Machine.current.text + "\n")
        try ScalingBench(options).run(Console.out)
        return 0
      }
    } catch {
      Console.error("esmfold-bench: \(error)\n")
      return error.isUsage ? 2 : 1
    }
  }

  private static func measure(_ options: BenchmarkOptions) throws(BenchmarkError) {
    if let name = Kernels.unavailableRequest { throw .instructionSet(name, available: Kernels.available) }
    var report = Report(machine: .current)
    Console.out(report.machine.text + "\n" + RowTable.header)
    func emit(_ row: Row) {
      report.rows.append(row)
      Console.out(RowTable.line(row))
    }
    for suite in options.suites {
      switch suite {
      case .kernels: KernelBench(options).run(emit)
      case .blocks: try BlockBench(options).run(emit)
      case .folds: try FoldBench(options).run(emit)
      }
    }
    if let path = options.jsonPath {
      try BenchmarkError.wrapping(try WholeFile.write(Array((report.json.text + "\n").utf8), to: path))
    }
  }
}

/// Standard output and standard error.
enum Console {
  static func out(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func error(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, start, rest.count)
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }
}
