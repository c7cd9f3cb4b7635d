// `esmfold weights list`, `info`, `verify`, `export` and `remove`, as a user runs them.

import Foundation
import Platform
import Tensors
import TestSupport
import Testing
import Weights

@Suite(.timeLimit(minutes: 20)) struct CatalogBinaryTests {
  private let scratch: ScratchFolder
  private var cachePath: String { scratch.path + "/cache" }

  init() throws {
    scratch = try ScratchFolder()
    try FileManager.default.createDirectory(atPath: cachePath, withIntermediateDirectories: true)
  }

  private func weights(_ words: String...) throws -> Binary.Ran {
    try Binary.run(["weights"] + words, environment: ["ESMFOLD_CACHE": cachePath])
  }

  /// Imports fixtures under the last component of their name.
  private func importing(_ fixtures: String...) throws {
    for fixture in fixtures {
      let ran = try weights("import", Fixtures.path(fixture))
      #expect(ran.status == 0, "\(ran.error)")
    }
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(cachePath)/\(name)"))
  }

  /// Changes one byte in the middle of a tensor of a cached model.
  private func damage(_ file: String, _ tensor: String) throws {
    let mapped = try MappedFile("\(cachePath)/\(file)")
    let datasets = try HDF5File(image: mapped.bytes, owner: mapped, path: file).datasets(in: "tensors")
    let place = try #require(datasets.first { $0.name == tensor })
    var content = try bytes(file)
    content[place.offset + 6] ^= 0x10
    _ = try scratch.file("cache/\(file)", content)
  }

  // MARK: list

  @Test("The list describes each model and warns about unusable ones") func list() throws {
    #expect(try weights("list").error == "no models in \(cachePath)\n")
    try importing("folding/folding-a", "family/esm2", "family/tokens")
    _ = try scratch.file("cache/short.h5", bytes("esm2.h5").dropLast(9))
    _ = try scratch.file(
      "cache/foreign.h5", Data(contentsOf: URL(fileURLWithPath: Fixtures.path("weights/foreign.h5"))))
    _ = try scratch.file("cache/.esm2.h5.part-1", "x")
    let text = try weights("list")
    #expect(text.status == 0)
    let lines = text.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 6 && lines[0].split(separator: " ") == ["name", "kind", "size", "imported", "source"])
    #expect(lines[1].contains("masked language model") && lines[1].hasSuffix("family/esm2"))
    #expect(lines[2].contains("folding") && lines[2].hasSuffix("folding/folding-a"))
    #expect(lines[5].contains("token classifier"))
    #expect(text.error.contains("warning: \(cachePath)/short.h5: size: found "))
    #expect(text.error.contains("warning: \(cachePath)/foreign.h5: found an HDF5 file of another program"))
    #expect(text.error.contains("warning: \(cachePath)/.esm2.h5.part-1: found the leftover of a killed import"))

    let table = try weights("list", "--format", "tsv").output.split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    #expect(table[0] == ["name", "kind", "bytes", "imported", "source", "file", "problem"])
    #expect(table.map { $0[0] } == ["name", "esm2", "folding-a", "foreign", "short", "tokens"].sortedLikeTheList())
    for row in table.dropFirst() {
      let size = try bytes("\(row[0]).h5").count
      #expect(row.count == 7 && row[2] == "\(size)")
      #expect(row[5] == "\(cachePath)/\(row[0]).h5")
      let isUsable = row[0] != "foreign" && row[0] != "short"
      #expect((row[6] == "NA") == isUsable && (row[1] == "NA") != isUsable)
    }
  }

  // MARK: info

  @Test("info lists every tensor of the file") func tensors() throws {
    try importing("family/esm2")
    let text = try weights("info", "esm2", "--tensors").output
    let table = try weights("info", "esm2", "--tensors", "--format=tsv").output.split(separator: "\n")
      .map { $0.split(separator: "\t").map(String.init) }
    let original = try Safetensors(Fixtures.path("family/esm2/model.safetensors")).tensors()
    #expect(table[0] == ["name", "dtype", "shape", "bytes", "sha256"])
    #expect(table.count == original.count + 1)
    for tensor in original {
      let row = try #require(table.first { $0[0] == tensor.name })
      var digest = RunningDigest()
      digest.update(tensor.bytes)
      let sha256 = digest.finish().hexadecimal
      let shape = tensor.shape.isEmpty ? "scalar" : tensor.shape.map(String.init).joined(separator: "x")
      #expect(row.dropFirst() == [tensor.elementType.rawValue, shape, "\(tensor.byteCount)", sha256])
      #expect(text.contains("\n\(tensor.name) "))
    }
    let facts = try weights("info", "esm2", "--format", "tsv").output
    let header = try WeightCache.header(of: "\(cachePath)/esm2.h5")
    for file in header.sources { #expect(facts.contains("\(file.name)\t") && facts.contains("sha256 \(file.sha256)")) }
  }

  // MARK: verify

  @Test("verify names the damaged tensors and no others") func damage() throws {
    try importing("family/esm2", "folding/folding-a")
    let whole = try weights("verify", "esm2")
    #expect(whole.status == 0 && whole.output.contains(/^esm2: 61 tensors, 5[89]\.\d KiB: as imported\n$/))
    #expect(
      whole.error == "the files that it was imported from have kept size and time; --source compares their content\n")
    let damaged = ["esm.encoder.layer.1.output.dense.weight", "lm_head.bias"]
    for tensor in damaged { try damage("esm2.h5", tensor) }
    let ran = try weights("verify", "esm2")
    #expect(ran.status == 1 && ran.output.contains(/^esm2: 61 tensors, 5[89]\.\d KiB: 2 faults\n$/))
    let errors = ran.error.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    #expect(errors.count == 2 && ran.error.split(separator: "\n").filter { $0.hasPrefix("hint: ") }.count == 1)
    for (error, tensor) in zip(errors.sorted(), damaged.sorted()) {
      #expect(error.hasPrefix("error: \(cachePath)/esm2.h5: \(tensor): sha256: found "))
    }
    // The other model is unchanged, also when given by its path.
    #expect(try weights("verify", "\(cachePath)/folding-a.h5", "--quiet").output.hasSuffix(": as imported\n"))
  }

  @Test("verify checks the sources on request") func sources() throws {
    let model = scratch.path + "/model"
    try FileManager.default.copyItem(atPath: Fixtures.path("family/esm2"), toPath: model)
    #expect(try weights("import", model).status == 0)
    let same = try weights("verify", "model", "--source")
    #expect(same.status == 0 && same.error.contains("model.safetensors: content as when it was imported"))
    var content = try Data(contentsOf: URL(fileURLWithPath: model + "/model.safetensors"))
    content[content.count - 1] ^= 1
    _ = try scratch.file("model/model.safetensors", content)
    // The cache is still intact: a changed source gives a warning, or an error if checking it was requested.
    let changed = try weights("verify", "model")
    #expect(changed.status == 0 && changed.error.contains("warning: \(model)/model.safetensors: found another time"))
    let compared = try weights("verify", "model", "--source")
    #expect(compared.status == 1 && compared.error.contains("error: \(model)/model.safetensors: found sha256 "))
    #expect(compared.output.hasSuffix(": as imported\n"))
    try FileManager.default.removeItem(atPath: model)
    let gone = try weights("verify", "model")
    #expect(gone.status == 0 && gone.error == "the files that it was imported from no longer exist\n")
    #expect(try weights("verify", "model", "--source").status == 1)
  }

  @Test("verify of files without digests, truncated or without the mark") func unusable() throws {
    let demo = try weights("verify", "demo")
    #expect(demo.status == 0 && demo.error.isEmpty)
    #expect(demo.output.hasSuffix(": finite numbers that fit the configuration\n"))
    let early = try weights("verify", Fixtures.path("weights/cache.h5"))
    #expect(early.error.contains("found no digests of tensors"))
    // Nor does its configuration match any model.
    #expect(early.status == 1 && early.output.hasSuffix(": 1 fault\n"))
    try importing("family/esm2")
    let whole = try bytes("esm2.h5")
    _ = try scratch.file("cache/short.h5", whole.prefix(whole.count / 2))
    let short = try weights("verify", "short")
    #expect(short.status == 1 && short.output.isEmpty && short.error.contains("the file ends too early"))
    #expect(try weights("verify", "no-such").status == 2)
    #expect(try weights("verify").status == 2)
  }

  @Test("verify --published runs the model and compares, whatever its name is") func published() throws {
    let demo = try weights("verify", "demo", "--published")
    let lines = demo.output.split(separator: "\n").map(String.init)
    #expect(demo.status == 0 && lines.count == 4, "\(demo)")
    #expect(lines[1].contains(/^published for demo +expected +within +found +verdict$/))
    #expect(
      lines[2].contains(/^mean pLDDT over atoms, 21 residues GIVEQCC... +96\.1277 +0\.01 +96\.1\d{3} +as published$/))
    #expect(lines[3].contains(/4\.8154 -8\.317 -4\.1878 +0\.002 +4\.81\d\d -8\.31\d\d -4\.18\d\d +as published$/))
    #expect(
      try weights("verify", "demo", "--published", "--verbose").error.contains("published by transformers 5.23.0"))

    let out = scratch.path + "/mine"
    #expect(try weights("export", "demo", "-o", out).status == 0)
    #expect(try weights("import", out).status == 0)
    let same = try weights("verify", "mine", "--published", "--threads", "2")
    #expect(same.status == 0 && same.output.hasSuffix(lines[1...].joined(separator: "\n") + "\n"), "\(same)")
    // One number of another model of the same configuration: nothing is wrong with the file.
    let path = out + "/model.safetensors", name = "trunk.structure_module.bb_update.linear.bias"
    var content = try Data(contentsOf: URL(fileURLWithPath: path))
    let tensor = try #require(try Safetensors(path).tensors().first { $0.name == name })
    // In a checkpoint, tensors follow the header without gaps; this one is 12 bytes of float16.
    #expect(tensor.byteCount == 12)
    let place = try #require(content.range(of: Data(tensor.bytes)))
    content.replaceSubrange(place.lowerBound + 6..<place.lowerBound + 8, with: [0x00, 0x3C])
    try FileManager.default.copyItem(atPath: out, toPath: scratch.path + "/altered")
    _ = try scratch.file("altered/model.safetensors", content)
    #expect(try weights("import", scratch.path + "/altered").status == 0)
    #expect(try weights("verify", "altered").status == 0)
    let altered = try weights("verify", "altered", "--published")
    #expect(altered.status == 1 && altered.output.components(separatedBy: " off\n").count == 3, "\(altered)")
    #expect(altered.error.contains("error: altered: published values of demo: found 2 of 2 off, expected all within"))
    #expect(altered.error.contains("\nhint: other weights than the published ones give other numbers"))
    // What is damaged is not run, and what nothing was published for is not read.
    try damage("mine.h5", name)
    let damaged = try weights("verify", "mine", "--published")
    #expect(damaged.status == 1 && damaged.output.hasSuffix(": 1 fault\n"))
    try importing("family/esm2")
    let unknown = try weights("verify", "esm2", "--published")
    #expect(unknown.status == 1 && unknown.output.isEmpty, "\(unknown)")
    #expect(unknown.error.contains("esm2: published values: found none for a model of its configuration, expected"))
    #expect(unknown.error.contains("esmfold_v1, esm2_t6_8M_UR50D, demo"))
  }

  // MARK: export

  @Test("An export reads as the model that it was made from") func export() throws {
    try importing("family/esm1b", "folding/folding-a")
    for name in ["esm1b", "folding-a"] {
      let out = scratch.path + "/hf/\(name)"
      let ran = try weights("export", name, "-o", out)
      #expect(ran.status == 0 && ran.output == "\(out)/model.safetensors\n", "\(ran.error)")
      #expect(
        scratch.names("hf/\(name)") == [
          "config.json", "model.safetensors", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt",
        ])
      #expect(try weights("import", out, "--name", "again").status == 0)
      let first = try weights("info", name, "--tensors", "--format", "tsv").output
      #expect(try weights("info", "again", "--tensors", "--format", "tsv").output.rows() == first.rows())
    }
    // Learned positions are limited, and the tokenizer gets the limit.
    #expect(try scratch.text("hf/esm1b/tokenizer_config.json").contains(#""model_max_length":41"#))
    #expect(try scratch.text("hf/folding-a/vocab.txt").hasPrefix("<cls>\n<pad>\n"))
  }

  @Test("An export replaces nothing unless told to") func exportRefusals() throws {
    try importing("family/esm2")
    let out = scratch.path + "/out"
    #expect(try weights("export", "esm2", "-o", "-").status == 2)
    #expect(try weights("export", "esm2").status == 2)
    #expect(try weights("export", "esm2", "-o", out).status == 0)
    let again = try weights("export", "esm2", "-o", out)
    #expect(again.status == 1 && again.error.contains("found an existing file"))
    #expect(again.error.hasSuffix("hint: --overwrite replaces it\n"))
    #expect(try weights("export", "esm2", "-o", out, "--overwrite").status == 0)
    #expect(try weights("export", "esm2", "-o", scratch.file("file", "x")).status == 1)
    try damage("esm2.h5", "lm_head.bias")
    let damaged = try weights("export", "esm2", "-o", scratch.path + "/other")
    #expect(damaged.status == 1 && damaged.error.contains("lm_head.bias: sha256"))
    #expect(scratch.names("other").isEmpty)
  }

  // MARK: remove

  @Test("remove removes what it may, reports it, and continues after errors") func remove() throws {
    try importing("family/esm2", "family/esm1b")
    let ran = try weights("remove", "esm3", "demo", "esm2", "../cache/esm1b")
    #expect(ran.status == 1)
    #expect(ran.output.hasPrefix("removed \(cachePath)/esm2.h5 (") && ran.output.hasSuffix(" KiB)\n"))
    #expect(ran.error.contains(#"found no model "esm3" in \#(cachePath)"#) && ran.error.contains("did you mean esm2?"))
    #expect(ran.error.contains("demo: found the model inside the program"))
    #expect(scratch.names("cache") == ["esm1b.h5"])
    #expect(try weights("remove", "esm1b").status == 0)
    #expect(scratch.names("cache").isEmpty)
    #expect(try weights("remove").status == 2)
  }
}

extension [String] {
  /// Names below the table's header, sorted.
  fileprivate func sortedLikeTheList() -> [String] { Array(prefix(1)) + dropFirst().sorted() }
}

extension String {
  /// The lines in any order.
  fileprivate func rows() -> [Substring] { split(separator: "\n").sorted() }
}
