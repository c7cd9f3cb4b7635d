// `esmfold fold -o FILE.tar` by the built program: a tar is what a folder is, valid at any moment, and survives kills.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct TarBinaryTests: CachedRuns {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private static let long = "long" + String(repeating: "y", count: 140)
  private static let fasta =
    ">z last\nMKV\n>dna\nACGTACGTACGTACGTACGTACGT\n>b:\nMK:GG\n>\(long) é\nMKVL\n>m\tx\\y\nMKWL\n>empty\n\n>c\nMKQL\n"

  private static func proteins(_ count: Int, _ length: Int = 30) -> String {
    (0..<count).map { ">p\($0) h\n\(String(repeating: "MKVLAAGIVW", count: 1 + ($0 * 7) % (length / 10)))\n" }.joined()
  }

  private func folder(_ name: String) throws -> [String: Data] {
    Dictionary(uniqueKeysWithValues: try scratch.names(name).map { ($0, try bytes("\(name)/\($0)")) })
  }

  private func withoutTimes(_ files: [String: Data]) -> [String: Set<[Substring]>] {
    Dictionary(uniqueKeysWithValues: files.filter { $0.key.hasPrefix("summary.") }.map { ($0, ResultFiles.lines($1)) })
  }

  // === What is in it ===

  @Test(
    "A tar has the files of a folder, and its summary",
    arguments: [
      [], ["--format", "pdb,cif", "--pae", "--scores", "--plddt", "--plots", "--save-tensors"],
      ["--samples", "2", "--save-recycles", "-n", "1", "--copies", "2", "--save-tensors=all"], ["--shard", "2/3"],
    ])
  func contents(_ options: [String]) throws {
    let input = try scratch.file("in.fasta", Self.fasta), name = options.contains("--shard") ? "o.2-of-3.tar" : "o.tar"
    let status = try fold(input, "out", options).status
    #expect(try fold(input, "o.tar", options).status == status)
    let folder = try folder("out"), files = try tar(name).files
    #expect(files.keys.sorted() == folder.keys.sorted())
    for (name, content) in folder where !name.hasPrefix("summary.") { #expect(files[name] == content, "\(name)") }
    #expect(withoutTimes(files) == withoutTimes(folder))
    #expect(!scratch.names().contains { $0.hasPrefix(".") })
    // The program of everybody's machine makes the same of it.
    let unpacked = path("x")
    mkdir(unpacked, 0o755)
    let tar = try Binary.run(["tar", "xf", path(name), "-C", unpacked], executable: "/usr/bin/env")
    #expect(tar.status == 0 && tar.error.isEmpty, "\(tar.error)")
    #expect(try self.folder("x") == files)
    // Again: everything is there, and nothing is written.
    let before = try bytes(name), again = try fold(input, "o.tar", options)
    #expect(again.error.contains("folded 0") && again.status == status, "\(again.error)")
    #expect(try bytes(name) == before)
  }

  @Test("Files that are asked for later are added, and the tar is that of one run") func added() throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    _ = try fold(input, "whole.tar", ["--pae", "--format", "pdb,cif"])
    _ = try fold(input, "o.tar")
    #expect(try fold(input, "o.tar", ["--pae", "--format", "pdb,cif"]).error.contains("folded 5"))
    #expect(try tar("o.tar").withoutTimes == tar("whole.tar").withoutTimes)
    // Another fold is not replaced unless that is asked for.
    let other = try scratch.file("o.fasta", ">z last\nMKW\n"), before = try bytes("o.tar")
    let refused = try fold(other, "o.tar")
    #expect(refused.status == 1 && refused.error.contains("o.tar/z.pdb: found the fold of another sequence"))
    #expect(try bytes("o.tar") == before)
    let replaced = try fold(other, "o.tar", ["--overwrite", "--pae", "--format", "pdb,cif"])
    #expect(replaced.status == 0, "\(replaced.error)")
    let found = try tar("o.tar"), whole = try tar("whole.tar")
    #expect(found.entries.filter { $0.name == "z.pdb" }.count == 1)
    #expect(found.files["z.pdb"] != whole.files["z.pdb"] && found.files.keys.sorted() == whole.files.keys.sorted())
  }

  @Test("More tensors are added to those in the tar") func tensors() throws {
    let input = try scratch.file("in.fasta", shortFasta)
    _ = try fold(input, "o.tar", ["--save-tensors=positions"])
    _ = try fold(input, "whole.tar", ["--save-tensors=positions,plddt"])
    #expect(try fold(input, "o.tar", ["--save-tensors=positions"]).error.contains("skipped 2"))
    #expect(try fold(input, "o.tar", ["--save-tensors=plddt"]).error.contains("folded 2"))
    #expect(try tar("o.tar").withoutTimes == tar("whole.tar").withoutTimes)
  }

  // === Kills ===

  @Test("Killed again and again, it is valid at any moment, and in the end that of one run") func kills() throws {
    let input = try scratch.file("in.fasta", Self.proteins(30))
    let words = ["fold", input, "--model", "demo", "-n", "1", "--pae", "--threads", "1", "-o"]
    #expect(try run(words + [path("whole.tar")]).status == 0)
    func size() -> Int { (try? FileManager.default.attributesOfItem(atPath: path("o.tar"))[.size] as? Int) ?? 0 }
    var kills = 0, records = 0
    while kills < 12 {
      let before = size(), process = try Binary.Started(words + [path("o.tar")], environment: cache)
      // In the midst of writing, or of the next fold.
      process.wait { size() > before + (kills % 3) * 700 }
      process.send(kills % 4 == 3 ? SIGTERM : SIGKILL)
      let ran = process.ended()
      if ran.status == 0 { break }
      kills += 1
      let entries = try tar("o.tar").entries, found = entries.filter { $0.name.hasSuffix(".pdb") }.count
      // Python's tarfile reads no archive that ends with a comment.
      #expect(entries.last?.kind == "0" && entries.last?.name == "summary.tsv")
      #expect(entries.filter { $0.name == "summary.tsv" }.count == 1)
      if kills % 4 != 0 { #expect(entries.last?.content.isEmpty == true) }
      #expect(found >= records, "\(ran.error)")
      records = found
      let listed = try Binary.run(["tar", "tf", path("o.tar")], executable: "/usr/bin/env")
      #expect(listed.status == 0 && listed.error.isEmpty, "\(listed.error)")
      let status = try run(["status", path("o.tar"), "-i", input])
      #expect(status.output.contains("finished \(found)"), "\(status.output) \(status.error)")
    }
    #expect(kills > 2 && records > 0)
    let last = try run(words + [path("o.tar")])
    #expect(last.status == 0, "\(last.error)")
    #expect(try tar("o.tar").withoutTimes == tar("whole.tar").withoutTimes)
    #expect(!scratch.names().contains { $0.hasPrefix(".") })
  }

  @Test("What a kill may leave behind the last record is cut off", arguments: 0..<9) func torn(_ number: Int) throws {
    let input = try scratch.file("in.fasta", Self.proteins(4)), half = try scratch.file("half.fasta", Self.proteins(3))
    _ = try fold(input, "whole.tar")
    _ = try fold(half, "o.tar")
    var data = try bytes("o.tar")
    let found = try tar("o.tar"), summary = try #require(found.entries.last).content.count
    let end = found.end - 512 - (summary + 511) / 512 * 512
    switch number {
    // Without the summary; with its rest behind zeros; a member without its line, cut, or whole at the end of the file.
    case 0: data.removeSubrange(end..<found.end)
    case 1: data.replaceSubrange(end..<end + 1024, with: Data(count: 1024))
    case 2: data.removeSubrange((end + 700)...)
    case 3: data.removeSubrange((end + 100)...)
    case 4: data.replaceSubrange(end..., with: Data(count: 1024) + Data(repeating: 7, count: 5000))
    // A line of the last record that is not of what is before it.
    case 5:
      data.removeSubrange(end..<found.end)
      data[end - 2048] ^= 1
    // The end of an open tar, behind which is what was to take its place, all but its first block.
    case 6:
      let open = data.prefix(end) + Self.emptySummary(data, end)
      data = open + Data(count: 1024) + Data(repeating: 7, count: 5000)
    case 7: data = data.prefix(end) + Self.emptySummary(data, end) + Data(repeating: 7, count: 6024)
    default: data.removeSubrange(1000...)
    }
    try data.write(to: URL(fileURLWithPath: path("o.tar")))
    let ran = try fold(input, "o.tar")
    #expect(ran.status == 0 && ran.error.contains("folded \([1, 1, 1, 1, 1, 2, 1, 1, 4][number])"), "\(ran.error)")
    #expect(try tar("o.tar").withoutTimes == tar("whole.tar").withoutTimes)
  }

  @Test("A tar that was killed behind its last record gets its summary") func withoutSummary() throws {
    let input = try scratch.file("in.fasta", Self.proteins(2))
    _ = try fold(input, "o.tar")
    let whole = try bytes("o.tar"), found = try TestTar(whole)
    let summary = try #require(found.entries.last).content.count, end = found.end - 512 - (summary + 511) / 512 * 512
    try (whole.prefix(end) + Self.emptySummary(whole, end) + Data(count: 1024)).write(
      to: URL(fileURLWithPath: path("o.tar")))
    let ran = try fold(input, "o.tar")
    #expect(ran.status == 0 && ran.error.contains("folded 0, skipped 2"), "\(ran.error)")
    #expect(try bytes("o.tar") == whole)
  }

  /// The header of the summary with a size of 0, as an open tar ends with it.
  private static func emptySummary(_ data: Data, _ place: Int) -> Data {
    var header = Data(data[place..<place + 512])
    header.replaceSubrange(124..<135, with: Data("00000000000".utf8))
    header.replaceSubrange(148..<156, with: Data("        ".utf8))
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    header.replaceSubrange(148..<155, with: Data((String(repeating: "0", count: 6 - sum.count) + sum + "\0").utf8))
    return header
  }

  @Test("A tar that was killed before its beginning was written has nothing", arguments: [0, 700])
  func begun(_ size: Int) throws {
    let input = try scratch.file("in.fasta", Self.proteins(2))
    _ = try fold(input, "whole.tar")
    try bytes("whole.tar").prefix(size).write(to: URL(fileURLWithPath: path("o.tar")))
    let status = try run(["status", path("o.tar"), "-i", input])
    #expect(status.status == 1 && status.output.contains("records 2: finished 0"), "\(status.output) \(status.error)")
    #expect(try bytes("o.tar").count == size)
    _ = try fold(input, "o.tar")
    #expect(try tar("o.tar").withoutTimes == tar("whole.tar").withoutTimes)
  }

  // === What is not ours ===

  @Test("Another file is never written to", arguments: 0..<12) func others(_ number: Int) throws {
    let input = try scratch.file("in.fasta", shortFasta)
    _ = try fold(input, "good.tar")
    let good = try bytes("good.tar"), message: String
    var data = good
    switch number {
    case 0: (data, message) = (Data("HELLO\n".utf8), "found another file, expected a tar that esmfold fold has begun")
    case 1: (data, message) = (Data([0x1F, 0x8B, 8, 0] + [UInt8](repeating: 9, count: 3000)), "found another file")
    case 2: (data, message) = (Data(count: 10240), "found an empty tar")
    case 3:
      data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tar/gnu.tar")))
      message = "found the tar of another program"
    case 4:
      data = good + good
      message = "found data behind the end, expected none: `esmfold merge` joins tars"
    case 5:
      data[1029] ^= 1
      message = "byte 1024: found no header of a tar, expected files of a record, or the end"
    case 6:
      let one = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tar/gnu.tar")))
      data = good.prefix(try TestTar(good).end) + one
      message = "found \"a.pdb\" behind the results, expected files of esmfold alone"
    case 7:
      let one = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tar/gnu.tar")))
      let summary = try #require(try TestTar(good).entries.last).content.count
      data = good.prefix(try TestTar(good).end - 512 - (summary + 511) / 512 * 512) + one
      message = "found \"a.pdb\" behind the results, expected files of esmfold alone"
    case 8:
      let one = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tar/gnu.tar")))
      let summary = try #require(try TestTar(good).entries.last).content.count
      let end = try TestTar(good).end - 512 - (summary + 511) / 512 * 512
      data = good.prefix(end) + Self.emptySummary(good, end) + one
      message = "found \"a.pdb\" behind the results, expected files of esmfold alone"
    case 9, 10:
      // A program that was killed while it added files: one that is whole, and a part of another; or that part alone.
      let one = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tar/gnu.tar")))
      let long = Data(TarHeader.file("b.bin", size: 9000)) + Data(count: 700)
      data = good.prefix(try TestTar(good).end) + (number == 9 ? one.prefix(1024) : Data()) + long
      message = "found \"\(number == 9 ? "a.pdb" : "another file")\" behind the results"
    default:
      // Begun by a run that was killed, then another one behind it.
      let summary = try #require(try TestTar(good).entries.last).content.count
      data = good.prefix(try TestTar(good).end - 512 - (summary + 511) / 512 * 512) + Data(count: 1024) + good
      message = "found data behind the end"
    }
    let file = path("o.tar")
    try data.write(to: URL(fileURLWithPath: file))
    for words in [
      ["fold", input, "-o", file, "--model", "demo", "-n", "0"], ["status", file, "-i", input],
      ["fold", input, "-o", file, "--model", "demo", "-n", "0", "--overwrite"],
    ] {
      let ran = try run(words)
      #expect(ran.status == 1 && ran.error.contains(message), "\(number): \(ran.error)")
      #expect(try bytes("o.tar") == data)
    }
  }

  @Test("Folders, pipes, compressed tars and reports are refused before the work begins") func refused() throws {
    let input = try scratch.file("in.fasta", shortFasta)
    mkdir(path("d.tar"), 0o755)
    mkfifo(path("p.tar"), 0o644)
    for (output, options, status, message) in [
      ("d.tar", [], 1, "d.tar: found a folder, expected a tar, or nothing"),
      ("p.tar", [], 1, "p.tar: output: found a device or a pipe, expected a file"),
      ("x.tar.gz", [], 2, "expected a folder, or a tar: FILE.tar"),
      ("x.tar", ["--report"], 2, "--report: found -o \(path("x.tar")), expected a folder"),
      ("in.fasta/x.tar", [], 1, "in.fasta"),
    ] as [(String, [String], Int32, String)] {
      let ran = try fold(input, output, options)
      #expect(ran.status == status && ran.error.contains(message), "\(ran.error)")
    }
    #expect(scratch.names() == ["d.tar", "in.fasta", "p.tar"] && scratch.names("d.tar").isEmpty)
    // With a slash it is the folder.
    #expect(try fold(input, "d.tar/").status == 0)
    #expect(scratch.names("d.tar") == ["p1.pdb", "p2.pdb", "summary.tsv"])
    _ = try fold(input, "r.tar")
    let report = try run(["report", path("r.tar")])
    #expect(report.status == 1 && report.error.contains("r.tar: found a tar, expected a folder"), "\(report.error)")
    let embedded = try run(["embed", input, "-o", path("e.tar"), "--model", "demo"])
    #expect(embedded.status == 2 && embedded.error.contains("expected a name for an HDF5 file"), "\(embedded.error)")
  }

  @Test("One of two copies writes") func copies() throws {
    let input = try scratch.file("in.fasta", Self.proteins(8, 60))
    let words = ["fold", input, "--model", "demo", "-n", "4", "--threads", "1", "-o", path("o.tar")]
    let first = try Binary.Started(words, environment: cache)
    first.wait { scratch.names().contains("o.tar") && ((try? bytes("o.tar").count) ?? 0) > 2048 }
    let second = try run(words)
    #expect(second.status == 1 && second.error.contains("found another process writing it"), "\(second.error)")
    let merged = try run(["merge", path("o.tar"), "-o", path("m.tar")])
    #expect(merged.status == 1 && merged.error.contains("found another process writing it"), "\(merged.error)")
    #expect(first.ended().status == 0)
    #expect(try tar("o.tar").files.count == 9)
  }
}
