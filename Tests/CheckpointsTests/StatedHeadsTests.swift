// The one setting that is read from what a checkpoint says beside its tensors.

import Checkpoints
import Testing
import Weights
import WeightsTestSupport

@Suite struct StatedHeadsTests {
  @Test("The number of heads is read from plain settings") func heads() throws {
    func object(_ members: [(String, [UInt8])]) -> [UInt8] {
      code(Pickle.global("argparse", "Namespace"), ")", 0x81, Pickle.dictionary(members), "b")
    }
    for (settings, heads) in [
      (object([("encoder_attention_heads", Pickle.number(20))]), 20),
      (object([("attention_heads", Pickle.number(7))]), 7),
      (object([("attention_heads", Pickle.number(7)), ("encoder_attention_heads", Pickle.number(20))]), 20),
      (Pickle.dictionary([("attention_heads", Pickle.number(7))]), 7),
      (object([("attention_heads", Pickle.text("7"))]), nil), (object([("heads", Pickle.number(7))]), nil),
      (code("N"), nil),
    ] as [([UInt8], Int?)] {
      let folder = try TemporaryFolder()
      let tensor = Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 2), [2])
      let model = Pickle.dictionary([("w", tensor)])
      let path = try folder.write(
        "x.pt", torchFile(pickle: Pickle.whole(Pickle.dictionary([("args", settings), ("model", model)]))))
      #expect(try Checkpoint(path).statedHeads == heads)
    }
  }
}
