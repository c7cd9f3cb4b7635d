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
        "fold", input, "-o", scratch.path + "/out", "--model", "demo", "-n", "1", "--format", "pdb,cif", "--pae",
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

  @Test("A file that ends where another category or line does is cut off, too") func atLineEnds() throws {
    #expect(try fold().status == 0)
    let cif = String(decoding: try bytes("out/a.cif"), as: UTF8.self)
    var places = 0
    for place in cif.ranges(of: "\n#\n").dropLast() {
      let head = String(cif[..<place.upperBound])
      // In front of these the settings have not come.
      guard head.contains("request_sha256") else { continue }
      places += 1
      try write(Data(head.utf8), "out/a.cif")
      let status = try Binary.run(["status", scratch.path + "/out", "-i", scratch.path + "/in.fasta", "--verify"])
      #expect(status.output.contains("a.cif: found a file that is cut off"), "\(place): \(status.output)")
    }
    #expect(places > 5)
    // A table of residues without the last one.
    let samples = ["--samples", "2", "--overwrite"]
    #expect(try fold(samples).status == 0)
    let table = String(decoding: try bytes("out/a.rmsf.tsv"), as: UTF8.self)
    let head = table[...(try #require(table.dropLast().lastIndex(of: "\n")))]
    try write(Data(head.utf8), "out/a.rmsf.tsv")
    let ran = try fold(Array(samples.dropLast()))
    #expect(ran.status == 1 && ran.error.contains("a.rmsf.tsv: found a file that is cut off"), "\(ran.error)")
  }

  @Test(
    "Files that are asked for are verified, and those of samples", arguments: ["pae", "scores", "plddt", "tensors"])
  func required(_ kind: String) throws {
    #expect(try fold(["--samples", "2", "--save-recycles", "--save-tensors"]).status == 0)
    func status(_ options: [String]) throws -> Binary.Ran {
      try Binary.run(["status", scratch.path + "/out", "-i", scratch.path + "/in.fasta", "--verify"] + options)
    }
    #expect(try status(["--require", "pdb,\(kind)"]).status == 0)
    let endings = ["pae": ".pae.json", "scores": "_scores.json", "plddt": ".plddt.tsv", "tensors": ".tensors.h5"]
    let name = "a" + (try #require(endings[kind]))
    for file in [name, "a.sample_2.pdb", "a.sample_2.cif", "a.recycle_0.pdb", "a.rmsf.tsv"] {
      let whole = try bytes("out/" + file)
      try write(whole.dropLast(200), "out/" + file)
      let found = try status(["--require", "pdb,\(kind)"])
      #expect((found.status == 1) == (file != "a.rmsf.tsv"), "\(file): \(found.output)")
      #expect(found.status == 0 || found.output.contains("\(file): found a file that is cut off"), "\(found.output)")
      if file != "a.tensors.h5" {
        let again = try fold(["--samples", "2", "--save-recycles", "--save-tensors"])
        #expect(again.status == 1 && again.error.contains("\(file): found a file that is cut off"), "\(again.error)")
      }
      try write(whole, "out/" + file)
    }
  }

  @Test("One residue, letters without a structure, and chains have whole files") func small() throws {
    let input = try scratch.file("s.fasta", ">a\nM\n>x\nXMX\n>c\nMK:GG\n")
    for options in [[], ["--cif-pae"]] {
      let words =
        ["fold", input, "-o", scratch.path + "/o\(options.count)", "--model", "demo", "-n", "0"]
        + ["--format", "pdb,cif", "--pae", "--scores", "--plddt", "--plots", "--samples", "2"] + options
      #expect(try Binary.run(words).status == 0)
      let again = try Binary.run(words)
      #expect(again.status == 0 && again.error.contains("skipped 3"), "\(again.error)")
      let status = try Binary.run(
        [
          "status", scratch.path + "/o\(options.count)", "-i", input, "--verify", "--require",
          "pdb,cif,pae,scores,plddt",
        ])
      #expect(status.status == 0, "\(status.output)")
    }
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
