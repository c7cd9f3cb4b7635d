// `esmfold classify --labels` as a user runs it: records, forms of files, mistakes in them.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct LabelBinaryTests {
  @Test("With -o the records are written too, with what was expected; without --labels nothing changes") func records()
    throws
  {
    for (model, labels, expected) in [
      ("single-label", ["nucleus", "NA", "cytosol", "-100"], ["nucleus", "NA", "cytosol", "NA"]),
      ("regression", ["-1.5", "2", "", "1e3"], ["-1.5", "2.0", "NA", "1000.0"]),
      ("multi-label", ["LABEL_0;3", "none", "NA", "0 1 0 1"], ["LABEL_0,LABEL_3", "", "NA", "LABEL_1,LABEL_3"]),
    ] {
      let scratch = try ScratchFolder(), input = try scratch.file("a.fa", LabelledRun.fasta)
      let ran = try LabelledRun.run(
        LabelledRun.tsv(labels), [input, "-o", scratch.path + "/out.tsv"], model: model, in: scratch)
      let plain = try Binary.run(["classify", input, "--model", Fixtures.path("family/\(model)")])
      let rows = LabelledRun.table(try scratch.text("out.tsv"))
      #expect(ran.status == 0 && rows.map { $0.last ?? "" } == ["expected"] + expected, "\(rows) \(ran.error)")
      #expect(rows.map { Array($0.dropLast()) } == LabelledRun.table(plain.output))
      let json = try LabelledRun.run(
        LabelledRun.tsv(labels), [input, "-o", scratch.path + "/out.json", "--format", "json"], model: model,
        in: scratch)
      #expect(json.status == 0)
      let objects = try scratch.text("out.json").split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(objects.count == 4 && objects.allSatisfy { $0.keys.contains("expected") && $0.keys.count == 5 })
      let known = objects.map { object -> String in
        switch object["expected"] {
        case let text as String: text
        case let list as [String]: list.joined(separator: ",")
        case let list as [Double]: list.map { "\($0)" }.joined(separator: ",")
        default: "NA"
        }
      }
      #expect(known == expected)
      let missing = ran.error.contains("records without a label: found 1, expected none: ")
      #expect(missing, "\(ran.error)")
    }
  }

  @Test("Labels of residues: letters, words, lists, FASTA; the tokens around them do not count") func residues() throws
  {
    let words = [
      "helix strand coil - helix helix 2 2 0 -100", "coil", "0 1 2 0 1",
      Array(repeating: "1", count: 15).joined(separator: " "),
    ]
    let scratch = try ScratchFolder(), input = try scratch.file("a.fa", LabelledRun.fasta)
    let expected = try LabelledRun.run(
      LabelledRun.tsv(words), [input, "-o", scratch.path + "/out.tsv"], model: "tokens", in: scratch)
    #expect(expected.status == 0 && LabelledRun.measures(expected)["count"] == "29", "\(expected.error)")
    let rows = LabelledRun.table(try scratch.text("out.tsv"))
    #expect(
      rows[0].last == "expected"
        && rows[1...10].map { $0.last ?? "" } == [
          "helix", "strand", "coil", "NA", "helix", "helix", "coil", "coil", "helix", "NA",
        ])
    let right = rows.dropFirst().count { $0[3] == $0.last }
    #expect(abs((LabelledRun.measures(expected)["accuracy"].flatMap { Double($0) } ?? -1) - Double(right) / 29) < 1e-6)
    let letters = ["012-00220-", "2", "01201", String(repeating: "1", count: 15)]
    for text in [
      LabelledRun.tsv(letters),
      zip(LabelledRun.names, letters).map { ">\($0) x\n\($1.prefix(3))\n\($1.dropFirst(3))\n" }.joined(),
      LabelledRun.tsv(words.map { "['" + $0.split(separator: " ").joined(separator: "', '") + "']" }),
      LabelledRun.tsv(words.map { "-100 \($0) -100" }),
      "name,label\n" + zip(LabelledRun.names, words).map { "\($0),\"\($1.replacing(" ", with: ", "))\"\n" }.joined(),
    ] {
      let ran = try LabelledRun.run(text, model: "tokens")
      #expect(ran.status == 0 && ran.output == expected.output, "\(text) \(ran.error)")
    }
    let short = try LabelledRun.run(LabelledRun.tsv(["01", "2", "01201", "-"]), model: "tokens")
    #expect(short.status == 1 && LabelledRun.measures(short)["count"] == "6")
    #expect(short.error.contains("labels.tsv:1: labels of \"sp|P1|one\": found 2, expected 10, one for each residue"))
    #expect(short.error.contains("labels.tsv:4: labels of \"four\": found 1, expected 15"))
    let wrong = try LabelledRun.run(LabelledRun.tsv(["01x", "helix", "helix sheet", "4"]), model: "tokens")
    #expect(wrong.status == 1 && wrong.output.isEmpty)
    #expect(
      wrong.error.contains("found \"x\" at residue 3, expected \"helix\", \"strand\", \"coil\", or 0 to 2, - or -100"))
    #expect(wrong.error.contains("labels.tsv:3: label of \"three\": found \"sheet\" at residue 2"))
  }

  // === Files ===

  @Test("One content in many forms") func forms() throws {
    let labels = ["cytosol", "nucleus", "membrane", "cytosol"]
    let expected = try LabelledRun.run(LabelledRun.tsv(labels))
    #expect(
      expected.status == 0 && LabelledRun.measures(expected)["count"] == "4"
        && !expected.error.contains("warning: labels"))
    func lines(_ separator: String, _ header: String = "", _ end: String = "\n") -> String {
      (header.isEmpty ? "" : header + end)
        + zip(LabelledRun.names, labels).map { "\($0)\(separator)\($1)\(end)" }.joined()
    }
    let numbers = ["cytosol": "0", "membrane": "1", "nucleus": "2"]
    for text in [
      lines("\t", "name\tlabel"), lines(",", "id,class"), lines(";", "Protein;Value"), lines(" "), lines("  \t"),
      lines("\t", "", "\r\n"), "\u{FEFF}" + lines(",", "name,label"), "\n\n" + lines("\t") + "\n \n",
      lines(",").replacing("cytosol", with: "\"cytosol\""), lines("\t", "#name\twhat"), lines("\t", "x\tlabel"),
      LabelledRun.tsv(labels.map { numbers[$0] ?? "" }), lines("\t").replacing("sp|P1|one", with: "sp_P1_one"),
      lines("\t").replacing("sp|P1|one", with: "sp|P1|one a protein"), lines("\t") + lines("\t"),
      "split,name,label,length\n" + zip(LabelledRun.names, labels).map { "test,\($0),\($1),5\n" }.joined(),
      zip(LabelledRun.names, labels).map { ">\($0)\n\($1)\n" }.joined(), lines(" ", "name label"),
    ] {
      let ran = try LabelledRun.run(text)
      #expect(ran.status == 0 && ran.output == expected.output, "\(text) \(ran.error)")
    }
    let multi = try LabelledRun.run(LabelledRun.tsv(["0;2", "none", "1", "LABEL_3|0"]), model: "multi-label")
    for text in [
      LabelledRun.tsv(["1\t0\t1\t0", "0\t0\t0\t0", "0\t1\t0\t0", "1.0\t0\t0\ttrue"]),
      "id,LABEL_1,LABEL_0,LABEL_3,LABEL_2\n"
        + zip(LabelledRun.names, ["0,1,0,1", "0,0,0,0", "1,0,0,0", "0,1,1,0"]).map { "\($0),\($1)\n" }.joined(),
      LabelledRun.tsv(["LABEL_0, LABEL_2", "0 0 0 0", "LABEL_1", "['0', 'LABEL_3']"]),
      LabelledRun.tsv(["0", "none", "1", "3"]) + "sp|P1|one\t2\nfour\tLABEL_0\n",
    ] {
      let ran = try LabelledRun.run(text, model: "multi-label")
      #expect(ran.status == 0 && ran.output == multi.output && !multi.output.isEmpty, "\(text) \(ran.error)")
    }
    // A model that does not say what its outputs are: several labels make them labels for themselves.
    #expect(expected.error.contains("has no problem_type; by these labels it is single_label_classification"))
    #expect(!multi.error.contains("problem_type"))
    let several = try LabelledRun.run(
      LabelledRun.tsv(["cytosol,nucleus", "membrane", "none", "0"]), ["--format", "json"])
    #expect(
      several.status == 0 && several.output.hasPrefix("{\"problem\": \"multi_label_classification\", \"count\": 4"))
  }

  @Test(
    "Mistakes in a file are all named, with their lines, before anything is computed",
    arguments: [
      (
        "single-label", "sp|P1|one\tcytosole\ntwo\t3\nthree\t0.5\n",
        [
          "labels.tsv:1: label of \"sp|P1|one\": found \"cytosole\", expected \"cytosol\", \"membrane\", \"nucleus\", or 0 to 2",
          "hint: did you mean \"cytosol\"?", "labels.tsv:2: label of \"two\": found \"3\"", "labels.tsv:3: label of",
        ]
      ),
      ("single-label", "two\t1\ntwo\t1\ntwo\t0\n", ["multi_label_classification"]),
      (
        "regression", "two\t1\ntwo\t2\n",
        ["labels.tsv:2: label of \"two\": found a second one, expected one: line 1 has another"]
      ),
      ("regression", "two\t1,5\n", ["labels.tsv:1: label of \"two\": found \"1,5\", expected a number"]),
      (
        "regression", "two\tinf\nthree\t1e99\n",
        ["found \"inf\", expected a number", "found \"1e99\", expected a number"]
      ),
      (
        "multi-label", "two\t\n",
        ["found nothing, expected labels, none where none holds, or NA where they are not known"]
      ),
      ("multi-label", "two\t1\t0\t2\t0\n", ["found \"2\", expected a number from 0 to 1"]),
      (
        "multi-label", "two\t1\t0\n",
        ["labels.tsv:1: fields: found 3, expected 2, a name and a label, or 5, a name and each label"]
      ),
      ("single-label", "two\tcytosol\nthree\n", ["labels.tsv:2: fields: found 1, expected 2, as in the first line"]),
      ("single-label", "two\tcytosol\n\t1\n", ["labels.tsv:2: name: found nothing, expected the name of a record"]),
      (
        "single-label", "name,length,split\ntwo,5,test\n",
        ["columns: found \"name\", \"length\", \"split\", expected a column \"label\""]
      ),
      (
        "single-label", "two\t\"cytosol\nthree\t1\n",
        ["labels.tsv:1: fields: found a quotation mark that is not closed"]
      ),
      ("single-label", "", ["labels.tsv: labels: found none, expected lines with a name and a label"]),
      ("single-label", "name\tlabel\n", ["labels: found none"]),
      ("single-label", "two\0\tcytosol\n", ["labels: found other bytes, expected text in UTF-8"]),
      ("single-label", "> \nx\n", ["labels.tsv:1: name: found nothing"]),
      ("single-label", "unknown\tsomething\n", ["hint: a line of column names begins with name"]),
    ] as [(String, String, [String])])
  func mistakes(_ model: String, _ text: String, _ messages: [String]) throws {
    let ran = try LabelledRun.run(text, ["--format", "json"], model: model)
    if messages == ["multi_label_classification"] {
      #expect(ran.status == 0 && ran.output.contains(messages[0]))
      return
    }
    #expect(ran.status == 1 && ran.output.isEmpty, "\(ran.error)")
    for message in messages { #expect(ran.error.contains(message), "\(ran.error)") }
  }

  @Test("Many mistakes are counted, other files refused, and no file is both read and written") func refusals() throws {
    let many = try LabelledRun.run((0..<30).map { "p\($0)\tx\n" }.joined())
    #expect(many.status == 1 && many.error.contains("labels.tsv: labels: found 20 more mistakes, expected none"))
    let scratch = try ScratchFolder(), input = try scratch.file("a.fa", LabelledRun.fasta)
    let model = ["--model", Fixtures.path("family/single-label")]
    let wide = try scratch.file("wide.tsv", Data([0xFF, 0xFE, 0x61, 0, 0x0A, 0]))
    let utf16 = try Binary.run(["classify", input, "--labels", wide] + model)
    #expect(utf16.status == 1 && utf16.error.contains("found text in UTF-16, expected text in UTF-8"))
    let absent = try Binary.run(["classify", input, "--labels", scratch.path + "/none.tsv"] + model)
    #expect(absent.status == 1 && absent.error.contains("none.tsv: cannot open"))
    #expect(try Binary.run(["classify", input, "--labels", scratch.path] + model).error.contains("found a folder"))
    let labels = try scratch.file("l.tsv", LabelledRun.tsv(["0", "1", "2", "0"]))
    let both = try Binary.run(["classify", input, "--labels", labels, "-o", labels] + model)
    #expect(both.status == 1 && both.error.contains("the output is also an input"))
    #expect(try scratch.text("l.tsv") == LabelledRun.tsv(["0", "1", "2", "0"]))
    let dash = try Binary.run(["classify", input, "--labels", labels, "-o", "-"] + model)
    #expect(dash.status == 2 && dash.error.contains("--labels: found -o -, expected -o FILE"))
    let twice = try Binary.run(["classify", "-", "--labels", "-"] + model, input: Data())
    #expect(twice.status == 2 && twice.error.contains("the sequences are read from standard input"))
    let piped = try Binary.run(
      ["classify", input, "--labels", "-"] + model, input: Data(LabelledRun.tsv(["0", "1", "2", "0"]).utf8))
    #expect(piped.status == 0 && LabelledRun.measures(piped)["count"] == "4")
    #expect(try LabelledRun.run("", model: "esm2").error.contains("found no classifier"))
  }

  @Test("Records and labels that do not belong together are named") func matching() throws {
    let some = try LabelledRun.run("two\t0\nfive\t1\nsix\t1\nseven\t1\neight\t1\n")
    #expect(some.status == 0 && LabelledRun.measures(some)["count"] == "1")
    #expect(
      some.error.contains(
        "labels.tsv: records without a label: found 3, expected none: \"sp_P1_one\", \"three\", \"four\", which are not in the measures"
      ))
    #expect(
      some.error.contains(
        "labels.tsv: labels without a record: found 4, expected none: \"five\", \"six\", \"seven\", …, which were not read"
      ))
    #expect(some.error.contains("labels.tsv: auroc: found the label \"cytosol\" everywhere, expected it in some items"))
    #expect(LabelledRun.measures(some)["auroc"] == "NA")
    let none = try LabelledRun.run("five\t0\n")
    #expect(none.status == 1 && none.output.isEmpty)
    #expect(
      none.error.contains(
        "labels.tsv: names: found \"five\" and no name of a record, expected names such as \"sp_P1_one\""))
    // Records of one name have one label, or labels under the names of their results.
    let same = ">a\nMK\n>a\nMKV\n"
    #expect(LabelledRun.measures(try LabelledRun.run("a\t0\n", fasta: same))["count"] == "2")
    #expect(LabelledRun.measures(try LabelledRun.run("a\t0\na_2\t1\n", fasta: same))["count"] == "2")
    // A record that fails is not one without a label.
    let failing = try LabelledRun.run("a\t0\nb\t1\n", fasta: ">a\nMK\n>b\n\n")
    #expect(failing.status == 1 && LabelledRun.measures(failing)["count"] == "1")
  }
}
