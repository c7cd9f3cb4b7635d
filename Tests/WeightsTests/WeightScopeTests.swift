// Binding names to tensors, strictly in both directions.

import Tensors
import Testing
import Weights
import WeightsTestSupport

@Suite struct WeightScopeTests {
  private func store(_ names: [String], shape: [Int] = [2, 3], type: ElementType = .float32) -> WeightStore {
    let tensors = names.map { name in
      StoredTensor(
        name: name, elementType: type, shape: shape, buffer: Buffer(byteCount: 6 * type.byteCount), byteOffset: 0)
    }
    return WeightStore(path: "m.h5", modelName: "m", configJSON: "{}", tensors: tensors)
  }

  @Test func pathsJoinWithDots() throws {
    let w = WeightScope(store(["trunk.blocks.7.tri_mul_out.linear.weight", "top"]))
    let scope = w["trunk"]["blocks"][7]["tri_mul_out"]
    #expect(scope.path == "trunk.blocks.7.tri_mul_out")
    #expect(try scope.stored("linear.weight", [2, 3]).name == "trunk.blocks.7.tri_mul_out.linear.weight")
    #expect(scope.contains("linear.weight") && !scope.contains("weight") && w.contains("top"))
  }

  @Test func missingShapeAndKindAreNamed() {
    let w = WeightScope(store(["a.x"]))["a"]
    #expect(failure { () throws(WeightError) in try w.stored("y", [1]) } == .missing(tensor: "a.y", path: "m.h5"))
    let shape = failure { () throws(WeightError) in try w.floats("x", [3, 2]) }
    #expect(shape == .shape(tensor: "a.x", found: [2, 3], expected: [3, 2], path: "m.h5"))
    #expect(shape?.description.hasPrefix("m.h5: a.x: found shape [2, 3], expected [3, 2]\nhint: ") == true)
    #expect(
      failure { () throws(WeightError) in try w.integers("x", [2, 3]) }
        == .kind(tensor: "a.x", found: .float32, expected: "integers", path: "m.h5"))
    let integers = WeightScope(store(["i"], type: .int64))
    #expect(
      failure { () throws(WeightError) in try integers.floats("i", [2, 3]) }
        == .kind(tensor: "i", found: .int64, expected: "floats", path: "m.h5"))
  }

  @Test func everyTensorMustBeRead() throws {
    let store = store([
      "a", "b.c", "e.position_ids", "l.0.rotary_embeddings.inv_freq", "l.1.rotary_embeddings.inv_freq",
    ])
    let ignored = ["*.position_ids", "l.*.rotary_embeddings.inv_freq"]
    _ = try WeightScope(store).stored("a", [2, 3])
    #expect(store.contains("b.c"))
    #expect(
      failure { () throws(WeightError) in try store.checkAllRead(ignoring: ignored) }
        == .unexpected(tensors: ["b.c"], count: 1, path: "m.h5"))
    #expect(
      failure { () throws(WeightError) in try store.checkAllRead(ignoring: ["position_ids", "b.c*x", "b.?"]) }
        == .unexpected(
          tensors: ["b.c", "e.position_ids", "l.0.rotary_embeddings.inv_freq", "l.1.rotary_embeddings.inv_freq"],
          count: 4, path: "m.h5"))
    _ = try WeightScope(store)["b"].stored("c", [2, 3])
    try store.checkAllRead(ignoring: ignored)
    try store.checkAllRead(ignoring: ["*"])
  }

  @Test func manySurplusTensorsAreCounted() {
    let store = store((0..<9).map { "t\($0)" })
    #expect(
      failure { () throws(WeightError) in try store.checkAllRead(ignoring: []) }
        == .unexpected(tensors: ["t0", "t1", "t2", "t3"], count: 9, path: "m.h5"))
  }
}
