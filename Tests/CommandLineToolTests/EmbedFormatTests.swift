// Tables of vectors, flat HDF5 files, names and order of records, labels of columns.

import Foundation
import TestSupport
import Testing
import Weights

@Suite(.timeLimit(minutes: 20)) struct EmbedFormatTests {
  private let scratch: ScratchFolder
  private let expected: [ExpectedStates]
  private static let names = ["sp|Q12345|ABC1", "a_b", "A"]

  init() throws {
    scratch = try ScratchFolder()
    expected = try (0..<3).map { try ExpectedStates($0) }
  }

  private func run(_ options: [String], _ headers: [String] = ["sp|Q12345|ABC1 one", "a/b two", "A"]) throws
    -> Binary.Ran
  {
    let fasta = zip(headers, expected).map { ">\($0)\n\($1.sequence)\n" }.joined()
    return try Binary.run(
      ["embed", "-", "--model", Fixtures.path("family/esm2")] + options, input: Data(fasta.utf8))
  }

  private func path(_ name: String) -> String { scratch.path + "/" + name }

  // MARK: Tables

  @Test(
    "A table has a line for each record and a column for each number",
    arguments: [("csv", "mean", ","), ("tsv", "cls", "\t"), ("csv", "max", ",")])
  func tables(_ format: String, _ pool: String, _ separator: Character) throws {
    let ran = try run(["-o", path("x." + format), "--format", format, "--pool", pool, "--layers", "-1,0"])
    #expect(ran.status == 0, "\(ran.error)")
    let lines = try scratch.text("x." + format).split(separator: "\n")
      .map { $0.split(separator: separator, omittingEmptySubsequences: false).map(String.init) }
    let columns = [0, 3].flatMap { layer in (0..<24).map { "layer\(layer)_\($0)" } }
    #expect(lines.map { $0[0] } == ["name"] + Self.names && Array(lines[0].dropFirst()) == columns)
    for (line, values) in zip(lines.dropFirst(), expected) {
      let found = line.dropFirst().compactMap { Float($0) }
      let wanted = try values.pooled(0, pool).values + values.pooled(3, pool).values
      expectClose(FoundArray(shape: [48], values: found), FoundArray(shape: [48], values: wanted), line[0])
    }
    // Standard output has the same, and a name with a comma is in quotes.
    let printed = try run(["-o", "-", "--format", format, "--pool", pool, "--layers", "-1,0"])
    #expect(try printed.status == 0 && printed.output == scratch.text("x." + format))
    let comma = try run(["-o", "-", "--format", "csv", "--pool", "mean"], ["a,\"b\""])
    #expect(comma.output.split(separator: "\n").last?.hasPrefix("\"a,\"\"b\"\"\",") == true)
    // The digits are those of the number format.
    let half = try run(["-o", "-", "--format", "tsv", "--pool", "mean", "--dtype", "float16"])
    for word in half.output.split(separator: "\n")[1].split(separator: "\t").dropFirst() {
      #expect(Float16(word).map { "\($0)" } == String(word))
    }
  }

  @Test("A file never is another kind of file than its name says") func promises() throws {
    for (name, hint) in [
      ("x.csv", "--format csv with --pool mean writes a table"), ("x.tsv", "--format tsv with --pool mean"),
      ("x.npy", "--format npy writes a folder"), ("x.npz", "--format has h5, npy, csv, tsv"), ("x.txt", "--format has"),
      ("x.json", "--format has"), ("x.jsonl", "--format has"), ("x.parquet", "--format has"), ("x.PT", "--format has"),
    ] {
      let ran = try run(["-o", path(name)])
      #expect(ran.status == 2 && ran.error.contains("\(name)\", expected a name for an HDF5 file"), "\(ran)")
      #expect(ran.error.contains("\nhint: \(hint)"), "\(ran.error)")
    }
    for (options, message) in [
      (["-o", path("x.csv"), "--format", "csv"], "--format csv: found no --pool, expected mean, max or cls"),
      (["-o", path("x.tsv"), "--format", "csv", "--pool", "mean"], "x.tsv\", expected a name for a table with commas"),
      (["-o", path("x.h5"), "--format", "tsv", "--pool", "cls"], "x.h5\", expected a name for a table with tabs"),
      (["-o", path("x"), "--format", "csv", "--pool", "mean", "--include", "logits"], "found --include"),
      (["-o", path("x.h5"), "--format", "npy"], "x.h5\", expected a name for a folder"),
      (["--format", "csv", "--pool", "mean"], "--output FILE.h5 is missing"),
      (["-o", path("x.h5"), "--flat", "--layers", "all"], "--flat: found several --layers, expected one layer"),
      (["-o", path("x.h5"), "--flat", "--layers", "0,1"], "--flat: found several --layers, expected one layer"),
      (["-o", path("x.h5"), "--flat", "--include", "contacts"], "--flat: found --include, expected one layer"),
      (["-o", path("x"), "--flat", "--format", "npy"], "--flat: found --format npy, expected h5"),
    ] {
      let ran = try run(options)
      #expect(ran.status == 2 && ran.error.contains(message), "\(options) \(ran.error)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
  }

  // MARK: HDF5

  @Test("Groups have the names of the records, their order and their headers") func names() throws {
    #expect(try run(["-o", path("x.h5"), "--include", "logits"]).status == 0)
    let file = try ArrayReader(path("x.h5"))
    for (index, (name, values)) in zip(Self.names, expected).enumerated() {
      expectClose(try file.array("/\(name)/representations", "3"), try values.pooled(3, "none"), name)
      #expect(try file.integer("index", of: "/\(name)") == index)
      #expect(try file.attribute("original_id", of: "/\(name)") == ["sp|Q12345|ABC1 one", "a/b two", "A"][index])
    }
    // The columns of the logits.
    let text = try #require(try file.attribute("vocabulary"))
    let tokens = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String])
    let vocabulary = try String(
      contentsOfFile: Fixtures.path("family/tokenizer/standard-vocab.txt"), encoding: .utf8)
    #expect(tokens.count == 33 && tokens == vocabulary.split(separator: "\n").map(String.init))
    #expect(try run(["-o", path("y.h5")]).status == 0)
    #expect(try ArrayReader(path("y.h5")).attribute("vocabulary") == nil)
  }

  @Test("Names that HDF5 does not have, and those that are the same or nearly so") func oddNames() throws {
    let ran = try run(["-o", path("x.h5")], ["..", "..", "a\u{7F}/"])
    #expect(ran.status == 0, "\(ran.error)")
    let cases = try run(["-o", path("y.h5")], ["A", "a", "A x"])
    // Two forms of one text.
    let forms = try run(["-o", path("z.h5")], ["\u{E9}", "e\u{301}", "\u{E9}"])
    #expect(cases.status == 0 && forms.status == 0, "\(forms.error)")
    for (name, groups) in [
      ("x.h5", ["__", "___2", "a__"]), ("y.h5", ["A", "a", "A_2"]), ("z.h5", ["\u{E9}", "e\u{301}", "\u{E9}_2"]),
    ] {
      let file = try ArrayReader(path(name))
      for (index, (group, values)) in zip(groups, expected).enumerated() {
        #expect(try file.attribute("sequence", of: "/\(group)") == values.sequence, "\(name) \(group)")
        #expect(try file.integer("index", of: "/\(group)") == index)
      }
    }
  }

  @Test("A flat file has a dataset for each record at its root", arguments: ["none", "mean", "cls"])
  func flat(_ pool: String) throws {
    let options = ["-o", path("x.h5"), "--flat", "--pool", pool, "--layers", "2"]
    #expect(try run(options).status == 0)
    let file = try ArrayReader(path("x.h5"))
    let arrays = try file.arrays("/")
    #expect(arrays.keys.sorted() == Self.names.sorted())
    for (index, (name, values)) in zip(Self.names, expected).enumerated() {
      expectClose(arrays[name], try values.pooled(2, pool), name)
      #expect(try file.integer("index", of: "/\(name)") == index)
      #expect(try file.attribute("sequence", of: "/\(name)") == values.sequence)
      #expect(try file.attribute("original_id", of: "/\(name)") == ["sp|Q12345|ABC1 one", "a/b two", "A"][index])
    }
    // Another layout is another result.
    let again = try run(options), other = try run(options.filter { $0 != "--flat" })
    #expect(again.status == 0 && again.error.contains("has the results of all records"))
    #expect(other.status == 1 && other.error.contains("found results with other settings"), "\(other.error)")
  }
}
