// The row of <mask> in the embeddings of Meta's models, which fair-esm zeroes when it loads them.

import Checkpoints
import Tensors
import Testing
import Weights
import WeightsTestSupport

@Suite struct MaskRowTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Whole models of width `width`: an embedding, the head's weight, positions.
  private func mask(
    width: Int, positions: Bool = true, sharing: Bool = true, rows: Int = 33, languageModel: ElementType? = nil,
    dialect: (String, String, String) = ("embed_tokens.weight", "lm_head.weight", "embed_positions.weight")
  ) throws -> WeightStore {
    let values = (0..<rows * width).map { Float($0 % 1021) - 510.5 }
    var tensors = [
      TorchTensor(dialect.0, "FloatStorage", key: "0", [rows, width], values),
      TorchTensor(dialect.1, "FloatStorage", key: sharing ? "0" : "1", [rows, width], values),
    ]
    if positions { tensors.append(TorchTensor(dialect.2, "FloatStorage", key: "2", [1, 2], [Float(3), 4])) }
    try folder.write("z.pt", torchFile(tensors))
    try folder.write("config.json", "{}")
    var importer = Importer(try ModelSource(folder("z.pt")), modelName: "m", program: "p")
    importer.languageModelType = languageModel
    try importer.run(to: folder("z.h5"))
    return try WeightCache.open(folder("z.h5"))
  }

  /// Whether exactly row 32 of a tensor is zero and the rest unchanged.
  private func isZeroed(_ store: WeightStore, _ name: String, width: Int, rows: Int = 33) throws -> Bool? {
    let found = try store.stored(name, [rows, width]).floats()
    let all = (0..<rows * width).map { Float($0 % 1021) - 510.5 }
    if found == all { return false }
    return found == all[..<(32 * width)] + [Float](repeating: 0, count: width) + all[(33 * width)...] ? true : nil
  }

  private static let words = "esm.embeddings.word_embeddings.weight", decoder = "lm_head.decoder.weight"

  /// Row 32 within the first block of an import (2^18 elements), across its end, and entirely in the second.
  @Test(
    "The row of <mask> is zeroed in the block that contains it", arguments: [5, 8100, 9000], [nil, ElementType.float16])
  func maskRow(_ width: Int, _ languageModel: ElementType?) throws {
    let store = try mask(width: width, languageModel: languageModel)
    #expect(try isZeroed(store, Self.words, width: width) == true)
    #expect(try isZeroed(store, Self.decoder, width: width) == true)
  }

  @Test("It is zeroed only in Meta's models with learned positions, and in the head if it shares the memory")
  func maskRowElsewhere() throws {
    let apart = try mask(width: 5, sharing: false)
    #expect(try isZeroed(apart, Self.words, width: 5) == true && isZeroed(apart, Self.decoder, width: 5) == false)
    let rotary = try mask(width: 5, positions: false)
    #expect(try isZeroed(rotary, Self.words, width: 5) == false && isZeroed(rotary, Self.decoder, width: 5) == false)
    let others = try mask(
      width: 5, dialect: (Self.words, Self.decoder, "esm.embeddings.position_embeddings.weight"))
    #expect(try isZeroed(others, Self.words, width: 5) == false && isZeroed(others, Self.decoder, width: 5) == false)
    // An embedding that ends before <mask>, and one that continues after it.
    #expect(try isZeroed(mask(width: 5, rows: 34), Self.words, width: 5, rows: 34) == true)
    let short = try mask(width: 5, rows: 32).stored(Self.words, [32, 5]).floats()
    #expect(short == (0..<160).map { Float($0 % 1021) - 510.5 })
  }
}
