// Two copies of one task at the same time, as when a node comes back that was believed lost.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 10)) struct TwoCopiesTests {
  private let scratch: ScratchFolder
  private let cache: [String: String]
  private static let esm2 = ["--model", Fixtures.path("family/esm2"), "--threads", "1"]

  init() throws {
    scratch = try ScratchFolder()
    cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
  }

  private func input(_ count: Int) throws -> String {
    try scratch.file(
      "in.fasta", (0..<count).map { ">p\($0) h\nMKTVRQERLK\(String(repeating: "SIVR", count: $0))\n" }.joined())
  }

  private func content(_ folder: String) throws -> [String: Data] {
    Dictionary(
      uniqueKeysWithValues: try scratch.names(folder).filter { $0 != "summary.tsv" }
        .map { ($0, try bytes("\(scratch.path)/\(folder)/\($0)")) })
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  /// The file's number, which changes when another one takes its place.
  private func number(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/\(name)")[.systemFileNumber] as? Int
  }

  @Test(
    "Two folds into one folder: the files of one run, and one line for each protein", arguments: [[], ["--overwrite"]])
  func folds(_ options: [String]) throws {
    let file = try input(12)
    func words(_ folder: String) -> [String] {
      ["fold", file, "--model", "demo", "-n", "0", "--pae", "--threads", "1", "-o", "\(scratch.path)/\(folder)"]
        + options
    }
    #expect(try Binary.run(words("single")).status == 0)
    let copies = try (0..<2).map { _ in try Binary.Started(words("out")) }
    let ends = copies.map { $0.ended() }
    #expect(ends.map(\.status) == [0, 0], "\(ends.map(\.error))")
    #expect(try content("out") == content("single"))
    #expect(
      try summaryRows(scratch.text("out/summary.tsv")).map { $0[0] }.sorted() == (0..<12).map { "p\($0)" }.sorted())
  }

  @Test("A fold that another copy has finished meanwhile is not replaced, and a failure does not take its line back")
  func finishedMeanwhile() throws {
    let slow = String(repeating: "MKVLAAGIVGACDEFHNPQR", count: 5)
    let file = try scratch.file("a.fasta", ">a\n\(slow)\n"), out = scratch.path + "/out"
    let words = ["fold", file, "--model", "demo", "-n", "6", "--threads", "1", "-o", out]
    #expect(try Binary.run(words).status == 0)
    let folded = try bytes(out + "/a.pdb")
    try FileManager.default.moveItem(atPath: out + "/a.pdb", toPath: scratch.path + "/a.pdb")
    let copy = try Binary.Started(words)
    copy.wait { scratch.names("out").contains { $0.hasPrefix(".a.pdb.part-") } }
    try FileManager.default.moveItem(atPath: scratch.path + "/a.pdb", toPath: out + "/a.pdb")
    let before = try number("out/a.pdb"), ran = copy.ended()
    #expect(ran.status == 0 && ran.error.contains("folded 1"), "\(ran.error)")
    #expect(try number("out/a.pdb") == before && bytes(out + "/a.pdb") == folded)
    #expect(scratch.names("out") == ["a.pdb", "summary.tsv"])
    #expect(try summaryRows(scratch.text("out/summary.tsv")).count == 1)
  }

  @Test("One of two copies writes an HDF5 file or a folder of NumPy files", arguments: ["h5", "npy"])
  func stores(_ format: String) throws {
    let file = try input(30)
    func words(_ output: String) -> [String] {
      ["embed", file, "--format", format, "--include", "attentions", "-o", "\(scratch.path)/\(output)"] + Self.esm2
    }
    let name = format == "h5" ? "x.h5" : "x"
    #expect(try Binary.run(words("single" + name), environment: cache).status == 0)
    let copies = try (0..<2).map { _ in try Binary.Started(words(name), environment: cache) }
    let ends = copies.map { $0.ended() }
    #expect(ends.contains { $0.status == 0 })
    for ran in ends where ran.status != 0 {
      #expect(ran.status == 1 && ran.error.contains("found another process writing it"), "\(ran.error)")
    }
    if format == "h5" {
      #expect(try bytes("\(scratch.path)/x.h5") == bytes("\(scratch.path)/singlex.h5"))
    } else {
      #expect(try content("x") == content("singlex"))
    }
    #expect(!scratch.names().contains { $0.contains("partial") })
  }

  @Test("Where there are no locks, a copy that finds another's records in the journal ends; nothing of them is lost")
  func withoutLocks() throws {
    let file = try scratch.file("in.fasta", shortFasta),
      words = ["score", "-", "--all", "-o", scratch.path + "/x.h5"] + Self.esm2
    let process = try Binary.Started(words, environment: cache, keepsInputOpen: true)
    process.process.write(Array(shortFasta.utf8))
    let journal = scratch.path + "/x.h5.partial"
    func content() -> Data { (try? Data(contentsOf: URL(fileURLWithPath: journal))) ?? Data() }
    // The first record is in it; the second waits for its end.
    process.wait { content().range(of: Data("p1 first".utf8)) != nil }
    let before = content()
    // The other copy's.
    let handle = try #require(FileHandle(forWritingAtPath: journal))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(repeating: 7, count: 100))
    try handle.close()
    process.process.closeInput()
    let ran = process.ended()
    #expect(ran.status == 1 && ran.error.contains("found another process writing it"), "\(ran.error)")
    #expect(content().count == before.count + 100 && !scratch.names().contains("x.h5"))
    let again = try Binary.run(
      ["score", file, "--all", "-o", scratch.path + "/x.h5"] + Self.esm2, environment: cache)
    #expect(again.status == 0 && again.error.contains("continuing: 1 finished before"), "\(again.error)")
  }

  /// The copy that is stopped has a record of which the other knows nothing when it begins.
  @Test("Where there are no locks, the copy that begins last has the tar with all that is in it; the other ends")
  func tarWithoutLocks() throws {
    let file = try input(16), withoutLocks = ["LD_PRELOAD": try FaultTests.library.get(), "FAULT_LOCKS": "1"]
    func words(_ name: String) -> [String] {
      ["fold", file, "--model", "demo", "-n", "0", "--threads", "1", "-o", "\(scratch.path)/\(name)"]
    }
    #expect(try Binary.run(words("single.tar")).status == 0)
    // Nor are two copies to begin with one file.
    _ = try scratch.file("x.tar", "")
    let empty = try number("x.tar"), first = try Binary.Started(words("x.tar"), environment: withoutLocks)
    // Some records.
    first.wait { (FileStatus.sizeOfFile(scratch.path + "/x.tar") ?? 0) > 60_000 }
    first.send(SIGSTOP)
    let before = try number("x.tar")
    #expect(before != empty)
    let second = try Binary.run(words("x.tar"), environment: withoutLocks)
    #expect(second.status == 0 && second.error.contains("failed 0"), "\(second.error)")
    #expect(!second.error.contains("skipped 0"), "\(second.error)")
    #expect(try number("x.tar") != before)
    first.send(SIGCONT)
    let ended = first.ended()
    #expect(ended.status == 1, "\(ended.error)")
    // It does not go on with records that it could not keep.
    #expect(ended.error.components(separatedBy: "found another process writing it").count == 2, "\(ended.error)")
    #expect(ended.error.contains("stopped because another process writes the results"), "\(ended.error)")
    #expect(try members("x.tar") == members("single.tar"))
    #expect(scratch.names().sorted() == ["in.fasta", "single.tar", "x.tar"])
  }

  @Test(
    "A tar that somebody removes or replaces while it is written is an error, not a success", arguments: [true, false])
  func otherTar(_ isReplaced: Bool) throws {
    let file = try input(40), path = scratch.path + "/x.tar"
    let process = try Binary.Started(["fold", file, "--model", "demo", "-n", "0", "--threads", "1", "-o", path])
    process.wait { (FileStatus.sizeOfFile(path) ?? 0) > 20_000 }
    process.send(SIGSTOP)
    try FileManager.default.removeItem(atPath: path)
    if isReplaced { _ = try scratch.file("x.tar", "another") }
    process.send(SIGCONT)
    let ran = process.ended()
    #expect(ran.status == 1, "\(ran.error)")
    let message = isReplaced ? "found another process writing it" : "found no file any more"
    #expect(ran.error.components(separatedBy: "x.tar: \(message)").count == 2, "\(ran.error)")
    #expect(ran.error.contains("stopped because"), "\(ran.error)")
    if isReplaced { #expect(try scratch.text("x.tar") == "another") }
  }

  /// The structures in a tar, by name.
  private func members(_ name: String) throws -> [String: [UInt8]] {
    let path = "\(scratch.path)/\(name)", descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    let reader = TarReader(descriptor, path), size = try FileStatus(of: path).size
    var place = 0, found: [String: [UInt8]] = [:]
    while case .entry(let entry) = try reader.place(at: place, fileSize: size) {
      if case .file(let name) = entry.content, entry.size > 0, name != Array("summary.tsv".utf8) {
        found[String(decoding: name, as: UTF8.self)] = try readAll(entry.size, at: entry.data, from: descriptor, path)
      }
      place = entry.next
    }
    return found
  }
}
