// `esmfold embed` as a user runs it: contents and refusals.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct EmbedBinaryTests {
  static func model(_ name: String) -> String { Fixtures.path("family/\(name)") }

  private static func embed(_ arguments: [String], _ options: [String] = [], model: String = "esm2") throws
    -> Binary.Ran
  {
    try Binary.run(["embed"] + arguments + ["--model", Self.model(model)] + options)
  }

  @Test("NumPy files and the index") func numpy() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.file("a.fasta", ">one first\nMKTVRQ\n>two\nA<mask>C\n>one second\nW\n")
    let out = scratch.path + "/out"
    let ran = try Self.embed(
      [file, "-o", out], ["--format", "npy", "--layers", "0,-1", "--include", "contacts,logits"])
    #expect(ran.status == 0, "\(ran.error)")
    let rows = summaryRows(try scratch.text("out/index.tsv"))
    #expect(rows.map { $0[0] } == ["one", "one", "one", "two", "two", "two", "one_2", "one_2", "one_2"])
    #expect(rows.map { $0[3] } == ["2,6,24", "6,6", "6,33", "2,3,24", "3,3", "3,33", "2,1,24", "1,1", "1,33"])
    #expect(rows[8][5...] == ["W", "one second"])
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: out + "/two.npy")))
    #expect(bytes.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]) && bytes.count == 128 + 2 * 3 * 24 * 4)
    #expect(String(decoding: bytes[10..<128], as: UTF8.self).contains("'shape': (2, 3, 24,)"))
    // The same command finds everything complete; other settings are refused.
    #expect(
      try Self.embed([file, "-o", out], ["--format", "npy", "--layers", "0,-1", "--include", "contacts,logits"])
        .error.contains("embedded 0, skipped 3, failed 0"))
    let other = try Self.embed([file, "-o", out], ["--format", "npy"])
    #expect(other.status == 1 && other.error.contains("with other settings, expected the same"))
  }

  @Test("A record named like another's array does not overwrite its file") func numpyNames() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.file("a.fasta", ">a\nMKTV\n>a.contacts\nMKTVV\n>a.contacts.representations\nMK\n")
    let ran = try Self.embed([file, "-o", scratch.path + "/out"], ["--format", "npy", "--include", "contacts"])
    #expect(ran.status == 0, "\(ran.error)")
    let rows = summaryRows(try scratch.text("out/index.tsv"))
    #expect(Set(rows.map { $0[2] }).count == 6 && scratch.names("out").count == 8)
    #expect(
      rows[1][2...3] == ["a.contacts.npy", "4,4"] && rows[2][2...3] == ["a.contacts.representations.npy", "5,24"])
    for row in rows {
      let extents = row[3].split(separator: ",").compactMap { Int($0) }
      let size = try FileManager.default.attributesOfItem(atPath: scratch.path + "/out/" + row[2])[.size] as? Int
      #expect(size == 128 + 4 * extents.reduce(1, *), "\(row)")
    }
  }

  @Test("Impossible requests are refused, and nothing is left behind") func refusals() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.file("a.fasta", ">one\nMKTVRQ\n>bad\nMK<foo>\n")
    let long = try scratch.file("long.fasta", ">long\n\(String(repeating: "A", count: 60))\n>short\nMKT\n")
    let out = scratch.path + "/a.h5"
    let cases: [(arguments: [String], status: Int32, message: String)] = [
      (["embed", file, "-o", "-", "--model", Self.model("esm2")], 2, "expected a file: HDF5"),
      (["embed", file, "--model", Self.model("esm2")], 2, "--output FILE.h5 is missing"),
      (["embed", file, "-o", out], 2, "no model: found no esm2_t33_650M_UR50D"),
      (["embed", file, "-o", out, "--model", Self.model("esm2"), "--layers", "4"], 1, "layer: found 4, expected 0"),
      (["embed", file, "-o", out, "--model", Self.model("esm2"), "--layers", "x"], 2, "expected last, all, or"),
      (["embed", file, "-o", out, "--model", Self.model("esm2"), "--layers=\(Int.min)"], 2, "expected last, all, or"),
      (
        ["embed", file, "-o", out, "--model", Self.model("esm1v"), "--include", "logits"], 1,
        "found no masked-language head"
      ),
      (["embed", file, "-o", out, "--model", Self.model("esm2"), "--include", "maps"], 2, "expected contacts, logits"),
      (["embed", file, "-o", file, "--model", Self.model("esm2"), "--overwrite"], 1, "the output is also an input"),
      (
        ["embed", file, "-o", scratch.path + "/no/a.h5", "--model", Self.model("esm2")], 1, "No such file or directory"
      ),
      (["embed", scratch.path + "/none", "-o", out, "--model", Self.model("esm2")], 1, "cannot open"),
    ]
    for (arguments, status, message) in cases {
      let ran = try Binary.run(arguments)
      #expect(ran.status == status && ran.error.contains(message), "\(arguments): \(ran)")
      #expect(!FileManager.default.fileExists(atPath: out), "\(arguments)")
    }
    let bad = try Binary.run(["embed", file, "-o", out, "--model", Self.model("esm2")])
    #expect(
      bad.status == 1 && bad.error.contains("a.fasta:4: record \"bad\": residue 3: found <foo>, expected a token"))
    #expect(bad.error.contains("embedded 1, failed 1") && FileManager.default.fileExists(atPath: out))
    // Maps of 300 000 residues fit on no current disk: refused before the work begins.
    let huge = try scratch.file("huge.fasta", ">huge\n\(String(repeating: "A", count: 300_000))\n")
    let maps = try Binary.run([
      "embed", huge, "-o", scratch.path + "/maps.h5", "--model", Self.model("esm2"), "--include",
      "attentions",
    ])
    #expect(maps.status == 1 && maps.error.contains("maps.h5: disk: found ") && maps.error.contains("--dtype float16"))
    let limited = scratch.path + "/long.h5"
    let ran = try Binary.run(["embed", long, "-o", limited, "--model", Self.model("esm1b")])
    #expect(
      ran.status == 1 && ran.error.contains("record \"long\": found 62 tokens with <cls> and <eos>, expected at most"))
    #expect(ran.error.contains("--long windows") && ran.error.contains("embedded 1, failed 1"))
  }
}
