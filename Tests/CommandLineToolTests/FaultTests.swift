// Each call that writes fails once, or is the last before the process is killed, in every command that writes: nothing wrong
// gets a final name, and the same command without the fault completes the work.

import Foundation
import Glibc
import TestSupport
import Testing

/// A library put before the C library lets one call below a folder fail (`Tests/Faults/faults.c`). A run of the suite tries
/// a sample, another one each time; `Scripts/faults` tries all.
@Suite(.timeLimit(minutes: 60)) struct FaultTests {
  private let scratch: ScratchFolder
  private let hub: Hub

  init() throws {
    scratch = try ScratchFolder()
    hub = try Hub()
  }

  static let kinds = ["ENOSPC", "EIO", "EINTR", "SHORT", "FULL"]

  /// The library, compiled once.
  static let library: Result<String, any Error> = Result {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Faults/faults.c").path
    // Loaded by later processes.
    let folder = try ScratchFolder.lasting()
    let target = folder.path + "/faults.so"
    return try CompiledLibrary.make(source, at: folder.path + "/faults.so")
  }

  /// Runs a job in its own folder.
  private func run(_ job: WritingJob, _ folder: String, fault: (number: Int, kind: String)?, log: String? = nil) throws
    -> Binary.Ran
  {
    var environment = try job.environment(below: folder, hub)
    if fault != nil || log != nil {
      environment["LD_PRELOAD"] = try Self.library.get()
      environment["FAULT_FOLDER"] = folder
    }
    if let fault {
      environment["FAULT_NUMBER"] = "\(fault.number)"
      environment["FAULT_KIND"] = fault.kind
    }
    environment["FAULT_LOG"] = log
    return try Binary.run(job.words(below: folder), environment: environment)
  }

  /// The next run would skip it, and the summary would never have its line.
  @Test("A structure whose line of the summary cannot be written is not kept", arguments: kinds.prefix(2))
  func noLine(_ kind: String) throws {
    let job = WritingJob("fold IN -o OUT --model demo"), whole = scratch.path + "/whole",
      folder = scratch.path + "/broken"
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

  @Test("One call fails, and nothing wrong is kept", arguments: WritingJob.all) func oneFault(_ job: WritingJob) throws
  {
    let whole = scratch.path + "/whole", log = scratch.path + "/log"
    mkdir(whole, 0o755)
    let undisturbed = try run(job, whole, fault: nil, log: log)
    try #require(undisturbed.status == 0, "\(undisturbed.error)")
    let expected = try ResultFiles.all(in: whole)
    let calls = try scratch.text("log").split(separator: "\n")
    try #require(!expected.isEmpty && calls.count > 4, "\(calls)")
    let trials = (1...calls.count).flatMap { number in
      (Self.kinds + ["KILL"]).map { (number: number, kind: $0) }
    }
    for (trial, fault) in FaultSample(ordinarily: 1).chosen(from: trials).enumerated() {
      let folder = "\(scratch.path)/\(trial)", call = calls[fault.number - 1].split(separator: " ")[1]
      let place = "\(job), \(fault.kind) in call \(fault.number), \(call)"
      mkdir(folder, 0o755)
      let ran = try run(job, folder, fault: fault)
      guard fault.kind == "KILL" ? ran.signal == SIGKILL : ran.status.map({ $0 < 128 }) ?? false else {
        Issue.record("\(place): found status \(ran.status ?? -1), signal \(ran.signal ?? 0): \(ran.error)")
        continue
      }
      let status = ran.status ?? -1
      if job.isExact {
        let faults = try ResultFiles.faults(in: folder, expected, isWhole: status == 0)
        #expect(faults.isEmpty, "\(place): status \(status): \(ran.error)")
      }
      let wrong = try job.isExact ? [] : job.wrongFiles(in: folder)
      #expect(wrong.isEmpty, "\(place): status \(status): \(ran.error)")
      if status > 0 { #expect(!ran.error.isEmpty, "\(place): no message") }
      // What is finished refuses to be made again, also when the kill came after its name.
      if job.isOnce, try status == 0 || ResultFiles.faults(in: folder, expected, isWhole: true).isEmpty { continue }
      let again = try run(job, folder, fault: nil)
      #expect(again.status == 0, "\(place): \(ran.error)\nagain: \(again.error)")
      if job.isExact {
        let left = try ResultFiles.faults(in: folder, expected, isWhole: true)
        #expect(left.isEmpty, "\(place): again: \(again.error)")
      } else {
        let left = try job.wrongFiles(in: folder, isWhole: true)
        #expect(left.isEmpty, "\(place): again: \(again.error)")
      }
      try FileManager.default.removeItem(atPath: folder)
    }
  }
}
