// Threads and instruction sets: what the program reports, and whether it is true.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct ComputationBinaryTests {
  private let scratch: ScratchFolder
  private let cache: [String: String]

  init() throws {
    scratch = try ScratchFolder()
    cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
  }

  /// A line of `info`.
  private func info(_ label: String, _ words: [String] = [], _ environment: [String: String] = [:]) throws -> String {
    let ran = try Binary.run(["info"] + words, environment: environment)
    #expect(ran.status == 0, "\(ran.error)")
    let line = try #require(ran.output.split(separator: "\n").first { $0.hasPrefix(label + " ") })
    return String(line.dropFirst(label.count).drop { $0 == " " })
  }

  @Test("The option takes precedence over the variable, and that over the process's processors") func threads() throws {
    // Behind the number stand the limits that the processors have.
    func threads(_ words: [String], _ environment: [String: String]) throws -> String {
      let text = try info("threads", words, environment)
      #expect(text.contains(" (affinity "))
      return String(text.prefix { $0 != " " })
    }
    #expect(try threads(["--threads", "3"], [:]) == "3")
    #expect(try threads([], ["ESMFOLD_THREADS": "5"]) == "5")
    #expect(try threads(["-t2"], ["ESMFOLD_THREADS": "5"]) == "2")
    // An empty variable counts as unset.
    let all = try #require(Int(try threads([], ["ESMFOLD_THREADS": ""])))
    #expect(all >= 1 && all <= sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let one = try Binary.run(
      ["-c", "taskset -c \"$(taskset -cp $$ | sed 's/.*: *//; s/[,-].*//')\" \"$@\"", "bash", Binary.path, "info"],
      executable: "/bin/bash", environment: ["ESMFOLD_THREADS": ""])
    #expect(one.output.contains(/\nthreads +1 \(affinity 1[,)]/), "\(one)")
  }

  /// The threads of a single-threaded command: its own, the one that waits for signals, and that of an emulator.
  private static let alone = Emulator.isUsed ? 3 : 2

  /// Far more processor time than is needed until the first task is shared, in hundredths of a second.
  private static let enough = 300

  /// Runs that take long enough to be observed; the records for language models have masks, for `fill`.
  private static let threaded: [[String]] = [
    ["fold", "--model", "demo", "--recycles", "1000"], ["embed"], ["score"], ["score", "--method", "wt-marginals"],
    ["contacts"], ["fill"],
  ]

  @Test("A command uses as many threads as it is told to", arguments: threaded) func counts(_ words: [String])
    throws
  {
    // A machine with one processor never runs two tasks at once.
    guard sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 else { return }
    let sequence = String(repeating: "MKVLAAGIVGACDEFHNPQR", count: 20)
    let fasta = (0..<500).map { ">r\($0)\n\(sequence)\(words[0] == "fill" ? "<mask>" : "")\n" }.joined()
    let file = try scratch.file("a.fasta", fasta)
    let model = words.contains("--model") ? [] : ["--model", "esm2"]
    // An import has its own threads.
    #expect(try Binary.run(["weights", "import", Fixtures.path("family/esm2")], environment: cache).status == 0)
    func start(_ count: Int) throws -> Binary.Started {
      let threads = words[0] == "score" ? ["ESMFOLD_THREADS": "\(count)"] : [:]
      let options = words[0] == "score" ? [] : ["--threads", "\(count)"]
      return try Binary.Started(
        words + [file, "-o", scratch.path + "/out-\(count)"] + model + options,
        environment: cache.merging(threads) { $1 })
    }
    let several = try start(2)
    several.wait { several.process.threads > Self.alone || several.processorTime > Self.enough }
    #expect(several.process.threads > Self.alone)
    several.send(SIGKILL)
    _ = several.ended()
    let single = try start(1)
    var most = 0
    let begin = single.processorTime
    // Many times the work that was ever needed for several threads to show.
    single.wait {
      most = max(most, single.process.threads)
      return single.processorTime > begin + Self.enough / 10
    }
    #expect(most == Self.alone)
    single.send(SIGKILL)
    _ = single.ended()
  }

  @Test("ESMFOLD_ISA chooses the kernels") func instructionSets() throws {
    let row = try info("instruction set")
    let match = try #require(row.wholeMatch(of: /([a-z0-9]+) \(of ([a-z0-9, ]+)\)/), "\(row)")
    let sets = match.output.2.split(separator: ",").map { $0.filter { $0 != " " } }
    #expect(match.output.1 == sets[0] && sets.last == "base")
    let file = try scratch.file("a.fasta", ">a\nMKVLAAGIVGACDEFHNPQRMKVLAAGIVGACDEFHNPQR\n")
    var tensors: [Data] = []
    for set in sets where sets.count > 1 {
      let environment = ["ESMFOLD_ISA": set]
      #expect(try info("instruction set", [], environment).hasPrefix(set + " (of "))
      let isFast = try info("bf16", [], environment).hasPrefix("fast")
      #expect(isFast == (set == "v4bf16"))
      guard set == sets[0] || set == "base" else { continue }
      let out = scratch.path + "/" + set
      let ran = try Binary.run(
        ["fold", file, "-o", out, "--model", "demo", "--save-tensors", "--recycles", "0"], environment: environment)
      #expect(ran.status == 0 && !ran.error.contains("warning"), "\(ran.error)")
      tensors.append(try Data(contentsOf: URL(fileURLWithPath: out + "/a.tensors.h5")))
    }
    // They sum in a different order, which shows in some of thousands of numbers.
    #expect(Set(tensors).count == tensors.count)
  }

  @Test("OpenBLAS is loaded if it is asked for, and named; what it computes is the same fold") func blas() throws {
    // The loader says which libraries it looks for.
    let loader = ["LD_DEBUG": "libs"]
    let plain = try Binary.run(["info"], environment: loader)
    #expect(plain.error.contains("libz.so") && !plain.error.contains("openblas"))
    #expect(try info("BLAS", [], [:]) == "none: all products are this program's own kernels")
    let chosen = ["ESMFOLD_ISA": "blas"]
    #expect(try info("instruction set", [], chosen).hasPrefix("blas (of "))
    #expect(try info("BLAS", [], chosen).wholeMatch(of: /OpenBLAS [0-9.]+, kernels \w+/) != nil)
    let file = try scratch.file("b.fasta", ">b\nMKVLAAGIVGACDEFHNPQR\n")
    func confidence(_ environment: [String: String]) throws -> String {
      let ran = try Binary.run(
        ["fold", file, "-o", "\(scratch.path)/\(environment.count)", "--model", "demo"], environment: environment)
      #expect(ran.status == 0, "\(ran.error)")
      return try summaryRows(scratch.text("\(environment.count)/summary.tsv"))[0][2...3].joined(separator: " ")
    }
    #expect(try confidence(chosen) == confidence([:]))
  }

  @Test("An OpenBLAS that cannot be loaded is said, and the program computes with its own kernels") func noBLAS() throws
  {
    mkdir(scratch.path + "/lib", 0o755)
    for name in ["libopenblas.so.0", "libopenblas.so"] { _ = try scratch.file("lib/" + name, "no library") }
    let environment = ["ESMFOLD_ISA": "blas", "LD_LIBRARY_PATH": scratch.path + "/lib"]
    let ran = try Binary.run(["info"], environment: environment)
    #expect(ran.status == 0 && ran.output.contains("all products are this program's own kernels"))
    #expect(ran.error.contains("warning: ESMFOLD_ISA: blas: found "), "\(ran.error)")
    #expect(ran.error.contains("libopenblas.so.0") && ran.error.contains(", expected an OpenBLAS"), "\(ran.error)")
  }

  /// A product of OpenBLAS without its sums, or without those of several rows that are added to the output.
  @Test("An OpenBLAS that computes wrongly is refused", arguments: ["0", "beta == 0 || n < 3"])
  func wrongBLAS(_ rightIf: String) throws {
    mkdir(scratch.path + "/lib", 0o755)
    let source = try scratch.file(
      "blas.c",
      """
      void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                       const float *b, int ldb, float beta, float *c, int ldc) {
        for (int column = 0; column < n; column++)
          for (int row = 0; row < m; row++) {
            float sum = beta * c[column * ldc + row];
            if (\(rightIf))
              for (int i = 0; i < k; i++) sum += a[i * lda + row] * b[column * ldb + i];
            c[column * ldc + row] = sum;
          }
      }
      void openblas_set_num_threads(int count) {}
      const char *openblas_get_config(void) { return "OpenBLAS 9.8.7 and more"; }
      const char *openblas_get_corename(void) { return "mistaken"; }
      """)
    let library = try CompiledLibrary.make(source, at: scratch.path + "/lib/libopenblas.so.0")
    let environment = ["ESMFOLD_ISA": "blas", "LD_LIBRARY_PATH": scratch.path + "/lib"]
    let ran = try Binary.run(["info"], environment: environment)
    #expect(ran.status == 0 && ran.output.contains("all products are this program's own kernels"), "\(library)")
    let found = "found OpenBLAS 9.8.7, kernels mistaken, whose products are wrong, expected an OpenBLAS that works"
    #expect(ran.error.contains("warning: ESMFOLD_ISA: blas: \(found)\nhint: "), "\(ran.error)")
  }

  @Test("The memory plan grows with length and threads") func plan() throws {
    func bytes(_ words: [String]) throws -> [String] {
      let ran = try Binary.run(["info", "--model", "demo"] + words)
      #expect(ran.status == 0)
      return ran.output.split(separator: "\n").filter { $0.hasPrefix("memory for") || $0.hasPrefix("  ") }.map(
        String.init)
    }
    let plan = try bytes(["--length", "2000", "-t1"])
    #expect(plan.count > 2 && plan[0].hasPrefix("memory for 2000 residues") && plan[0].hasSuffix(" with demo"))
    #expect(try bytes(["--length", "4000", "-t1"]) != plan && bytes(["--length", "2000", "-t64"]) != plan)
    #expect(try bytes([]).isEmpty)
  }
}
