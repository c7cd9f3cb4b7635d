// What the program does where the system gives it little: threads, descriptors, memory; and where its model changes.

import CommandLineTool
import Foundation
import Glibc
import Platform
import TestSupport
import Testing
import Weights

private let noAddressLimit: Comment = "the emulator leaves limits of data and addresses out"

@Suite(.timeLimit(minutes: 10)) struct ResourceTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var out: String { scratch.path + "/out" }

  private static let model = Fixtures.path("family/esm2")

  /// A file of two short proteins and, between them, one of `length` residues.
  private func input(length: Int) throws -> String {
    let path = scratch.path + "/in.fasta"
    let long = String(repeating: "MKTVRQERLK", count: length / 10)
    try ">a\nGIVEQCCTSICSLYQLENYCN\n>long\n\(long)\n>b\nNLYIQWLKDGGPSSGRPPPS\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Runs the program with the limits that the shell's `ulimit` sets.
  private func run(limits: String, _ words: [String]) throws -> Binary.Ran {
    try Binary.run(
      ["-c", "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit \(limits) && exec \"$@\"", "sh", Binary.path] + words,
      executable: "/bin/sh",
      environment: ["ESMFOLD_CACHE": scratch.path + "/cache"])
  }

  /// The folding model's form in the cache, in a file of its own.
  private func importedModel(_ name: String, _ source: String) throws -> String {
    let path = scratch.path + "/" + name
    try #require(try Binary.run(["weights", "import", source, "-o", path]).status == 0)
    return path
  }

  // MARK: What a job was given

  @Test("Slurm's limits count, and info shows them") func job() throws {
    let slurm = [
      "SLURM_CPUS_PER_TASK": "1", "SLURM_MEM_PER_CPU": "100", "SLURM_CPUS_ON_NODE": "1", "ESMFOLD_THREADS": "",
    ]
    let info = try Binary.run(["info"], environment: slurm)
    #expect(
      info.output.contains(/threads +1 \(affinity \d+, (control group \d+, )?SLURM_CPUS_PER_TASK 1\)/), "\(info.output)"
    )
    #expect(info.output.contains(/memory .* available \(free .*SLURM_MEM_PER_CPU x SLURM_CPUS_ON_NODE \d+.* MiB\)/))
    #expect(try !Binary.run(["info"]).output.contains("SLURM"))
    if !Emulator.isUsed {
      let limited = try run(limits: "-v 2000000", ["info"])
      #expect(limited.output.contains(/limits of this process +ulimit -v 1.9 GiB/), "\(limited.output)")
    }
    // 1500 residues need more than the job has; the others are folded.
    let input = try input(length: 1500)
    let ran = try Binary.run(["fold", input, "-o", out, "--model", "demo", "-n", "0"], environment: slurm)
    #expect(ran.status == 1 && ran.error.contains("folded 2, skipped 0, failed 1"), "\(ran.error)")
    #expect(ran.error.contains("long: memory"), "\(ran.error)")
  }

  @Test("More threads than processors are said once", arguments: [["--threads", "500"], []]) func surplus(
    _ option: [String]
  )
    throws
  {
    let input = try scratch.file("short.fasta", shortFasta), slurm = ["SLURM_CPUS_PER_TASK": "1"]
    let asked = option.isEmpty ? ["ESMFOLD_THREADS": "500"] : [:]
    for words in [
      ["fold", input, "-o", out, "--model", "demo", "-n", "0"], ["score", input, "--model", Self.model], ["info"],
    ] {
      let ran = try Binary.run(words + option, environment: slurm.merging(asked) { $1 })
      let said =
        ran.error.components(
          separatedBy: "threads: found 500, expected no more than the 1 processor that this process may use ("
        ).count - 1
      #expect(said == 1 && ran.status == 0, "\(ran.error)")
    }
    #expect(try !Binary.run(["info", "--threads", "1"], environment: slurm).error.contains("processor"))
  }

  // MARK: Threads

  @Test("Without threads the program computes with one, says so once, and results have the same bits")
  func withoutThreads() throws {
    let input = try input(length: 40), library = try FaultTests.library.get()
    let without = ["LD_PRELOAD": library, "FAULT_THREADS": "1"]
    let words = ["fold", input, "--model", "demo", "--threads", "3", "-n", "0", "-o"]
    let undisturbed = try Binary.run(words + [out])
    #expect(undisturbed.status == 0 && !undisturbed.error.contains("the system gives"))
    let ran = try Binary.run(words + [out + "2"], environment: without)
    #expect(ran.status == 0)
    #expect(ran.error.components(separatedBy: "threads: found that the system gives 1, expected 3").count == 2)
    for name in ["a", "long", "b"] {
      #expect(try Data(at: "\(out)2/\(name).pdb") == Data(at: "\(out)/\(name).pdb"))
    }
    let imported = try Binary.run(
      ["weights", "import", Self.model, "-o", scratch.path + "/m.h5"], environment: without)
    #expect(imported.status == 0)
    let embed = ["embed", input, "--model", scratch.path + "/m.h5", "-t", "2", "-o"]
    #expect(try Binary.run(embed + [scratch.path + "/1.h5"]).status == 0)
    #expect(try Binary.run(embed + [scratch.path + "/2.h5"], environment: without).status == 0)
    #expect(try Data(at: scratch.path + "/2.h5") == Data(at: scratch.path + "/1.h5"))
  }

  @Test("Without threads a signal still ends the program") func signalWithoutThreads() throws {
    let process = try Binary.Started(
      ["fold", "-", "-o", out, "--model", "demo", "-t", "2"],
      environment: ["LD_PRELOAD": try FaultTests.library.get(), "FAULT_THREADS": "1"], keepsInputOpen: true)
    process.wait { scratch.names("out").contains("summary.tsv") }
    process.send(SIGTERM)
    #expect(process.ended().signal == SIGTERM)
  }

  // MARK: Descriptors

  @Test("With few descriptors everything is done or there is an error", arguments: 4...12)
  func descriptors(_ count: Int) throws {
    let ran = try run(
      limits: "-n \(count)",
      ["fold", try input(length: 30), "-o", out, "--model", "demo", "-n", "0", "-t", "2", "--save-tensors"])
    let names = scratch.names("out").filter { $0.hasSuffix(".pdb") || $0.hasPrefix(".") }
    switch ran.status {
    case 0: #expect(names == ["a.pdb", "b.pdb", "long.pdb"])
    case 1: #expect(ran.error.contains("Too many open files") && !names.contains { $0.hasPrefix(".") })
    // The loader cannot open the libraries, or the shell the program.
    case 126, 127: #expect(count < 5)
    default: Issue.record("status \(ran.status ?? -1), signal \(ran.signal ?? 0): \(ran.error)")
    }
    if count >= 10 { #expect(ran.status == 0, "\(ran.error)") }
  }

  // MARK: Memory

  /// Kibibytes of address space, or of data: enough for the program and its short proteins, not for the long one.
  @Test(
    "A protein that a limit leaves no memory for fails alone", .disabled(if: Emulator.isUsed, noAddressLimit),
    arguments: ["-v 110000", "-d 45000"])
  func limits(_ limits: String) throws {
    let input = try input(length: 3000)
    let ran = try run(limits: limits, ["fold", input, "-o", out, "--model", "demo", "-n", "0", "-t", "2"])
    #expect(ran.status == 1)
    #expect(ran.error.contains("long: memory: 3000 residues need 3.") && ran.error.contains("hint: up to "))
    #expect(scratch.names("out") == ["a.pdb", "b.pdb", "summary.tsv"])
    // What the message promises is so.
    let longest = try #require(ran.error.firstMatch(of: /up to (\d+) residues fit/).flatMap { Int($0.output.1) })
    #expect((100...3000).contains(longest))
    // What the process itself takes differs by half a megabyte from run to run: less than five residues.
    let fitting = try self.input(length: (longest - 5) / 10 * 10)
    #expect(try run(limits: limits, ["fold", fitting, "-o", out, "--model", "demo", "-n", "0", "-t", "2"]).status == 0)
  }

  @Test(
    "A record that a limit leaves no memory for fails alone when it is read",
    .disabled(if: Emulator.isUsed, noAddressLimit), arguments: ["-v 400000"])
  func languageModel(_ limits: String) throws {
    let model = try importedModel("m.h5", Self.model)
    let ran = try run(
      limits: limits,
      ["embed", try input(length: 5000), "-o", scratch.path + "/e.h5", "--model", model, "--include", "contacts"])
    #expect(
      ran.status == 1 && ran.error.contains("\"long\"") && ran.error.contains("reading 5002 tokens at once needs"))
    #expect(ran.error.contains("embedded 2, failed 1"))
  }

  @Test(
    "A record whose windows fit, but not their sums, fails alone", .disabled(if: Emulator.isUsed, noAddressLimit))
  func windows() throws {
    let model = try importedModel("m.h5", Fixtures.path("family/esm1b"))
    let ran = try run(
      limits: "-v 400000",
      [
        "embed", try input(length: 9000), "-o", scratch.path + "/e.h5", "--model", model, "--include", "contacts",
        "--long", "windows",
      ])
    #expect(
      ran.status == 1 && ran.error.contains("\"long\"") && ran.error.contains("reading 9002 tokens at once needs"))
    #expect(ran.error.contains("embedded 2, failed 1"))
  }

  @Test("A model that a limit leaves no memory for is an error", .disabled(if: Emulator.isUsed, noAddressLimit))
  func weights() throws {
    let ran = try run(limits: "-d 12000", ["fold", try input(length: 30), "-o", out, "--model", "demo", "-t", "1"])
    #expect(ran.status == 1 && ran.error.contains("memory: the weights of demo need"))
  }

  @Test("The plan has an answer for every length", arguments: ["demo", "language model"], [1, 1_000_000])
  func plan(_ model: String, _ length: Int) throws {
    let model = model == "demo" ? model : try importedModel("m.h5", Self.model)
    let ran = try Binary.run(["info", "--length", "\(length)", "--model", model])
    #expect(ran.status == 0 && ran.output.contains("memory for \(length) residue\(length == 1 ? " " : "s ")"))
    #expect(ran.output.contains("more than any machine has") == (length > 1 && model != "demo"))
    #expect(ran.output.contains(model == "demo" ? "in all with --save-tensors" : "in all with --include contacts"))
  }

  // MARK: Killed runs

  @Test("A protein that a killed run was at is named and comes last") func begun() throws {
    let input = try input(length: 300)
    let words = ["fold", input, "-o", out, "--model", "demo", "-n", "50", "-t", "1"]
    let process = try Binary.Started(words)
    process.wait {
      process.errorSoFar.contains("(1/3)") && scratch.names("out").contains { $0.hasPrefix(".long.pdb.") }
    }
    process.send(SIGKILL)
    #expect(process.ended().signal == SIGKILL)
    // The first is finished, with as many recycles.
    let short = try self.input(length: 20)
    let again = try Binary.run(["fold", short, "-o", out, "--model", "demo", "-n", "50"])
    #expect(again.status == 0 && again.error.contains("warning: long: found that a run was killed while it folded"))
    let order = ["b", "long"].compactMap { again.error.firstRange(of: "\n\($0): length ")?.lowerBound }
    #expect(order.count == 2 && order == order.sorted())
    let rows = summaryRows(try String(contentsOfFile: out + "/summary.tsv", encoding: .utf8))
    #expect(rows.map { $0[0] } == ["a", "long", "b"])
    #expect(scratch.names("out") == ["a.pdb", "b.pdb", "long.pdb", "summary.tsv"])
    let third = try Binary.run(["fold", short, "-o", out, "--model", "demo", "-n", "0", "--overwrite"])
    #expect(third.status == 0 && !third.error.contains("killed"))
  }

  // MARK: A model that changes

  /// A program that has loaded the model `model` and waits for the rest of its input.
  private func scoring(_ model: String) throws -> Binary.Started {
    let process = try Binary.Started(
      ["score", "-", "-o", scratch.path + "/t.tsv", "--model", model, "--method", "wt-marginals"], keepsInputOpen: true)
    process.wait { scratch.names().contains { $0.hasPrefix(".t.tsv.part-") } }
    process.process.write(Array(">a\nMKTVRQERLK\n>b\nMKTV".utf8))
    process.wait { process.process.unreadInput == 0 }
    return process
  }

  @Test("A mapped file that is cut short while it is read ends the program with an error that names it")
  func cutFile() async throws {
    let path = scratch.path + "/file", part = scratch.path + "/part"
    let result = try await Handed.over(path, part) {
      await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
        let (path, part) = try Handed.taken(String.self, String.self)
        try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: path))
        let unfinished = try UnfinishedFile(for: part)
        Interruption.install(
          removing: .ofProcess,
          diagnostics: Diagnostics(output: .descriptor(1), error: .descriptor(2), usesColour: false))
        let file = try MappedFile(path)
        precondition(truncate(path, 100) == 0)
        precondition(file.bytes[1 << 19] == 1, "read beyond the end")
        withExtendedLifetime(unfinished) {}
      }
    }
    let error = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(error.contains("\(path): reading: found that another program has cut the file short"))
    #expect(error.contains("\nhint: a file in use is replaced by renaming"))
    #expect(scratch.names() == ["file"])
  }

  /// What another program does to a model in use.
  enum Change: CaseIterable { case cut, overwritten, replaced }

  @Test(
    "A model that is written to while it is used is an error, one that is replaced is not", arguments: Change.allCases)
  func changedModel(_ change: Change) throws {
    let model = try importedModel("m.h5", Self.model)
    let process = try scoring(model)
    switch change {
    case .cut: #expect(truncate(model, 4096) == 0)
    case .replaced:
      try FileManager.default.copyItem(atPath: model, toPath: model + ".new")
      #expect(rename(model + ".new", model) == 0)
    case .overwritten:
      let file = try #require(FileHandle(forUpdatingAtPath: model))
      try file.seek(toOffset: 5000)
      try file.write(contentsOf: [1, 2, 3])
      try file.close()
    }
    process.process.closeInput()
    let ran = process.ended()
    #expect(ran.status == (change == .replaced ? 0 : 1), "\(ran.error)")
    let message = "\(model): found that the file was written to while it was in use"
    // Once, not for each record.
    #expect(ran.error.components(separatedBy: message).count == (change == .replaced ? 1 : 2))
    #expect(scratch.names() == (change == .replaced ? ["m.h5", "t.tsv"] : ["m.h5"]))
  }
}

extension Data {
  fileprivate init(at path: String) throws { try self.init(contentsOf: URL(fileURLWithPath: path)) }
}
