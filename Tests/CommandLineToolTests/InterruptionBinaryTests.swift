// SIGINT, SIGTERM and SIGHUP in the middle of a run: finished work is kept, unfinished files are removed.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct InterruptionBinaryTests {
  /// So much work that waiting for its end always exceeds the limit.
  private static let slowProtein = String(repeating: "MKVLAAGIVGACDEFHNPQR", count: 25)
  private static let manyRecycles = "300"

  private let scratch: ScratchFolder
  private var out: String { scratch.path + "/out" }

  init() throws {
    scratch = try ScratchFolder()
  }

  /// Starts to fold a small protein and then one that takes forever, by a shell if there is a script; waits until the
  /// second has started.
  private func folding(_ script: String? = nil) throws -> Binary.Started {
    let file = try scratch.file("a.fasta", ">quick\nM\n>slow\n\(Self.slowProtein)\n")
    let words = ["fold", file, "-o", out, "--model", "demo", "--recycles", Self.manyRecycles, "--save-tensors"]
    let process =
      try script.map {
        try Binary.Started(["-c", $0, "bash", Binary.path] + words, executable: "/bin/bash", blocked: [SIGTERM])
      }
      ?? Binary.Started(words)
    process.wait { scratch.names("out").contains("quick.pdb") }
    let before = process.processorTime
    process.wait { process.processorTime > before + 5 }
    #expect(process.isRunning)
    return process
  }

  private func expectOnlyTheFinished() throws {
    #expect(scratch.names("out") == ["quick.pdb", "quick.tensors.h5", "summary.tsv"])
    #expect(summaryRows(try scratch.text("out/summary.tsv")).map { $0[0] } == ["quick"])
  }

  /// SIGINT ends it by the signal itself, so that a shell ends a loop around the command, too.
  @Test(arguments: [
    (SIGINT, Int32?.none, "SIGINT"), (SIGTERM, 143, "SIGTERM"), (SIGHUP, 129, "SIGHUP"), (SIGUSR1, 143, "SIGUSR1"),
    (SIGUSR2, 143, "SIGUSR2"), (SIGXCPU, 143, "SIGXCPU"), (SIGQUIT, 131, "SIGQUIT"),
  ])
  func ends(_ signal: Int32, _ status: Int32?, _ name: String) throws {
    let process = try folding()
    let sent = ContinuousClock.now
    process.send(signal)
    let ran = process.ended()
    #expect(ContinuousClock.now - sent < .seconds(2))
    #expect(ran.status == status && ran.signal == (status == nil ? signal : nil))
    #expect(
      ran.error.hasSuffix(
        "esmfold: stopped by \(name); finished results are kept, unfinished files are removed\n"), "\(ran.error)")
    try expectOnlyTheFinished()

    // The same command continues where it was stopped.
    let quick = try scratch.file("quick.fasta", ">quick\nM\n")
    let again = try Binary.fold([quick], to: out, ["--save-tensors", "--recycles", Self.manyRecycles])
    #expect(again.status == 0)
    #expect(again.error.contains("folded 0, skipped 1, failed 0"))
  }

  @Test(
    "Threads that help leave signals from outside to the first ones, and keep those of their own faults",
    .disabled(if: Emulator.isUsed, "the emulator has threads and masks of its own"))
  func masks() throws {
    func bits(_ signals: [Int32]) -> UInt64 { signals.reduce(0) { $0 | 1 << UInt64($1 - 1) } }
    let outside = bits([SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU, SIGQUIT, SIGALRM, SIGCHLD])
    let process = try folding(#"exec "$@" --threads 3"#)
    let tasks = "/proc/\(process.process.identifier)/task"
    let masks = try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
      let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") })
      return try #require(UInt64(line.dropFirst("SigBlk:".count).trimmingCharacters(in: .whitespaces), radix: 16))
    }
    let helpers = masks.filter { $0 & outside == outside }
    #expect(helpers.count == 2 && masks.count > 2)
    for mask in helpers {
      #expect(mask & bits([SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGABRT]) == 0)
    }
    process.send(SIGTERM)
    #expect(process.ended().status == 143)
  }

  @Test("A signal that the parent ignores, as scripts do for what runs in the background, stays ignored") func ignored()
    throws
  {
    let process = try folding("trap '' INT TERM; exec \"$@\"")
    for signal in [SIGINT, SIGTERM] {
      let before = process.processorTime
      process.send(signal)
      process.wait { process.processorTime > before + 50 }
      #expect(process.isRunning)
    }
    process.send(SIGHUP)
    #expect(process.ended().status == 129)
    try expectOnlyTheFinished()
  }

  @Test("nohup keeps the program alive, and a signal that its parent has blocked still arrives") func inherited() throws
  {
    let process = try folding("trap '' HUP; exec \"$@\"")
    // Simultaneous signals arrive in any order, so the second waits until the first has had its effect, if any.
    func goOn(_ ticks: Int) {
      let before = process.processorTime
      process.wait { process.processorTime > before + ticks }
    }
    process.send(SIGHUP)
    goOn(50)
    #expect(process.isRunning)
    process.send(SIGTERM)
    goOn(1000)
    #expect(!process.isRunning)
    process.send(SIGKILL)
    #expect(process.ended().status == 143)
    try expectOnlyTheFinished()
  }

  @Test("A file without its final name is removed on a signal") func unfinishedFile() throws {
    // The table is written when all records are read; the input never ends.
    let process = try Binary.Started(
      [
        "score", "-", "-o", scratch.path + "/t.tsv", "--model", Fixtures.path("family/esm2"), "--method",
        "wt-marginals",
      ],
      keepsInputOpen: true)
    process.wait { scratch.names().contains { $0.hasPrefix(".t.tsv.part-") } }
    process.send(SIGTERM)
    #expect(process.ended().status == 143)
    #expect(scratch.names().isEmpty)
  }

  @Test("A JSON log ends with an object, too") func lastLineOfALog() throws {
    let words = ["fold", "-", "-o", out, "--model", "demo", "--log-format", "json", "--shard", "1/2"]
    let process = try Binary.Started(words, keepsInputOpen: true)
    process.wait { scratch.names("out").contains("summary.1-of-2.tsv") }
    process.send(SIGUSR1)
    let ran = process.ended(), last = ran.error.split(separator: "\n").last.map { Data($0.utf8) } ?? Data()
    let object = try #require(try JSONSerialization.jsonObject(with: last) as? [String: Any])
    #expect(ran.status == 143 && object["event"] as? String == "stopped" && object["shard"] as? String == "1/2")
    #expect((object["message"] as? String)?.hasPrefix("stopped by SIGUSR1; finished results are kept") ?? false)
    #expect(String(decoding: last, as: UTF8.self).ranges(of: "\"node\"").count == 1)
  }

  @Test(
    "A log has objects only, also where the command line is wrong",
    arguments: [
      (["fold", "a.fasta", "--shard", "5/4", "--model", "demo"], "esmfold fold: --shard"),
      (["fold", "--nonsense"], "esmfold fold: unknown option \"--nonsense\""),
      (["flod", "a.fasta"], "esmfold: unknown command \"flod\""),
      (["weights", "lst"], "esmfold weights: unknown command \"lst\""),
    ], [["--log-format", "json"], ["--log-format=json"]])
  func wrongCommandLine(_ wrong: (words: [String], message: String), _ format: [String]) throws {
    let ran = try Binary.run(wrong.words + format)
    let lines = ran.error.split(separator: "\n")
    let object = try #require(try JSONSerialization.jsonObject(with: Data((lines.first ?? "").utf8)) as? [String: Any])
    #expect(ran.status == 2 && lines.count == 1 && object["level"] as? String == "error" && object["node"] != nil)
    #expect((object["message"] as? String)?.hasPrefix(wrong.message) ?? false)
    #expect(try Binary.run(wrong.words).error.hasPrefix("error: \(wrong.message)"))
  }

  @Test("As text, the last line of a shard or a job tells of it") func lastLine() throws {
    let job = ["SLURM_JOB_ID": "77", "SLURMD_NODENAME": "n1"]
    for (words, environment, end) in [
      (["--shard", "1/2"], job, "; shard 1/2; node n1, job 77\n"), ([], job, "; node n1, job 77\n"),
    ] {
      let process = try Binary.Started(
        ["fold", "-", "-o", out, "--model", "demo"] + words, environment: environment, keepsInputOpen: true)
      process.wait { scratch.names("out").contains(words.isEmpty ? "summary.tsv" : "summary.1-of-2.tsv") }
      process.send(SIGTERM)
      let ran = process.ended()
      #expect(ran.error.hasSuffix("unfinished files are removed" + end), "\(ran.error)")
    }
  }

  @Test func whileReadingStandardInput() throws {
    let process = try Binary.Started(["fold", "-", "-o", out, "--model", "demo"], keepsInputOpen: true)
    process.process.write(Array(">a\nMKV\n".utf8))
    // The bytes taken have been read, and more are awaited.
    process.wait { process.process.unreadInput == 0 }
    process.send(SIGTERM)
    #expect(process.ended().status == 143)
    #expect(scratch.names("out") == ["summary.tsv"])
  }
}
