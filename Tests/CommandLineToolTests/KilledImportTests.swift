// Imports killed at any moment: their leftovers are never taken for a model, and do not stay forever.

import Foundation
import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights

@Suite(.timeLimit(minutes: 20)) struct KilledImportTests {
  private let scratch: ScratchFolder
  private var cachePath: String { scratch.path + "/cache" }

  init() throws {
    scratch = try ScratchFolder()
  }

  private func weights(_ words: String...) throws -> Binary.Ran {
    try Binary.run(["weights"] + words, environment: ["ESMFOLD_CACHE": cachePath])
  }

  /// The language model of the fixture `esm2` made wider, with random weights: 85 MB, so that an import takes time.
  private func writeModel(to folder: String) throws {
    let widths = [24: 768, 40: 3072, 4: 128]
    var fields = try String(contentsOfFile: Fixtures.path("family/esm2/config.json"), encoding: .utf8)
    for (name, small) in [("hidden_size", 24), ("intermediate_size", 40)] {
      fields = fields.replacingOccurrences(of: "\"\(name)\": \(small)", with: "\"\(name)\": \(widths[small] ?? 0)")
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try fields.write(toFile: folder + "/config.json", atomically: false, encoding: .utf8)

    var numbers = RandomNumbers(seed: 3)
    var header = "{", data = Data()
    for tensor in try Safetensors(Fixtures.path("family/esm2/model.safetensors")).tensors() {
      try #require(tensor.elementType == .float32)
      let shape = tensor.shape.map { widths[$0] ?? $0 }, start = data.count
      let values = (0..<shape.reduce(1, *)).map { _ in
        // Any sign and fraction, a small exponent.
        UInt32(truncatingIfNeeded: numbers.next()) & 0x807F_FFFF | 0x3C00_0000
      }
      values.withUnsafeBytes { data.append(contentsOf: $0) }
      header += header == "{" ? "" : ","
      header += #""\#(tensor.name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(start),\#(data.count)]}"#
    }
    header += "}"
    var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    file.append(contentsOf: header.utf8)
    try (file + data).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
  }

  @Test("An import killed at any moment leaves no model, and the next one cleans up") func kills() throws {
    let model = scratch.path + "/big"
    try writeModel(to: model)
    let start = Date()
    #expect(try weights("import", model).status == 0)
    var duration = Date().timeIntervalSince(start)
    #expect(try weights("verify", "big").status == 0)
    #expect(try weights("remove", "big").status == 0)

    let seed = UInt64.random(in: 0...UInt64.max)
    var numbers = RandomNumbers(seed: seed)
    var kills = 0, leftovers = 0, attempts = 0
    while kills < 10, attempts < 100 {
      attempts += 1
      let left = scratch.names("cache")
      let started = try Binary.Started(["weights", "import", model], environment: ["ESMFOLD_CACHE": cachePath])
      usleep(UInt32(Double.random(in: 0..<duration, using: &numbers) * 1e6))
      started.send(SIGKILL)
      // An import that finished before the kill does not count; the first one may have had a slower disk.
      if started.ended().status == nil { kills += 1 } else { duration *= 0.9 }
      let names = scratch.names("cache")
      if names.contains("big.h5") {
        #expect(try weights("verify", "big").output.hasSuffix(": as imported\n"), "seed \(seed)")
        #expect(try weights("remove", "big").status == 0, "seed \(seed)")
      }
      // An import that got as far as its own file has removed that of the previous one.
      let parts = names.filter { $0.contains(".part-") }
      #expect(parts.count <= 1 || parts == left, "seed \(seed): \(parts) after \(left)")
      guard let part = parts.last else { continue }
      leftovers += 1
      #expect(try weights("list").error.contains("found the leftover of a killed import"), "seed \(seed)")
      guard leftovers % 2 == 0 else { continue }
      // Even under the name of a model it is not one, unless only the name was missing.
      rename("\(cachePath)/\(part)", "\(cachePath)/killed.h5")
      let verified = try weights("verify", "killed")
      #expect(verified.status == 1 || verified.output.hasSuffix(": as imported\n"), "seed \(seed): \(verified.error)")
      unlink("\(cachePath)/killed.h5")
    }
    #expect(kills == 10 && leftovers > 0, "seed \(seed)")

    _ = try scratch.file("cache/.another.h5.part-1", "x")
    #expect(try weights("import", model).status == 0)
    #expect(scratch.names("cache") == ["big.h5"])
    #expect(try weights("verify", "big").status == 0)
  }

  @Test("A file without the mark of a finished import is not a model") func withoutMark() throws {
    try FileManager.default.createDirectory(atPath: cachePath, withIntermediateDirectories: true)
    let part = try UnfinishedFile(for: "\(cachePath)/m.h5")
    var writer = HDF5Writer(part)
    let root = try writer.addGroup(
      [],
      attributes: [
        HDF5Attribute("format", .text("esmfold weights")),
        HDF5Attribute("format_version", .integer(WeightCache.version)),
      ])
    try writer.finish(root: root)
    try part.commit()
    for words in [["verify", "m"], ["info", "m"], ["export", "m", "-o", scratch.path + "/out"]] {
      let ran = try Binary.run(["weights"] + words, environment: ["ESMFOLD_CACHE": cachePath])
      #expect(ran.status == 1 && ran.error.contains("found a model whose import did not finish"), "\(words)")
    }
    let list = try weights("list")
    #expect(list.status == 0 && list.error.contains("warning: \(cachePath)/m.h5: found a model whose import did not"))
    #expect(try weights("remove", "m").status == 0)
  }

  @Test("An interrupted export leaves nothing, and the next one is complete") func stoppedExport() throws {
    let model = scratch.path + "/big", out = scratch.path + "/out"
    try writeModel(to: model)
    #expect(try weights("import", model).status == 0)
    for signal in [SIGTERM, SIGKILL] {
      let words = ["weights", "export", "big", "-o", out, "--overwrite"]
      var status: Int32? = 0
      // On a busy machine an export may finish before the signal arrives.
      for _ in 0..<50 where status == 0 {
        try? FileManager.default.removeItem(atPath: out)
        let started = try Binary.Started(words, environment: ["ESMFOLD_CACHE": cachePath])
        started.wait { scratch.names("out").contains { $0.hasPrefix(".model") } }
        started.send(signal)
        status = started.ended().status
      }
      #expect(status == (signal == SIGTERM ? 143 : nil))
      let names = scratch.names("out")
      #expect(!names.contains("model.safetensors"))
      if signal == SIGTERM { #expect(names.isEmpty) }
    }
    #expect(try weights("export", "big", "-o", out).status == 0)
    #expect(scratch.names("out").filter { $0.hasPrefix(".") }.isEmpty)
    #expect(try weights("import", out, "--name", "again").status == 0)
    let tables = try ["big", "again"].map { try weights("info", $0, "--tensors", "--format", "tsv").output }
    #expect(tables[0].split(separator: "\n").sorted() == tables[1].split(separator: "\n").sorted())
  }

  @Test("Concurrent imports of the same model all succeed") func atOnce() throws {
    let model = scratch.path + "/big"
    try writeModel(to: model)
    let environment = ["ESMFOLD_CACHE": cachePath]
    let all = try (0..<4).map { _ in try Binary.Started(["weights", "import", model], environment: environment) }
    for one in all {
      let ran = one.ended()
      #expect(ran.status == 0 && ran.output == "\(cachePath)/big.h5\n", "\(ran.error)")
    }
    #expect(scratch.names("cache") == ["big.h5"])
    #expect(try weights("verify", "big").status == 0)
  }
}
