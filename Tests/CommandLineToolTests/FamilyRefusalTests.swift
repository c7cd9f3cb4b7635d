// What the language-model commands of the built program refuse, leave alone or clean up.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct FamilyRefusalTests {
  private let scratch: ScratchFolder
  private let cache: [String: String]

  init() throws {
    scratch = try ScratchFolder()
    cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
  }

  private static func model(_ name: String) -> String { Fixtures.path("family/\(name)") }

  /// Records of 60 residues each.
  private static func records(_ count: Int) -> String {
    let letters = "ACDEFGHIKLMNPQRSTVWY"
    return (0..<count).map { index in
      let start = letters.index(letters.startIndex, offsetBy: index % 20)
      return ">r\(index)\n" + String(repeating: String(letters[start...] + letters[..<start]), count: 3) + "\n"
    }.joined()
  }

  /// A fixture's model with other fields in its configuration, or with another file beside it.
  private func changed(_ name: String, _ fields: [String: Any], vocabulary: String? = nil) throws -> String {
    let folder = scratch.path + "/model", original = Self.model(name)
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: original + "/model.safetensors", toPath: folder + "/model.safetensors")
    let data = try Data(contentsOf: URL(fileURLWithPath: original + "/config.json"))
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    object.merge(fields) { $1 }
    try JSONSerialization.data(withJSONObject: object).write(to: URL(fileURLWithPath: folder + "/config.json"))
    if let vocabulary { _ = try scratch.file("model/vocab.txt", vocabulary) }
    return folder
  }

  @Test("Configurations that the reference refuses, or with another alphabet, are refused by name")
  func configurations() throws {
    let cases: [(name: String, fields: [String: Any], message: String)] = [
      ("untied", ["rope_theta": -3.0], "rope_theta: found -3.0, expected more than 0"),
      ("untied", ["rope_theta": 0], "rope_theta: found 0.0, expected more than 0"),
      ("esm2", ["vocab_list": ["A", "<cls>"]], "config.json: vocab_list: found no <pad>, expected <cls>"),
      (
        "regression", ["problem_type": "single_label_classification"],
        "problem_type: found \"single_label_classification\" with one label, expected \"regression\""
      ),
    ]
    for (name, fields, message) in cases {
      let model = try changed(name, fields)
      let ran = try Binary.run(["score", "--model", model], input: Data("MKT\n".utf8), environment: cache)
      #expect(ran.status == 1 && ran.output.isEmpty && ran.error.contains(message), "\(ran.error)")
    }
  }

  @Test("A vocab.txt that contradicts the configuration") func vocabulary() throws {
    let shuffled = try String(
      contentsOfFile: Fixtures.path("family/tokenizer/shuffled-vocab.txt"), encoding: .utf8)
    let standard = try String(
      contentsOfFile: Fixtures.path("family/tokenizer/standard-vocab.txt"), encoding: .utf8)
    let fasta = Data("MKT\n".utf8)
    for (text, status) in [(shuffled, 1), (standard + "\nAAAAAA\n", 1), (standard + "\n", 0), (standard, 0)] {
      let model = try changed("esm2", [:], vocabulary: text)
      let ran = try Binary.run(["score", "--model", model], input: fasta, environment: cache)
      #expect(ran.status == Int32(status), "\(ran.error)")
      #expect(status == 0 || ran.error.contains("model/vocab.txt: token"), "\(ran.error)")
      #expect(try Binary.run(["tokenize", "--model", model], input: fasta, environment: cache).status == Int32(status))
      try? FileManager.default.removeItem(atPath: scratch.path + "/cache")
    }
  }

  @Test("A result with other settings, or an unrelated file, is not taken for complete") func otherResults() throws {
    let file = try scratch.file("a.fasta", ">a\nMKTVRQ\n"), out = scratch.path + "/a.h5"
    func run(_ command: String, _ options: [String], to path: String) throws -> Binary.Ran {
      try Binary.run([command, file, "-o", path, "--model", Self.model("esm2")] + options, environment: cache)
    }
    for (command, options, others) in [
      ("embed", ["--pool", "mean"], ["--pool", "max"]), ("score", ["--all"], ["--all", "--method", "wt-marginals"]),
      ("contacts", ["--format", "h5"], ["--format", "h5", "--precision", "fp32", "--long", "windows"]),
    ] {
      #expect(try run(command, options, to: out).status == 0)
      let again = try run(command, options, to: out)
      #expect(again.status == 0 && again.error.contains("has the results of all records"), "\(again.error)")
      let other = try run(command, others, to: out)
      #expect(other.status == 1 && other.error.contains("a.h5: found results with other settings, expected the same"))
      #expect(try run(command, others + ["--overwrite"], to: out).status == 0)
      let foreign = try scratch.file("notes.h5", "not a result")
      let kept = try run(command, options, to: foreign)
      #expect(kept.status == 1 && kept.error.contains("notes.h5: found another file, expected none"), "\(kept.error)")
      #expect(try scratch.text("notes.h5") == "not a result")
      try FileManager.default.removeItem(atPath: out)
    }
    let onInput = try run("embed", [], to: file)
    #expect(onInput.status == 1 && onInput.error.contains("the output is also an input"))
  }

  @Test("A matrix of contacts needs a file") func matrix() throws {
    let model = ["--model", Self.model("esm2"), "--format", "h5"], input = Data("MKT\n".utf8)
    let none = try Binary.run(["contacts"] + model, input: input)
    #expect(none.status == 2 && none.error.contains("--output FILE.h5 is missing") && !none.error.contains("npy"))
    let pipe = try Binary.run(["contacts", "-o", "-"] + model, input: input)
    #expect(pipe.status == 2 && pipe.error.contains("expected a file: HDF5") && !pipe.error.contains("npy"))
    let file = try Binary.run(["contacts", "-o", scratch.path + "/c.h5"] + model, input: input)
    #expect(file.status == 0 && file.error.contains("predicted 1, failed 0"))
  }

  @Test("Devices and pipes are written to, never replaced") func devices() throws {
    let input = Data(">a\nMK<mask>VRQ\n".utf8), pipe = scratch.path + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let model = ["--model", Self.model("esm2")]
    for command in [["score"], ["fill"], ["contacts"], ["tokenize"], ["tokenize", "--save-vocabulary", pipe]] {
      let expected = try Binary.run(command.count > 1 ? ["tokenize"] : command + model, input: input)
      // Opened for reading without waiting for a writer; the output fits into the pipe.
      let reader = open(pipe, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      let ran = try Binary.run(command + model + (command.count > 1 ? [] : ["-o", pipe]), input: input)
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(reader, &bytes, bytes.count)
      let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      #expect(ran.status == 0 && (command.count > 1 ? text.hasPrefix("<cls>\n") : text == expected.output), "\(ran)")
    }
    // Standard output is a file here.
    let named = try Binary.run(["tokenize", "-o", "/dev/fd/1"], input: input)
    #expect(named.status == 0 && named.output == "a\t0 20 15 32 7 10 16 2\n", "\(named)")
    let refused = try Binary.run(["embed", "-", "-o", pipe, "--overwrite"] + model, input: input)
    #expect(refused.status == 1 && refused.error.contains("pipe: output: found a device or a pipe, expected a file"))
    var status = stat()
    #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    #expect(scratch.names("") == ["pipe"])
  }

  @Test("A run that cannot write its results leaves no seemingly complete file") func cutShort() throws {
    // The first record is within the limit, the maps of the second are not.
    let file = try scratch.file(
      "a.fasta", ">small\nMKT\n>large\n\(String(repeating: "MKTVRQ", count: 60))\n>last\nMK\n")
    let many = try scratch.file("many.fasta", Self.records(60))
    let model = " --model '\(Self.model("esm2"))'"
    func limited(_ command: String) throws -> Binary.Ran {
      // In units of 1024 bytes.
      let script = "ulimit -f 256; '\(Binary.path)' \(command)\(model)"
      return try Binary.run(["-c", script], executable: "/bin/bash", environment: cache)
    }
    _ = try Binary.run(["score", file, "--model", Self.model("esm2")], environment: cache)
    let out = scratch.path + "/a.h5"
    let embed = try limited("embed '\(file)' -o '\(out)' --include attentions")
    #expect(embed.status == 1 && embed.error.contains("a.h5.partial: cannot write: File too large"), "\(embed.error)")
    #expect(scratch.names("").filter { !$0.hasPrefix("cache") } == ["a.fasta", "a.h5.partial", "many.fasta"])
    // The same command continues where there is space.
    let rest = try Binary.run(
      ["embed", file, "-o", out, "--include", "attentions", "--model", Self.model("esm2")], environment: cache)
    #expect(rest.status == 0 && rest.error.contains("embedded 2, skipped 1, failed 0"), "\(rest.error)")
    let table = scratch.path + "/c.tsv"
    let contacts = try limited("contacts '\(many)' --min-probability 0 --min-separation 1 -o '\(table)'")
    #expect(contacts.status == 1 && contacts.error.contains("c.tsv: cannot write: File too large"))
    #expect(scratch.names("").filter { !$0.hasPrefix("cache") } == ["a.fasta", "a.h5", "many.fasta"])
  }

  @Test("Leftovers of killed runs are removed by the next one") func leftovers() throws {
    let file = try scratch.file("a.fasta", ">a\nMKTVRQ\n")
    let model = ["--model", Self.model("esm2")]
    _ = try scratch.file(".a.h5.part-1", "half a file")
    _ = try scratch.file(".b.h5.part-1", "of another result")
    _ = try scratch.file(".a.h5.part-x", "of something else")
    #expect(try Binary.run(["embed", file, "-o", scratch.path + "/a.h5"] + model).status == 0)
    #expect(scratch.names("") == [".a.h5.part-x", ".b.h5.part-1", "a.fasta", "a.h5"])
    let folder = scratch.path + "/out"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    _ = try scratch.file("out/.a.contacts.npy.part-77", "half a file")
    _ = try scratch.file("out/.a.pdb.part-77", "of a fold")
    #expect(try Binary.run(["embed", file, "-o", folder, "--format", "npy"] + model).status == 0)
    #expect(scratch.names("out") == [".a.pdb.part-77", "a.npy", "index.tsv", "settings.json"])
  }
}
