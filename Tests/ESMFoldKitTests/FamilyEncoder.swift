// The models of the family below `ESM`, which computes in float32 if the processor has nothing faster: here bfloat16 is
// bfloat16 on every machine.

import Checkpoints
import ESM2
import ESMFoldKit
import Tensors
import TestSupport
import Testing
import Weights

/// One model of the family in a number format.
struct FamilyEncoder {
  let model: EncoderModel

  /// Loads a model of the fixtures, or a store made of one.
  init(_ name: String, _ precision: Precision) throws { try self.init(Self.store(name), precision) }

  init(_ store: WeightStore, _ precision: Precision) throws {
    Buffer.isPoisoned = true
    model = try EncoderModel.load(store, precision: precision).0
  }

  /// A model of the fixtures as if imported.
  static func store(_ name: String) throws -> WeightStore {
    let source = try ModelSource(Fixtures.path("family/\(name)"))
    let tensors = try Safetensors("\(source.folder)/\(source.weights)").tensors()
    return WeightStore(path: name, modelName: name, configJSON: try source.configuration(), tensors: tensors)
  }

  /// Everything that the model can leave of a batch.
  var everything: ESM.Wanted {
    var wanted = ESM.Wanted()
    wanted.layers = Array(0...model.configuration.layers)
    wanted.logits = model.maskedLanguageHead != nil
    wanted.contacts = model.contactHead != nil
    wanted.attentions = true
    wanted.pooled = model.pooler != nil
    wanted.classification = model.classifier != nil
    return wanted
  }

  /// Reads sequences in a batch; the results of each are keyed by the names of the goldens.
  func read(_ sequences: [[Int]], threads: Int = 2) -> [[String: [Float]]] {
    let batch = TokenBatch(sequences)
    let output = model.read(batch, everything, discardsPages: false, threads: Threads(threads))
    return sequences.indices.map { index in
      let rows = batch.rows[index], isPerToken = model.classifier?.subject == .token
      var found: [String: [Float]] = [:]
      for (layer, state) in output.states { found["hidden_states.\(layer)"] = values(of: state, rows) }
      if let logits = output.logits { found["logits"] = values(of: logits, rows) }
      if let logits = output.classification {
        found["logits"] = values(of: logits, isPerToken ? rows : index..<index + 1)
      }
      if let pooled = output.pooled { found["pooled"] = values(of: pooled, index..<index + 1) }
      if !output.contacts.isEmpty { found["contacts"] = output.contacts[index].values }
      if !output.attentions.isEmpty { found["attentions"] = output.attentions[index].values }
      return found
    }
  }

  private func values(of tensor: Tensor<2>, _ rows: Range<Int>) -> [Float] {
    let columns = tensor.shape[1]
    return Array(tensor.values[rows.lowerBound * columns..<rows.upperBound * columns])
  }
}
