// Each call that writes fails once, in every command that writes: nothing wrong gets a final name, and the same command
// without the fault completes the work.

import Foundation
import Glibc
import TestSupport
import Testing

/// A library put before the C library lets one call below a folder fail (`Tests/Faults/faults.c`). A run of the suite tries
/// a sample, another one each time; `Scripts/faults` tries all.
@Suite(.timeLimit(.minutes(60)), .serialized) struct FaultTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// A command and what it writes to, below `OUT`; models are `LM`, `LABELS` and `FOLDER`.
  struct Job: CustomStringConvertible {
    let description: String
    let words: [String]

    init(_ words: String) {
      description = words
      self.words = words.split(separator: " ").map(String.init)
    }
  }

  static let jobs = [
    "fold IN -o OUT --model demo", "fold IN -o OUT --model demo --save-tensors", "embed IN -o OUT/e.h5 --model LM",
    "embed IN -o OUT/e --format npy --model LM", "score IN --all -o OUT/s.h5 --model LM",
    "score IN --all -o OUT/s.tsv --model LM", "score IN -o OUT/s.tsv --model LM", "contacts IN -o OUT/c.tsv --model LM",
    "contacts IN --format h5 -o OUT/c.h5 --model LM", "classify IN -o OUT/k.tsv --model LABELS",
    "weights import FOLDER -o OUT/m.h5", "weights export LM -o OUT/m", "weights export LM -o OUT/m.safetensors",
  ].map(Job.init)

  static let kinds = ["ENOSPC", "EIO", "EINTR", "SHORT", "FULL"]

  /// Trials of each command in an ordinary run of the suite.
  private static let sample = 10

  /// The library, compiled once.
  static let library: Result<String, any Error> = Result {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Faults/faults.c").path
    let folder = try ScratchFolder()
    let target = folder.path + "/faults.so"
    let variables = ProcessInfo.processInfo.environment
    for compiler in ["cc", "clang", "gcc"] {
      let ran = try Binary.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", target, source, "-ldl"], executable: "/usr/bin/env",
        environment: ["PATH": variables["PATH"] ?? "/usr/bin:/bin"])
      if ran.status == 0 {
        // Loaded by later processes: the folder stays as long as the tests run.
        kept.append(folder)
        return target
      }
    }
    throw NoCompiler()
  }

  private nonisolated(unsafe) static var kept: [ScratchFolder] = []

  private struct NoCompiler: Error {}

  /// Runs a job in its own folder.
  private func run(_ job: Job, _ folder: String, fault: (number: Int, kind: String)?, log: String? = nil) throws
    -> Binary.Ran
  {
    let places = [
      "IN": scratch.path + "/in.fasta", "LM": scratch.path + "/lm.h5", "LABELS": scratch.path + "/labels.h5",
      "FOLDER": Fixtures.path("family/esm2"),
    ]
    let words = job.words.map { word in
      places[word] ?? (word.hasPrefix("OUT") ? folder + word.dropFirst(3) : word)
    }
    var environment = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    if fault != nil || log != nil {
      environment["LD_PRELOAD"] = try Self.library.get()
      environment["FAULT_FOLDER"] = folder
    }
    if let fault {
      environment["FAULT_NUMBER"] = "\(fault.number)"
      environment["FAULT_KIND"] = fault.kind
    }
    environment["FAULT_LOG"] = log
    return try Binary.run(words, environment: environment)
  }

  /// The files below a folder with their contents.
  private func files(_ folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    let walk = FileManager.default.enumerator(atPath: folder)
    while let name = walk?.nextObject() as? String {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder), !isFolder.boolValue {
        found[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
    }
    return found
  }

  /// Names that say of themselves that the file is not finished.
  private func isUnfinished(_ name: String) -> Bool {
    let last = name.split(separator: "/").last ?? ""
    return last.hasPrefix(".") || last.hasSuffix(".partial")
  }

  /// Tables that grow line by line.
  private func grows(_ name: String) -> Bool { name.hasSuffix("summary.tsv") || name.hasSuffix("index.tsv") }

  /// The lines of a table without what differs between runs: times, and failures of runs with a fault.
  private func lines(_ table: Data) -> Set<[Substring]> {
    var lines = Set<[Substring]>()
    for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
      var fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      if fields.count == 10, fields[8] == "failed" { continue }
      // name, length, mean pLDDT, pTM, seconds, …
      if fields.count == 10 { fields[4] = "" }
      lines.insert(fields)
    }
    return lines
  }

  /// What is wrong in a folder after a run that may have failed; nothing if `isWhole` and it is as the undisturbed one.
  private func faults(in folder: String, _ expected: [String: Data], isWhole: Bool) throws -> [String] {
    let found = try files(folder)
    var faults: [String] = []
    for (name, content) in found where !isUnfinished(name) {
      guard let right = expected[name] else {
        faults.append("\(name) should not exist")
        continue
      }
      let isRight = grows(name) ? lines(content).isSubset(of: lines(right)) : content == right
      if !isRight { faults.append("\(name) is wrong") }
    }
    if isWhole {
      faults += expected.keys.filter { found[$0] == nil }.map { "\($0) is missing" }
      faults += expected.keys.filter { grows($0) && found[$0].map(lines) != lines(expected[$0] ?? Data()) }
        .map { "\($0) is incomplete" }
      faults += found.keys.filter(isUnfinished).map { "\($0) was left" }
    }
    return faults
  }

  /// The next run would skip it, and the summary would never have its line.
  @Test("A structure whose line of the summary cannot be written is not kept", arguments: kinds.prefix(2))
  func noLine(_ kind: String) throws {
    _ = try scratch.file("in.fasta", shortFasta)
    let job = Job("fold IN -o OUT --model demo"), whole = scratch.path + "/whole", folder = scratch.path + "/broken"
    for path in [whole, folder] { mkdir(path, 0o755) }
    #expect(try run(job, whole, fault: nil, log: scratch.path + "/log").status == 0)
    let calls = try scratch.text("log").split(separator: "\n")
    // The first such call writes the header.
    let lines = calls.indices.filter { calls[$0].hasSuffix("summary.tsv") && calls[$0].contains(" write ") }
    try #require(lines.count == 3)
    let ran = try run(job, folder, fault: (lines[1] + 1, kind))
    #expect(ran.status == 1)
    #expect(!scratch.names("broken").contains("p1.pdb"))
    #expect(try run(job, folder, fault: nil).status == 0)
    let rows = summaryRows(try scratch.text("broken/summary.tsv")).filter { $0[8] == "ok" }
    #expect(rows.map { $0[0] }.sorted() == ["p1", "p2"])
  }

  @Test("One call fails, and nothing wrong is kept", arguments: jobs) func oneFault(_ job: Job) throws {
    _ = try scratch.file("in.fasta", shortFasta)
    for (model, name) in [("esm2", "lm"), ("single-label", "labels")] {
      let ran = try Binary.run(
        ["weights", "import", Fixtures.path("family/\(model)"), "-o", "\(scratch.path)/\(name).h5"])
      try #require(ran.status == 0, "\(ran.error)")
    }
    let whole = scratch.path + "/whole", log = scratch.path + "/log"
    mkdir(whole, 0o755)
    let undisturbed = try run(job, whole, fault: nil, log: log)
    try #require(undisturbed.status == 0, "\(undisturbed.error)")
    let expected = try files(whole)
    let calls = try scratch.text("log").split(separator: "\n")
    try #require(!expected.isEmpty && calls.count > 4, "\(calls)")
    // Times differ between runs of an import.
    let isExact = job.words.first != "weights" || job.words[1] != "import"

    var trials = (1...calls.count).flatMap { number in Self.kinds.map { (number: number, kind: $0) } }
    let seed = UInt64.random(in: 0...UInt64.max)
    if ProcessInfo.processInfo.environment["ESMFOLD_TEST_FAULTS"] != "all" {
      var random = RandomNumbers(seed: seed)
      trials = Array(trials.shuffled(using: &random).prefix(Self.sample))
    }
    for (trial, fault) in trials.enumerated() {
      let folder = "\(scratch.path)/\(trial)", call = calls[fault.number - 1].split(separator: " ")[1]
      let place = "\(job), \(fault.kind) in call \(fault.number), \(call)"
      mkdir(folder, 0o755)
      let ran = try run(job, folder, fault: fault)
      guard let status = ran.status, status < 128 else {
        Issue.record("\(place): ended by a signal: \(ran.error)")
        continue
      }
      if isExact {
        let faults = try faults(in: folder, expected, isWhole: status == 0)
        #expect(faults.isEmpty, "\(place): status \(status): \(ran.error)")
      }
      if status != 0 { #expect(!ran.error.isEmpty, "\(place): no message") }
      // A finished export refuses to be made again.
      if status == 0, job.words[1] == "export" { continue }
      let again = try run(job, folder, fault: nil)
      #expect(again.status == 0, "\(place): \(ran.error)\nagain: \(again.error)")
      if isExact {
        let left = try faults(in: folder, expected, isWhole: true)
        #expect(left.isEmpty, "\(place): again: \(again.error)")
      } else {
        let verified = try Binary.run(["weights", "verify", folder + "/m.h5"])
        #expect(verified.status == 0, "\(place): \(verified.error)")
      }
      try FileManager.default.removeItem(atPath: folder)
    }
  }
}
