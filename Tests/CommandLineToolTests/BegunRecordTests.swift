// Runs of language models that were killed: what they were computing is named and comes last.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 10)) struct BegunRecordTests {
  private let scratch: ScratchFolder
  private let cache: [String: String]
  private static let model = ["--model", Fixtures.path("family/esm2"), "--threads", "1"]
  private static let message = "found that a run was killed while it computed this record, perhaps for want of memory"

  init() throws {
    scratch = try ScratchFolder()
    cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
  }

  /// A command that fills a store: its words, the name of its output, and that of the file which its marker is beside.
  enum Job: CaseIterable {
    case embed, folder, contacts, score

    var output: String { self == .folder ? "x" : "x.h5" }
    /// Where the marker is, and how its name begins.
    var place: (folder: String, name: String) { self == .folder ? ("x", "index.tsv") : ("", "x.h5") }

    func words(_ input: String, _ output: String) -> [String] {
      let own =
        switch self {
        case .embed: ["embed"]
        case .folder: ["embed", "--format", "npy"]
        case .contacts: ["contacts", "--format", "h5"]
        case .score: ["score", "--all"]
        }
      return own + [input, "-o", output] + BegunRecordTests.model
    }
  }

  /// The line of a marker for a record.
  private static func line(_ name: String, _ sequence: String) -> String {
    let digits = String(shortHash(Array("\(name)\u{0}\(sequence)".utf8)), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits + "\n"
  }

  private func markers(_ job: Job) -> [String] {
    scratch.names(job.place.folder).filter { $0.hasPrefix(".\(job.place.name).begun.") }
  }

  private func run(_ job: Job, _ input: String, _ output: String, _ options: [String] = []) throws -> Binary.Ran {
    try Binary.run(job.words(input, scratch.path + "/" + output) + options, environment: cache)
  }

  private func isSame(_ one: String, _ other: String) -> Bool {
    FileManager.default.contentsEqual(atPath: "\(scratch.path)/\(one)", andPath: "\(scratch.path)/\(other)")
  }

  @Test(
    "What a killed run was computing is named and comes last; the results are those of an undisturbed run",
    arguments: Job.allCases)
  func left(_ job: Job) throws {
    let records = [("a", "GIVEQCC"), ("b", "MKTVRQERLK"), ("c", "NLYIQWL"), ("d", "MKTV")]
    let input = try scratch.file("in.fasta", records.map { ">\($0) h\n\($1)\n" }.joined())
    #expect(try run(job, input, "whole" + job.output).status == 0)
    if !job.place.folder.isEmpty { mkdir("\(scratch.path)/\(job.place.folder)", 0o755) }
    // The second and third were begun, with lines of other records, and one that was cut off.
    let lines =
      Self.line("b", "MKTVRQERLK") + Self.line("c", "NLYIQWL") + Self.line("c", "MK") + "zz\n\n\u{1b}[31m\n123"
    _ = try scratch.file("\(job.place.folder)/.\(job.place.name).begun.part-0123456789abcdef", lines)
    // Of other results.
    _ = try scratch.file("\(job.place.folder)/.y.begun.part-0123456789abcdef", Self.line("a", "GIVEQCC"))
    let ran = try run(job, input, job.output, ["--log-format", "json", "--verbose"])
    #expect(ran.status == 0, "\(ran.error)")
    for (name, _) in records {
      #expect(ran.error.contains("\\\"\(name)\\\": \(Self.message)") == ["b", "c"].contains(name), "\(ran.error)")
    }
    #expect(!ran.error.contains("\u{1b}") && markers(job).isEmpty)
    #expect(scratch.names(job.place.folder).contains(".y.begun.part-0123456789abcdef"))
    if job == .folder {
      let order = try scratch.text("x/index.tsv").split(separator: "\n").dropFirst().map { $0.prefix(1) }
      #expect(order == ["a", "d", "b", "c"])
      for name in ["a.npy", "b.npy", "c.npy", "d.npy"] { #expect(isSame("x/" + name, "wholex/" + name)) }
    } else {
      #expect(isSame(job.output, "whole" + job.output))
    }
    #expect(try !run(job, input, job.output).error.contains("killed"))
  }

  @Test("A kill at a long record leaves its line, which lasts until a run ends", arguments: [Job.embed, .folder])
  func killed(_ job: Job) throws {
    // Long enough that the kill finds it at work.
    let long = String(repeating: "MKTVRQERLK", count: 40)
    let input = try scratch.file("in.fasta", ">a\nGIVEQCC\n>long\n\(long)\n>b\nNLYIQ\n>c\nMKTV\n")
    let options = ["--include", "attentions"]
    // An earlier run was killed at another record.
    if !job.place.folder.isEmpty { mkdir("\(scratch.path)/\(job.place.folder)", 0o755) }
    let mark = "\(job.place.folder)/.\(job.place.name).begun.part-0123456789abcdef"
    _ = try scratch.file(mark, Self.line("c", "MKTV"))
    for _ in 0..<2 {
      let process = try Binary.Started(
        job.words(input, "\(scratch.path)/\(job.output)") + options, environment: cache)
      process.wait {
        markers(job).contains { name in
          (try? scratch.text("\(job.place.folder)/\(name)"))?.contains(Self.line("long", long)) ?? false
        }
      }
      process.send(SIGKILL)
      #expect(process.ended().signal == SIGKILL && markers(job).count == 1)
      let left = try markers(job).map { try scratch.text("\(job.place.folder)/\($0)") }.joined()
      #expect(left.contains(Self.line("c", "MKTV")))
    }
    // What is killed before it computes anything leaves what it has found.
    let waiting = try Binary.Started(
      job.words("-", "\(scratch.path)/\(job.output)") + options, environment: cache, keepsInputOpen: true)
    let before = markers(job)
    waiting.wait { markers(job).count == 1 && markers(job) != before }
    waiting.send(SIGKILL)
    #expect(waiting.ended().signal == SIGKILL)
    let ran = try run(job, input, job.output, options)
    #expect(ran.status == 0 && ran.error.contains("\"long\": \(Self.message)"), "\(ran.error)")
    #expect(markers(job).isEmpty)
    #expect(try run(job, input, "whole" + job.output, options).status == 0)
    if job == .embed { #expect(isSame(job.output, "whole" + job.output)) }
  }

  @Test("The marker goes when a run fails or is interrupted", arguments: [Job.folder, .score])
  func endings(_ job: Job) throws {
    let process = try Binary.Started(
      job.words("-", "\(scratch.path)/\(job.output)"), environment: cache, keepsInputOpen: true)
    if job == .score { process.process.write(Array(">a\nMKTV\n>b\n".utf8)) }
    process.wait {
      markers(job).contains { marker in
        // `embed` begins when it has enough to read at once.
        job == .folder || (try? scratch.text(marker)) == Self.line("a", "MKTV")
      }
    }
    process.send(SIGINT)
    #expect(process.ended().signal == SIGINT && markers(job).isEmpty)
    // A record that has no results, and a line that is no FASTA.
    let bad = try scratch.file("bad.fasta", ">a\nMKTV\n>b\n>c\nMK\n")
    let ran = try run(job, bad, job.output)
    #expect(ran.status == 1 && markers(job).isEmpty, "\(ran.error)")
  }

  @Test("Where no marker can be written, the results are the same", arguments: FaultTests.kinds, [Job.embed, .folder])
  func unwritable(_ kind: String, _ job: Job) throws {
    let input = try scratch.file("in.fasta", shortFasta), library = try FaultTests.library.get()
    #expect(try run(job, input, "whole" + job.output).status == 0)
    func ran(failing number: Int, _ folder: String) throws -> Binary.Ran {
      mkdir("\(scratch.path)/\(folder)", 0o755)
      let fault = [
        "LD_PRELOAD": library, "FAULT_FOLDER": "\(scratch.path)/\(folder)",
        "FAULT_LOG": "\(scratch.path)/\(folder).log",
        "FAULT_NUMBER": "\(number)", "FAULT_KIND": kind,
      ]
      return try Binary.run(
        job.words(input, "\(scratch.path)/\(folder)/\(job.output)"), environment: cache.merging(fault) { $1 })
    }
    #expect(try ran(failing: 0, "log").status == 0)
    let calls = try scratch.text("log.log").split(separator: "\n")
    let marked = calls.indices.filter { calls[$0].contains(".begun.") }
    // Created, written to, cut off, removed.
    #expect(marked.count >= 4, "\(calls)")
    // From one of them on a full disk fails at everything.
    for call in marked where kind != "FULL" {
      let ran = try ran(failing: call + 1, "\(call)")
      #expect(ran.status == 0, "\(calls[call]): \(ran.error)")
      let name = job == .folder ? "x/p1.npy" : job.output
      #expect(isSame("\(call)/\(name)", job == .folder ? "wholex/p1.npy" : "wholex.h5"))
    }
  }

  @Test(
    "Things of others under the name of a marker are left alone", arguments: ["folder", "link", "pipe", "long name"])
  func foreign(_ kind: String) throws {
    let input = try scratch.file("in.fasta", shortFasta), marker = scratch.path + "/.x.h5.begun.part-0123456789abcdef"
    var name = "x.h5"
    switch kind {
    case "folder": mkdir(marker, 0o755)
    case "link": symlink(try scratch.file("own", Self.line("p1", "GIVEQCCTSICSLYQLENYCN")), marker)
    case "pipe": mkfifo(marker, 0o644)
    // As long as its journal allows.
    default: name = String(repeating: "é", count: 122) + ".h5"
    }
    let ran = try run(.embed, input, name)
    #expect(ran.status == 0 && !ran.error.contains("killed"), "\(ran.error)")
    var left = ["cache", "in.fasta", name]
    if kind != "long name" { left.append(".x.h5.begun.part-0123456789abcdef") }
    if kind == "link" { left.append("own") }
    #expect(scratch.names() == left.sorted())
  }
}
