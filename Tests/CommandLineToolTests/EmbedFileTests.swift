// The files that `embed` and similar commands write, value by value against the reference's.

import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in a different order, relative to the largest magnitude.
private let tolerance: Float = 2e-5
/// A float16 has 11 bits.
private let halfTolerance: Float = 1e-3

/// The reference's values of one sequence of `family/esm2`.
struct ExpectedStates {
  static let width = 24
  let sequence: String
  let tokens: Int
  private let values: [String: [Float]]

  init(_ number: Int) throws {
    let file = try Safetensors(Fixtures.path("family/esm2/goldens.safetensors"))
    let vocabulary = try String(
      contentsOfFile: Fixtures.path("family/tokenizer/standard-vocab.txt"), encoding: .utf8
    ).split(separator: "\n").map(String.init)
    let ids = try #require(file.metadata["\(number).tokens"]).split(separator: " ").compactMap { Int($0) }
    sequence = ids.dropFirst().dropLast().map { vocabulary[$0] }.joined()
    tokens = ids.count
    values = Dictionary(
      uniqueKeysWithValues: try file.tensors().map { ($0.name.replacing("\(number).", with: ""), $0.floats()) })
  }

  var residues: Int { tokens - 2 }

  func array(_ name: String) throws -> [Float] { try #require(values[name]) }

  /// The rows of a state, including those of `<cls>` and `<eos>`.
  func rows(_ layer: Int) throws -> [[Float]] {
    let state = try array("hidden_states.\(layer)")
    return (0..<tokens).map { Array(state[$0 * Self.width..<($0 + 1) * Self.width]) }
  }

  /// The result of `--pool` for a state.
  func pooled(_ layer: Int, _ pool: String) throws -> FoundArray {
    let rows = try rows(layer), own = rows.dropFirst().dropLast()
    switch pool {
    case "none": return FoundArray(shape: [residues, Self.width], values: own.flatMap { $0 })
    case "cls": return FoundArray(shape: [Self.width], values: rows[0])
    case "max":
      return FoundArray(
        shape: [Self.width], values: (0..<Self.width).map { column in own.map { $0[column] }.max() ?? .nan })
    default:
      return FoundArray(
        shape: [Self.width],
        values: (0..<Self.width).map { column in
          Float(own.reduce(0) { $0 + Double($1[column]) } / Double(residues))
        })
    }
  }
}

func expectClose(
  _ found: FoundArray?, _ expected: FoundArray, _ what: String, _ relative: Float = 2e-5,
  _ place: SourceLocation = #_sourceLocation
) {
  #expect(found?.shape == expected.shape, "\(what)", sourceLocation: place)
  let closeness = Closeness(found?.values ?? [], expected.values)
  #expect(closeness.isWithin(relative: relative), "\(what): \(closeness)", sourceLocation: place)
}

@Suite(.timeLimit(minutes: 20)) struct EmbedFileTests {
  private static let names = ["first", "second", "third"]
  private let scratch: ScratchFolder
  private let expected: [ExpectedStates]

  init() throws {
    scratch = try ScratchFolder()
    // 37 residues, 9 with masks, 1.
    expected = try (0..<3).map { try ExpectedStates($0) }
  }

  private func run(_ options: [String], to out: String, command: String = "embed") throws -> Binary.Ran {
    let fasta = zip(Self.names, expected).map { ">\($0) of the \($0)\n\($1.sequence)\n" }.joined()
    let ran = try Binary.run(
      [command, "-", "-o", scratch.path + "/" + out, "--model", Fixtures.path("family/esm2")] + options,
      input: Data(fasta.utf8))
    #expect(ran.status == 0, "\(ran.error)")
    return ran
  }

  @Test("States of every layer and kind in HDF5", arguments: ["none", "mean", "max", "cls"])
  func h5(_ pool: String) throws {
    for (layers, indices) in [("last", [3]), ("all", [0, 1, 2, 3]), ("-2,0", [0, 2])] {
      let name = "\(layers).h5"
      _ = try run(["--pool", pool, "--layers", layers], to: name)
      let file = try ArrayReader(scratch.path + "/" + name)
      for (record, values) in zip(Self.names, expected) {
        let found = try file.arrays("/\(record)/representations")
        #expect(found.keys.sorted() == indices.map(String.init))
        for layer in indices {
          expectClose(found["\(layer)"], try values.pooled(layer, pool), "\(record), layer \(layer), \(pool)")
        }
        #expect(try file.attribute("original_id", of: "/\(record)") == "\(record) of the \(record)")
        #expect(try file.attribute("sequence", of: "/\(record)") == values.sequence)
      }
    }
    // A mean that includes <cls> or <eos>, or another layer's state, differs.
    let others = try [("mean", 3), ("max", 3), ("cls", 3), ("mean", 2)].map { try expected[1].pooled($1, $0).values }
    for (index, one) in others.enumerated() {
      for other in others[..<index] { #expect(!Closeness(one, other).isWithin(relative: 100 * tolerance)) }
    }
  }

  @Test("States of every layer and kind as NumPy files", arguments: ["none", "mean", "max", "cls"])
  func npy(_ pool: String) throws {
    for (layers, indices) in [("last", [3]), ("3,0,-3", [0, 1, 3])] {
      _ = try run(["--pool", pool, "--layers", layers, "--format", "npy"], to: layers)
      let rows = summaryRows(try scratch.text("\(layers)/index.tsv"))
      for (index, (record, values)) in zip(Self.names, expected).enumerated() {
        let found = try NumpyReader.read(scratch.path + "/\(layers)/\(record).npy")
        let states = try indices.map { try values.pooled($0, pool) }
        let shape = (indices.count > 1 ? [indices.count] : []) + states[0].shape
        expectClose(
          found, FoundArray(shape: shape, values: states.flatMap(\.values)), "\(record), \(layers), \(pool)")
        #expect(
          rows[index] == [
            record, "representations", "\(record).npy", shape.map(String.init).joined(separator: ","), "float32",
            values.sequence, "\(record) of the \(record)",
          ])
      }
    }
  }

  @Test("Contacts, logits and attentions", arguments: ["h5", "npy"]) func extras(_ format: String) throws {
    _ = try run(["--include", "logits,attentions,contacts", "--format", format, "--pool", "mean"], to: "out")
    for (record, values) in zip(Self.names, expected) {
      let n = values.residues, t = values.tokens
      let wanted: [String: FoundArray] = [
        "contacts": FoundArray(shape: [n, n], values: try values.array("contacts")),
        "logits": FoundArray(shape: [n, 33], values: Array(try values.array("logits").dropFirst(33).dropLast(33))),
        "attentions": FoundArray(shape: [3, 3, t, t], values: try values.array("attentions")),
      ]
      for (name, array) in wanted {
        expectClose(try extra(format, record, name), array, "\(record): \(name)")
      }
      // The maps are not symmetric, so that swapped rows and columns show.
      let maps = try values.array("attentions")
      if t > 3 { #expect(abs(maps[1] - maps[t]) > 100 * tolerance) }
    }
  }

  /// One of the arrays of a record.
  private func extra(_ format: String, _ record: String, _ name: String) throws -> FoundArray {
    if format == "npy" { return try NumpyReader.read(scratch.path + "/out/\(record).\(name).npy") }
    let reader = try ArrayReader(scratch.path + "/out")
    return try reader.array("/\(record)", name)
  }

  @Test("Half precision is the same values, rounded", arguments: ["h5", "npy"]) func half(_ format: String) throws {
    _ = try run(["--dtype", "float16", "--format", format], to: "out")
    for (record, values) in zip(Self.names, expected) {
      let found =
        format == "npy"
        ? try NumpyReader.read(scratch.path + "/out/\(record).npy")
        : try ArrayReader(scratch.path + "/out").array("/\(record)/representations", "3")
      expectClose(found, try values.pooled(3, "none"), record, halfTolerance)
      #expect(found.values != (try values.pooled(3, "none").values))
    }
  }

  @Test("A file's settings are those of its run") func settings() throws {
    _ = try run(["--layers", "0,-1", "--pool", "max", "--dtype", "float16", "--include", "logits"], to: "a.h5")
    let file = try ArrayReader(scratch.path + "/a.h5")
    let text = try #require(try file.attribute("settings"))
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    var settings = try #require(read)
    let digest = try #require(settings.removeValue(forKey: "model_sha256") as? String)
    #expect(digest.wholeMatch(of: /[0-9a-f]{64}/) != nil)
    let expected: NSDictionary = [
      "model": "esm2", "layers": [0, 3], "pool": "max", "dtype": "float16", "include": ["logits"],
      "precision": "fp32", "long": "error",
    ]
    #expect(settings as NSDictionary == expected, "\(text)")
    #expect(try file.attribute("program")?.hasPrefix("esmfold ") == true)
    // Each of them changes the result.
    for options in [["--layers", "0"], ["--pool", "mean"], ["--dtype", "float32"], ["--include", "contacts"]] {
      let first = ["--layers", "0,-1", "--pool", "max", "--dtype", "float16", "--include", "logits"]
      let ran = try Binary.run(
        ["embed", "-", "-o", scratch.path + "/a.h5", "--model", Fixtures.path("family/esm2")] + first + options,
        input: Data(">a\nMK\n".utf8))
      #expect(ran.status == 1 && ran.error.contains("found results with other settings"), "\(options)")
    }
  }

  @Test("contacts writes the reference's probabilities") func contacts() throws {
    _ = try run(["--format", "h5"], to: "out", command: "contacts")
    for (record, values) in zip(Self.names, expected) {
      let n = values.residues
      let found = try extra("h5", record, "contacts")
      expectClose(found, FoundArray(shape: [n, n], values: try values.array("contacts")), record)
      let file = try ArrayReader(scratch.path + "/out")
      #expect(try file.attribute("sequence", of: "/\(record)") == values.sequence)
    }
  }

  @Test("score --all writes the reference's log-odds", arguments: ["masked-marginals", "wt-marginals"])
  func scan(_ method: String) throws {
    let sequence = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELS", letters = Array("ACDEFGHIKLMNPQRSTVWY")
    let ids = Dictionary(uniqueKeysWithValues: zip("LAGVSERTIDPKQNFYMHWC", 4...))
    let file = try Safetensors(Fixtures.path("family/esm2/scores.safetensors"))
    let rows = try #require(try file.tensors().first { $0.name == method }).floats()
    let ran = try Binary.run(
      [
        "score", "-", "-o", scratch.path + "/out.h5", "--all", "--method", method, "--model",
        Fixtures.path("family/esm2"),
      ], input: Data(">wt\n\(sequence)\n".utf8))
    #expect(ran.status == 0, "\(ran.error)")
    let values = sequence.enumerated().flatMap { row, wildType in
      letters.map { rows[row * 33 + (ids[$0] ?? 0)] - rows[row * 33 + (ids[wildType] ?? 0)] }
    }
    let found = try ArrayReader(scratch.path + "/out.h5").array("/wt", "scores")
    expectClose(found, FoundArray(shape: [33, 20], values: values), method)
  }
}
