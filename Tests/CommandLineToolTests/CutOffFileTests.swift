// Results of which a copy was interrupted: they begin as they should, and end too early.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 10)) struct CutOffFileTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name))
  }

  private func write(_ data: Data, _ name: String) throws {
    try data.write(to: URL(fileURLWithPath: scratch.path + "/" + name))
  }

  private static let fasta = ">a\nMKVLAAGIVWMKVLAAGIVW\n"

  private func fold(_ options: [String] = []) throws -> Binary.Ran {
    let input = try scratch.file("in.fasta", Self.fasta)
    return try Binary.run(
      [
        "fold", input, "-o", scratch.path + "/out", "--model", "demo", "-n", "0", "--format", "pdb,cif", "--pae",
        "--scores", "--plddt", "--plots",
      ] + options)
  }

  @Test("A fold is not finished when one of its files lacks its end, and nothing is replaced unasked")
  func folds() throws {
    #expect(try fold().status == 0)
    #expect(try fold().error.contains("skipped 1"))
    for name in scratch.names("out") where name != "summary.tsv" {
      let whole = try bytes("out/" + name)
      // The last byte but the line end (of PDB files a line of blanks behind END), some lines, the half.
      for count in [name == "a.pdb" ? 79 : 2, 170, whole.count / 2] {
        let cut = whole.dropLast(count)
        try write(cut, "out/" + name)
        let ran = try fold()
        #expect(ran.status == 1, "\(name), \(count)")
        #expect(ran.error.contains("\(name): found a file that is cut off, expected a whole one"), "\(ran.error)")
        #expect(try bytes("out/" + name) == cut)
        guard ["a.pdb", "a.cif"].contains(name) else { continue }
        let status = try Binary.run(
          ["status", scratch.path + "/out", "-i", scratch.path + "/in.fasta", "--verify"])
        #expect(
          status.status == 1 && status.output.contains("\(name): found a file that is cut off"), "\(status.output)")
      }
      try write(whole, "out/" + name)
    }
    // What somebody has added behind the end is no reason to compute it again.
    let pdb = try bytes("out/a.pdb")
    try write(pdb + Data("REMARK a note\n".utf8), "out/a.pdb")
    #expect(try fold().error.contains("skipped 1"))
    try write(pdb.prefix(9000), "out/a.pdb")
    #expect(try fold(["--overwrite"]).status == 0)
    #expect(try bytes("out/a.pdb") == pdb)
  }

  @Test("A NumPy file that is gone or cut off is computed again, and has one line in the index") func arrays() throws {
    let input = try scratch.file("in.fasta", ">a\nMKVL\n>b\nMKVLA\n"), out = scratch.path + "/out"
    func embed() throws -> Binary.Ran {
      try Binary.run(["embed", input, "-o", out, "--model", "demo", "--format", "npy", "--include", "contacts"])
    }
    func status() throws -> String { try Binary.run(["status", out, "-i", input]).output }
    #expect(try embed().status == 0)
    let index = try bytes("out/index.tsv")
    for name in ["a.npy", "b.contacts.npy"] {
      let whole = try bytes("out/" + name)
      for cut in [whole.dropLast(1), whole.prefix(100), Data(), nil] {
        if let cut { try write(cut, "out/" + name) } else { unlink(out + "/" + name) }
        #expect(try status() == "missing\t\(name.prefix(1))\nrecords 2: finished 1, failed 0, missing 1, other 0\n")
        let ran = try embed()
        #expect(ran.status == 0 && ran.error.contains("skipped 1"), "\(ran.error)")
        #expect(try bytes("out/" + name) == whole)
        #expect(try bytes("out/index.tsv") == index)
        #expect(try status() == "records 2: finished 2, failed 0, missing 0, other 0\n")
      }
    }
    // Under the name of what is gone another sequence is still another one.
    unlink(out + "/a.npy")
    _ = try scratch.file("in.fasta", ">a\nMKVW\n>b\nMKVLA\n")
    let other = try embed()
    #expect(other.status == 1 && other.error.contains("found the results of another sequence"), "\(other.error)")
  }
}
