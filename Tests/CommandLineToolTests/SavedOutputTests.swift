// `fold --save-tensors` with and without a list: what is in the files, what later runs make of them, and wrong lists.

import Foundation
import Tensors
import TestSupport
import Testing
import Weights

@Suite(.timeLimit(minutes: 20)) struct SavedOutputTests {
  private let scratch: ScratchFolder
  private static let model = Fixtures.path("folding/folding-d")

  init() throws { scratch = try ScratchFolder() }

  private static let all = Set(
    """
    frames sidechain_frames unnormalized_angles angles positions states s_s s_z distogram_logits lm_logits aatype
    atom14_atom_exists residx_atom14_to_atom37 residx_atom37_to_atom14 atom37_atom_exists residue_index lddt_head plddt
    ptm_logits ptm aligned_confidence_probs predicted_aligned_error max_predicted_aligned_error
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  private static let plain: Set = [
    "positions", "plddt", "ptm", "predicted_aligned_error", "distogram_logits", "angles", "frames", "s_s", "s_z",
    "lm_logits", "aatype", "residue_index",
  ]

  private var tensors: String { scratch.path + "/out/a.tensors.h5" }

  private func fold(_ options: String..., sequence: String = "MWXKY") throws -> Binary.Ran {
    let file = try scratch.file("in.fasta", ">a\n\(sequence)\n")
    return try Binary.run(
      ["fold", file, "-o", scratch.path + "/out", "--model", Self.model] + options,
      environment: ["ESMFOLD_CACHE": scratch.path + "/cache"])
  }

  private func names() throws -> Set<String> { Set(try ArrayReader(tensors).arrays("/").keys) }

  @Test("All outputs have the reference's names, shapes, types and values") func everything() throws {
    let golden = try Safetensors(Fixtures.path("folding/folding-d/outputs-5.safetensors"))
    let ran = try fold("--save-tensors=all")
    #expect(ran.status == 0, "\(ran.error)")
    let reader = try ArrayReader(tensors), found = try reader.arrays("/")
    let known = Set(try golden.tensors().map(\.name))
    #expect(Set(found.keys) == Self.all && known == Self.all)
    for tensor in try golden.tensors() {
      let array = try #require(found[tensor.name])
      #expect(array.shape == tensor.shape, "\(tensor.name)")
      let values = tensor.name == "plddt" ? array.values.map { $0 / 100 } : array.values
      let closeness = Closeness(values, tensor.floats())
      #expect(closeness.isWithin(relative: 2e-4), "\(tensor.name): \(closeness)")
    }
    #expect(try reader.attribute("iterations") == "2" && reader.attribute("sequence") == "MWXKY")
    #expect(try reader.attribute("unit", of: "positions") == "Å" && reader.attribute("unit", of: "plddt") == "0-100")
    // The last iteration is the plain file's.
    let last = try #require(found["positions"]).values.suffix(5 * 14 * 3)
    #expect(try fold("--save-tensors", "--overwrite").status == 0)
    let plain = try ArrayReader(tensors).arrays("/")
    #expect(plain["positions"] == FoundArray(shape: [5, 14, 3], values: Array(last)))
    #expect(plain["angles"]?.shape == [5, 7, 2] && plain["frames"]?.shape == [5, 7])
    #expect(try Set(plain.keys) == Self.plain && ArrayReader(tensors).attribute("iterations") == nil)
  }

  @Test(
    "A list has what it names",
    arguments: [
      ("states", ["states"]), ("s_s,s_s,lddt_head", ["s_s", "lddt_head"]),
      ("all,-s_z,-ptm_logits", Array(all.subtracting(["s_z", "ptm_logits"]))), ("s_s,all", Array(all)),
      ("ptm,s_s,-s_s", ["ptm"]),
    ])
  func lists(_ list: String, _ expected: [String]) throws {
    #expect(try fold("--save-tensors=\(list)").status == 0)
    #expect(try names() == Set(expected))
    #expect(try fold("--save-tensors=\(list)").error.contains("folded 0, skipped 1"))
    // The structure alone is there as well.
    #expect(try fold().error.contains("folded 0, skipped 1"))
  }

  @Test("What a file lacks is added to what it has") func additions() throws {
    #expect(try fold("--save-tensors=states").status == 0)
    let states = try ArrayReader(tensors).array("/", "states")
    let more = try fold("--save-tensors=lddt_head,ptm")
    #expect(more.status == 0 && more.error.contains("folded 1, skipped 0"), "\(more.error)")
    #expect(try names() == ["states", "lddt_head", "ptm"])
    #expect(try ArrayReader(tensors).array("/", "states") == states)
    #expect(try fold("--save-tensors=ptm").error.contains("folded 0, skipped 1"))
    #expect(try fold("--save-tensors=all").error.contains("folded 1, skipped 0"))
    #expect(try names() == Self.all)
    let before = try Data(contentsOf: URL(fileURLWithPath: tensors))
    // The last iteration alone is another file.
    let plain = try fold("--save-tensors")
    #expect(plain.status == 1)
    #expect(
      plain.error.contains(
        "a.tensors.h5: found the outputs of all iterations (--save-tensors=all, or a list), expected those of the last")
    )
    #expect(plain.error.contains("\nhint: choose another output, or --overwrite to replace it"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: tensors)) == before)
    #expect(try fold("--save-tensors=states", "--overwrite").status == 0)
    #expect(try names() == ["states"])
  }

  @Test("A file of the last iteration is replaced by one that has more") func plainFirst() throws {
    #expect(try fold("--save-tensors").status == 0)
    #expect(try fold("--save-tensors").error.contains("folded 0, skipped 1"))
    #expect(try fold("--save-tensors=states").error.contains("folded 1, skipped 0"))
    #expect(try names() == Self.plain.union(["states"]))
    // Another protein's is not.
    let other = try fold("--save-tensors=states", sequence: "MWXKW")
    #expect(other.status == 1 && other.error.contains("found the fold of another sequence"))
  }

  @Test(
    "A wrong list is a usage error",
    arguments: [
      ("sidechain_frame", "\"sidechain_frame\" is none\nhint: did you mean sidechain_frames?"),
      ("s_s,postions", "\"postions\" is none\nhint: did you mean positions?"),
      ("all,-s-z", "\"s-z\" is none\nhint: did you mean s_z?"), ("ALL", "\"ALL\" is none\nhint: "),
      ("", "\"\" is none\nhint: esmfold help output lists them"), ("s_s,", "\"\" is none"),
      ("s_s, s_z", "\" s_z\" is none"),
      ("distance", "\"distance\" is none\nhint: esmfold help output lists them"),
      ("-s_s", "at least one output; the list leaves out all"), ("all=1", "\"all=1\" is none"),
      ("\u{1B}[31m", "\"\\u{1B}[31m\" is none"),
    ])
  func wrong(_ list: String, _ message: String) throws {
    let ran = try fold("--save-tensors=\(list)")
    #expect(ran.status == 2 && ran.error.contains(message), "\(ran.error)")
    #expect(ran.error.contains("--save-tensors: found ") && !ran.error.contains("\u{1B}"))
    #expect(scratch.names() == ["in.fasta"])
  }

  @Test("A file after the option is a file") func fileAfterOption() throws {
    let file = try scratch.file("in.fasta", ">a\nMWXKY\n")
    let words = ["fold", "-o", scratch.path + "/out", "--model", Self.model, "--save-tensors"]
    let cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    #expect(try Binary.run(words + [file], environment: cache).status == 0)
    #expect(try names() == Self.plain)
    try FileManager.default.removeItem(atPath: scratch.path + "/out")
    // There is no file of this name: the value was meant.
    for (list, count) in [("s_s,states", 2), ("all", Self.all.count)] {
      let ran = try Binary.run(words + [list, file], environment: cache)
      #expect(ran.status == 0, "\(ran.error)")
      #expect(try names().count == count, "\(list)")
      try FileManager.default.removeItem(atPath: scratch.path + "/out")
    }
    let missing = try Binary.run(words + ["al"], environment: cache)
    #expect(missing.status == 1 && missing.error.contains("al: "))
  }

  @Test("The plan says what all outputs take") func plan() throws {
    let ran = try Binary.run(["info", "--length", "500", "--model", "demo"])
    func size(_ name: String) throws -> Double {
      let line = try #require(ran.output.split(separator: "\n").first { $0.contains(name + " ") })
      let number = try #require(line.split(separator: " ").suffix(2).first)
      return try #require(Double(number))
    }
    #expect(try size("in all with --save-tensors=all") > size("in all with --save-tensors"))
  }
}
