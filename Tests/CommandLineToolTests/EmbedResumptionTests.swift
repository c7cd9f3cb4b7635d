// Runs of `embed` that are killed, and runs that find leftovers of others.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct EmbedResumptionTests {
  private let scratch: ScratchFolder
  private let cache: [String: String]
  private static let model = ["--model", Fixtures.path("family/esm2")]

  init() throws {
    scratch = try ScratchFolder()
    cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
  }

  /// Records of many lengths, some with the same name.
  private static func records(_ count: Int) -> String {
    let letters = Array("ACDEFGHIKLMNPQRSTVWY")
    return (0..<count).map { index in
      let length = 20 + index * 37 % 90
      let sequence = (0..<length).map { letters[($0 * 7 + index) % 20] }
      return ">r\(index % max(1, count - 3)) record \(index)\n\(String(sequence))\n"
    }.joined()
  }

  private func start(_ file: String, _ out: String, _ options: [String]) throws -> Binary.Started {
    try Binary.Started(["embed", file, "-o", out] + Self.model + options, environment: cache)
  }

  private func run(_ file: String, _ out: String, _ options: [String]) throws -> Binary.Ran {
    try start(file, out, options).ended()
  }

  /// The size of a file in bytes; 0 if there is none.
  private func size(_ path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int) ?? 0
  }

  @Test("A run that is killed repeatedly produces the same as an undisturbed one") func killed() throws {
    let file = try scratch.file("a.fasta", Self.records(200))
    let whole = scratch.path + "/whole.h5", broken = scratch.path + "/broken.h5", journal = broken + ".partial"
    let options = ["--include", "contacts", "--layers", "all"]
    #expect(try run(file, whole, options).status == 0)
    // The journal of the whole run is about as large as its result.
    let full = Double(size(whole))
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = RandomNumbers(seed: seed)
    for kill in 0..<4 {
      let before = size(journal)
      let goal = before + Int(full * Double.random(in: 0.01...0.2, using: &random))
      let process = try start(file, broken, options)
      process.wait { size(journal) >= goal || FileManager.default.fileExists(atPath: broken) }
      process.send(SIGKILL)
      #expect(process.ended().status == nil, "seed \(seed)")
      // Finished records are kept, except the truncated one.
      let after = size(journal)
      #expect(after > before, "seed \(seed), kill \(kill): \(before) bytes, then \(after)")
      // As left by a crash of the machine.
      guard kill == 2, let handle = FileHandle(forWritingAtPath: journal) else { continue }
      try handle.seekToEnd()
      try handle.write(contentsOf: Data((0..<100).map { UInt8($0) }))
      try handle.close()
    }
    // Again, while the records are copied into the file.
    let process = try start(file, broken, options)
    process.wait { scratch.names().contains { $0.hasPrefix(".broken.h5.part-") } }
    process.send(SIGKILL)
    _ = process.ended()
    let last = try run(file, broken, options)
    #expect(last.status == 0 && last.error.contains("continuing: "), "\(last.error)")
    #expect(scratch.names() == ["a.fasta", "broken.h5", "cache", "whole.h5"])
    #expect(FileManager.default.contentsEqual(atPath: whole, andPath: broken), "seed \(seed)")
  }

  /// Bytes of a journal of several records. The last may be torn, and the next run drops it; with its maps of attention it
  /// has a quarter of a megabyte at most.
  private static let fewRecords = 1_000_000

  /// A journal of a run that was killed after its first records.
  private func leaveJournal(_ file: String, _ out: String, _ options: [String]) throws {
    let process = try start(file, out, options)
    process.wait { size(out + ".partial") > Self.fewRecords }
    process.send(SIGKILL)
    _ = process.ended()
    try #require(size(out + ".partial") > Self.fewRecords)
  }

  @Test("A journal of other settings or another input is recognised") func journal() throws {
    let file = try scratch.file("a.fasta", Self.records(1500))
    let out = scratch.path + "/a.h5", same = ["--layers", "all", "--include", "attentions"]
    try leaveJournal(file, out, same)
    let settings = try run(file, out, [])
    #expect(settings.status == 1 && settings.error.contains("a.h5.partial: found the results of an interrupted run"))
    #expect(size(out + ".partial") > Self.fewRecords / 2)
    let other = try scratch.file("b.fasta", ">x\nMKT\n")
    let input = try run(other, out, same)
    #expect(input.status == 1 && input.error.contains("that the input does not have"))
    #expect(size(out + ".partial") > Self.fewRecords / 2)
    // For an input that can be read only once it shows at the end.
    let piped = try Binary.run(
      ["embed", "-", "-o", out] + Self.model + same, input: Data(">x\nMKT\n".utf8), environment: cache)
    #expect(piped.status == 1 && piped.error.contains("that the input does not have"), "\(piped.error)")
    #expect(!FileManager.default.fileExists(atPath: out) && size(out + ".partial") > Self.fewRecords / 2)
    #expect(try run(other, out, same + ["--overwrite"]).status == 0)
    #expect(size(out + ".partial") == 0)
  }

  @Test("A record whose sequence has changed is not taken for finished", arguments: ["h5", "npy"])
  func changedSequence(_ format: String) throws {
    let options = ["--format", format]
    let file = try scratch.file("a.fasta", ">a\nMKTV\n>b\nMKTVRQ\n")
    let changed = try scratch.file("changed.fasta", ">a\nMKTV\n>b\nMKTVRW\n")
    let out = scratch.path + "/out"
    if format == "npy" {
      #expect(try run(file, out, options).status == 0)
      let before = FileManager.default.contents(atPath: out + "/b.npy")
      let ran = try run(changed, out, options)
      #expect(ran.status == 1 && ran.error.contains("embedded 0, skipped 1, failed 1"), "\(ran.error)")
      #expect(ran.error.contains("\"b\": found the results of another sequence"))
      #expect(FileManager.default.contents(atPath: out + "/b.npy") == before)
      return
    }
    // A file size limit ends the run after some records are finished.
    let many = try scratch.file("many.fasta", Self.records(200))
    try leaveJournal(many, out, options)
    var text = Self.records(200)
    let place = try #require(text.firstRange(of: "\n"))
    text.replaceSubrange(place, with: "\nW")
    let ran = try run(try scratch.file("other.fasta", text), out, options)
    #expect(ran.status == 1 && ran.error.contains("found 1 finished record that the input does not have"))
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("A damaged journal entry is computed again") func damagedEntry() throws {
    let file = try scratch.file("a.fasta", Self.records(200))
    let out = scratch.path + "/a.h5", whole = scratch.path + "/whole.h5"
    #expect(try run(file, whole, []).status == 0)
    try leaveJournal(file, out, [])
    // One bit of a number, so that only the checksum detects it. The header and the first entries are left intact.
    let handle = try #require(FileHandle(forUpdatingAtPath: out + ".partial"))
    try handle.seek(toOffset: 50_002)
    let byte = try #require(try handle.read(upToCount: 1)?.first)
    try handle.seek(toOffset: 50_002)
    try handle.write(contentsOf: Data([byte ^ 4]))
    try handle.close()
    let ran = try run(file, out, [])
    #expect(ran.status == 0 && ran.error.contains("continuing: "), "\(ran.error)")
    #expect(FileManager.default.contentsEqual(atPath: whole, andPath: out))
  }

  @Test("One process at a time writes a result", arguments: ["h5", "npy"]) func locked(_ format: String) throws {
    let out = scratch.path + "/out", options = ["--format", format]
    let file = try scratch.file("a.fasta", ">a\nMKTV\n")
    let first = try Binary.Started(
      ["embed", "-", "-o", out] + Self.model + options, environment: cache, keepsInputOpen: true)
    first.wait { FileManager.default.fileExists(atPath: format == "h5" ? out + ".partial" : out + "/settings.json") }
    let second = try run(file, out, options)
    #expect(second.status == 1 && second.error.contains("out: found another process writing it, expected none"))
    first.process.write(Array(">one\nMKT\n".utf8))
    first.process.closeInput()
    #expect(first.ended().status == 0)
    // The lock ends with the process.
    #expect(try run(file, out, options + ["--overwrite"]).status == 0)
  }

  @Test("Files of a result that is being written are not taken for leftovers") func leftoversOfOthers() throws {
    let out = scratch.path + "/out"
    let first = try Binary.Started(
      ["embed", "-", "-o", out, "--format", "npy"] + Self.model, environment: cache, keepsInputOpen: true)
    first.wait { FileManager.default.fileExists(atPath: out + "/settings.json") }
    _ = try scratch.file("out/.a.npy.part-1", "of the first")
    _ = try run(try scratch.file("a.fasta", ">a\nMKTV\n"), out, ["--format", "npy"])
    #expect(scratch.names("out").contains(".a.npy.part-1"))
  }
}
