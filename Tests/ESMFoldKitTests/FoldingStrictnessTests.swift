// A folding model accounts for every tensor of its checkpoint and every tensor that it needs.

import ESMFoldKit
import Tensors
import TestSupport
import Testing
import Weights

/// Files may contain them and models for other tasks need them, but folding does not.
private let unneededTensors = [
  "af2_to_esm", "esm.embeddings.position_ids", "esm.contact_head.regression.weight", "esm.pooler.dense.weight",
  "esm.contact_head.regression.bias", "esm.pooler.dense.bias",
]

@Suite("Strictness of folding models") struct FoldingStrictnessTests {
  init() { Buffer.isPoisoned = true }

  /// The error of loading these tensors as a fixture's model; `nil` if it loads.
  private static func refusal(_ model: String, _ tensors: [StoredTensor], threads: Int = 1) throws -> String? {
    let store = WeightStore(
      path: "test", modelName: model, configJSON: try Golden.store(model).configJSON, tensors: tensors)
    do {
      _ = try FoldingModel(store, threads: Threads(threads))
      return nil
    } catch {
      return "\(error)"
    }
  }

  private static func tensor(_ name: String, _ shape: [Int], _ type: ElementType = .float32) -> StoredTensor {
    let bytes = shape.reduce(1, *) * type.byteCount
    return StoredTensor(
      name: name, elementType: type, shape: shape, buffer: Buffer(zeroedByteCount: bytes), byteOffset: 0)
  }

  @Test("Every tensor is needed, in its shape, as floats", arguments: ["folding-c", "folding-d"])
  func everyTensor(_ model: String) throws {
    let tensors = try Golden.store(model).tensorsInOrder
    #expect(try Self.refusal(model, tensors) == nil)
    for (index, tensor) in tensors.enumerated() {
      if unneededTensors.contains(tensor.name) || tensor.name.hasSuffix("inv_freq") { continue }
      var others = tensors
      others.remove(at: index)
      let missing = try Self.refusal(model, others)
      #expect(missing?.contains(tensor.name) == true, "without \(tensor.name): \(missing ?? "loaded")")
      for wrong in [
        Self.tensor(tensor.name, [tensor.shape[0] + 1] + tensor.shape.dropFirst()),
        Self.tensor(tensor.name, tensor.shape + [1]), Self.tensor(tensor.name, tensor.shape, .int64),
      ] {
        let misfit = try Self.refusal(model, others + [wrong])
        #expect(
          misfit?.contains(tensor.name) == true,
          "\(tensor.name) as \(wrong.elementType) \(wrong.shape): \(misfit ?? "loaded")")
      }
    }
  }

  @Test(
    "A tensor that is never requested is refused by name",
    arguments: [
      "surplus", "trunk.blocks.1.layernorm_1.weight", "trunk.blocks.0.tri_mul_out.linear_x.weight",
      "trunk.structure_module.ipa.linear_q.gain", "esm.encoder.layer.9.output.dense.weight", "lddt_head.4.weight",
      "af2_to_esm.weight", "embedding.bias", "esm.embeddings.position_ids.more", "trunk.contact_head.weight",
    ]) func surplus(_ name: String) throws
  {
    let refusal = try Self.refusal("folding-c", try Golden.store("folding-c").tensorsInOrder + [Self.tensor(name, [1])])
    #expect(refusal?.contains(name) == true, "\(refusal ?? "loaded")")
  }

  @Test("Tensors that other tasks and older files need are not surplus", arguments: unneededTensors) func unneeded(
    _ name: String
  )
    throws
  {
    var tensors = try Golden.store("folding-c").tensorsInOrder
    tensors.removeAll { $0.name == name }
    #expect(try Self.refusal("folding-c", tensors) == nil)
    #expect(try Self.refusal("folding-c", tensors + [Self.tensor(name, [1])]) == nil)
  }

  @Test("Of blocks with faults the first is named, whichever thread is done first", arguments: [1, 2, 4])
  func firstFault(_ threads: Int) throws {
    let tensors = try Golden.store("folding-a").tensorsInOrder
    #expect(try Self.refusal("folding-a", tensors, threads: threads) == nil)
    // The last tensor of the first block is found missing long after the first tensor of the second.
    let late = "trunk.blocks.0.mlp_pair.mlp.3.weight", early = "trunk.blocks.1.layernorm_1.weight"
    #expect(tensors.contains { $0.name == late } && tensors.contains { $0.name == early })
    let damaged = tensors.filter { $0.name != late && $0.name != early }
    for _ in 0..<20 {
      let refusal = try Self.refusal("folding-a", damaged, threads: threads)
      #expect(refusal?.contains(late) == true && refusal?.contains(early) == false, "\(refusal ?? "loaded")")
    }
  }
}
