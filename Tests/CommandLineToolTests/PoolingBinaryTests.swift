// `esmfold embed --pool` against vectors computed from the reference's states.

import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Float32 sums in a different order through three layers, relative to the largest magnitude.
private let tolerance: Float = 2e-5

@Suite struct PoolingBinaryTests {
  /// Pools the rows of a state as the help text says.
  private static func pooled(_ rows: [[Float]], _ how: String) -> [Float] {
    // The first row is that of <cls>, the last that of <eos>.
    let residues = rows.dropFirst().dropLast()
    switch how {
    case "mean":
      return rows[0].indices.map { column in
        Float(residues.reduce(0.0) { $0 + Double($1[column]) } / Double(residues.count))
      }
    case "max": return rows[0].indices.map { column in residues.map { $0[column] }.max() ?? 0 }
    case "cls": return rows[0]
    default: return residues.flatMap { $0 }
    }
  }

  /// Case 0 of these models is a sequence of 36 residues between <cls> and <eos>, case 2 is one residue.
  @Test("A vector for each residue or record", arguments: ["none", "mean", "max", "cls"], ["esm2", "esm1b", "esm1v"])
  func pooling(_ how: String, _ model: String) throws {
    let scratch = try ScratchFolder(), out = scratch.path + "/out"
    let file = try Safetensors(Fixtures.path("family/\(model)/goldens.safetensors"))
    let states = try file.tensors()
    let sequence = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELSVSRQ"
    let input = try scratch.file("a.fasta", ">a\n\(sequence)\n>b\nA\n")
    let arguments = ["embed", input, "-o", out, "--format", "npy", "--pool", how, "--layers", "0,2,-1"]
    let ran = try Binary.run(arguments + ["--model", Fixtures.path("family/\(model)")])
    #expect(ran.status == 0, "\(ran.error)")
    for (name, number, count) in [("a", 0, sequence.count), ("b", 2, 1)] {
      var expected: [Float] = []
      for layer in [0, 2, 3] {
        let values = try #require(states.first { $0.name == "\(number).hidden_states.\(layer)" }).floats()
        let rows = stride(from: 0, to: values.count, by: 24).map { Array(values[$0..<$0 + 24]) }
        #expect(rows.count == count + 2)
        expected += Self.pooled(rows, how)
      }
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name).npy")))
      let found = bytes.dropFirst(128).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      let closeness = Closeness(found, expected)
      #expect(closeness.isWithin(relative: tolerance), "\(model), \(name): \(closeness)")
      let shape = how == "none" ? "(3, \(count), 24,)" : "(3, 24,)"
      #expect(String(decoding: bytes[10..<128], as: UTF8.self).contains("'shape': \(shape)"))
    }
  }
}
