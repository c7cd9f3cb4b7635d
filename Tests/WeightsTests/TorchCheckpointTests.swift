// Checkpoints as PyTorch writes them: every element where PyTorch sees it, whatever surrounds them. Made by
// Scripts/torch-fixtures.py.

import Checkpoints
import Glibc
import Platform
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct TorchCheckpointTests {
  /// Imports a fixture as a separate model and returns its tensors.
  private func imported(
    _ name: String, configuration: String? = "{}", languageModelType: ElementType? = nil
  ) throws -> WeightStore {
    let folder = try TemporaryFolder()
    let file = "pytorch_model.bin"
    try folder.write(file, content(Fixtures.path("torch/\(name)")))
    if let configuration { try folder.write("config.json", configuration) }
    var importer = Importer(try ModelSource(folder(file)), modelName: "m", program: "p")
    importer.languageModelType = languageModelType
    try importer.run(to: folder("m.h5"))
    return try WeightCache.open(folder("m.h5"))
  }

  private func expectSame(_ store: WeightStore, as reference: Safetensors, _ comment: String) throws {
    let tensors = try reference.tensors()
    #expect(store.names == tensors.map(\.name).sorted(), "\(comment)")
    for tensor in tensors {
      let stored = try store.stored(tensor.name, tensor.shape)
      #expect(stored.elementType == tensor.elementType, "\(comment): \(tensor.name)")
      #expect(stored.bytes.elementsEqual(tensor.bytes), "\(comment): \(tensor.name)")
    }
    withExtendedLifetime(store) {}
  }

  @Test(
    "Views, strides, types, nesting, protocols 2 to 5, zip64",
    arguments: [
      "every-kind.pt", "nested-2.pt", "nested-3.pt", "nested-4.pt", "nested-5.pt", "lightning.ckpt", "zip64.pt",
      "tensors-beside.pt", "tutorial.pt", "attributes.pt",
    ]) func tensors(_ name: String) throws
  {
    let reference = try Safetensors(Fixtures.path("torch/every-kind.safetensors"))
    try expectSame(imported(name), as: reference, name)
  }

  @Test func theDigestIsThatOfTheWholeFile() throws {
    let folder = try TemporaryFolder()
    let bytes = try content(Fixtures.path("torch/nested-2.pt"))
    try folder.write("x.pt", bytes)
    try folder.write("config.json", "{}")
    try Importer(try ModelSource(folder("x.pt")), modelName: "m", program: "p").run(to: folder("m.h5"))
    var digest = RunningDigest()
    bytes.withUnsafeBytes { digest.update($0) }
    #expect(try WeightCache.header(of: folder("m.h5")).sourceDigest == digest.finish().hexadecimal)
  }

  @Test func shardsAreOneModel() throws {
    let folder = try TemporaryFolder()
    let source = try ModelSource(Fixtures.path("torch/shards"))
    #expect(source.weights == "pytorch_model.bin.index.json" && source.suggestedName == "shards")
    try Importer(source, modelName: "m", program: "p").run(to: folder("m.h5"))
    let reference = try Safetensors(Fixtures.path("family/esm2/model.safetensors"))
    try expectSame(try WeightCache.open(folder("m.h5")), as: reference, "shards")
    #expect(try WeightCache.header(of: folder("m.h5")).sources.count == 4)
  }

  @Test(
    "The language model's type is changed, other floats and rotary frequencies are kept",
    arguments: [ElementType.float32, .float16, .bfloat16]) func types(_ type: ElementType) throws
  {
    let folder = try TemporaryFolder()
    var importer = Importer(try ModelSource(Fixtures.path("torch/esmfold")), modelName: "m", program: "p")
    importer.languageModelType = type
    try importer.run(to: folder("m.h5"))
    let store = try WeightCache.open(folder("m.h5"))
    let reference = try Safetensors(Fixtures.path("torch/esmfold/tensors.safetensors"))
    for tensor in try reference.tensors() {
      let stored = try store.stored(tensor.name, tensor.shape)
      let isConverted = tensor.name.hasPrefix("esm.") && !tensor.name.hasSuffix("inv_freq")
      #expect(stored.elementType == (isConverted ? type : tensor.elementType), "\(tensor.name)")
      guard type != .bfloat16 || !isConverted, tensor.elementType != .int64 else { continue }
      // Float16 fits both.
      #expect(stored.floats() == tensor.floats(), "\(tensor.name)")
    }
  }

  @Test("Rounding to float16 is Swift's, everywhere that it could differ") func rounding() throws {
    var values: [Float] = []
    for half in 0..<UInt16(0x7BFF) {
      let (low, high) = (Float(Float16(bitPattern: half)), Float(Float16(bitPattern: half + 1)))
      let middle = (low + high) / 2
      values += [low, middle, middle.nextUp, middle.nextDown, -low, -middle, -middle.nextUp]
    }
    let header = #"{"t":{"dtype":"F32","shape":[\#(values.count)],"data_offsets":[0,\#(values.count * 4)]}}"#
    let folder = try TemporaryFolder()
    try folder.write("model.safetensors", safetensors(header, data: values.withUnsafeBytes(Array.init)))
    try folder.write("config.json", "{}")
    var importer = Importer(try ModelSource(folder.path), modelName: "m", program: "p")
    importer.languageModelType = .float16
    try importer.run(to: folder("m.h5"))
    let stored = try WeightCache.open(folder("m.h5")).stored("t", [values.count])
    let expected = values.map { Float16($0).bitPattern }
    #expect(expected.withUnsafeBytes { stored.bytes.elementsEqual($0) })
  }

  @Test(
    "A file that is not a state dict is refused with a message of its own; nothing is run",
    arguments: [
      ("os-system", "pickle: found a call of posix.system|pickle: found a call of os.system"),
      ("eval-beside-tensors", "pickle: found a call of builtins.eval, expected tensors"),
      ("subprocess-newobj", "pickle: found a call of subprocess.Popen"),
      ("stack-global-exec", "pickle: found a call of builtins.exec"),
      ("unknown-object-for-tensor", "in which \"w\" is an object made by some.module.Thing, expected"),
      ("unknown-object-beside-tensors", "\"x\": found an object made by some.module.Thing, expected a tensor"),
      ("rebuilt-by-system", "pickle: found a call of posix.system"),
      ("rebuilt-by-itself", "in which \"w\" is an object made by torch._tensor._rebuild_from_type_v2, expected"),
      ("whole-module", "format: found an object made by torch.nn.modules.linear.Linear, expected"),
      ("list-for-tensor", "found a dictionary in which \"w\" is a list, expected a dictionary of tensors"),
      ("nested-reduce", "found values nested more than 200 deep"),
      ("deep-lists", "found values nested more than 200 deep"),
      ("open-marks", "found more than 1000 open marks"),
      ("billion-laughs", "found a value that unfolds to more than 4294967296 values"),
      ("huge-text", "found a length of 4294967295, expected at most 4, the rest"),
      ("huge-bytes-64", "found a length of 9223372036854775809"),
      ("huge-storage", "storage of \"w\": found 8 bytes, expected 4611686018427387904 elements of 4"),
      ("huge-shape", "found shape [1099511627776, 1099511627776]"),
      ("strides-beyond", "with strides [4611686018427387904, 4611686018427387904]"),
      ("offset-beyond", "from element 1, expected elements within the 2 of its storage"),
      ("negative-shape", "found a tensor of an impossible shape"),
      ("missing-storage", "found no zip entry for storage \"../0\""),
      ("short-storage", "storage of \"w\": found 4 bytes, expected 2 elements of 4"),
      ("double", "w: found element type torch.DoubleStorage"),
      ("unknown-storage", "w: found element type torch.QInt8Storage"),
      ("opcode-of-protocol-0", "pickle, byte 0: found opcode 73 ('I'), expected one of protocols 2 to 5"),
      ("empty-stack", "found nothing on the stack"),
      ("unset-memo", "found a reference to value 7"),
      ("no-stop", "pickle, byte 3: found its end, expected more bytes"),
      ("leftovers", "found 1 values left over"),
      ("extension-code", "found opcode 130"),
      ("same-name-twice", "state dict: found \"w\" twice"),
      ("no-tensors", "is a number, expected a dictionary of tensors, at the root or under"),
      ("path-traversal", "found the name \"../../etc/data.pkl\", which leads out of the archive"),
      ("absolute-name", "found the name \"/data.pkl\", which leads out of the archive"),
      ("backslash-name", "which leads out of the archive"),
      ("compressed", "found compressed bytes (method 8), expected stored ones"),
      ("no-pickle", "format: found a zip file without data.pkl"),
      ("truncated", "zip directory: found no end record"),
      ("big-endian", "byteorder: found another order, expected little"),
      ("two-pickles", "found a zip file with several data.pkl"),
      ("torchscript", "found a TorchScript program"),
      ("zip64-size-beyond", "found 9223372036854775808 bytes|found a place at byte"),
      ("encrypted", "found encrypted bytes"),
      ("bare-pickle", "found a bare pickle"),
      ("html", "found a page of HTML or XML"),
      ("lfs-pointer", "found a pointer of Git LFS"),
    ]) func hostile(_ name: String, _ message: String) throws
  {
    let error = try #require(
      failure { () throws(WeightError) in
        try ModelSource(Fixtures.path("torch/hostile/\(name).pt")).contents()
      })
    let sentence = "\(error)"
    #expect(message.split(separator: "|").contains { sentence.contains($0) }, "\(sentence)")
    #expect(sentence.contains("\(name).pt: ") && sentence.contains(": found ") && sentence.contains(", expected "))
  }

  @Test(
    "Hints say what to do with an intact file that does not contain weights",
    arguments: [
      ("no-tensors", "hint: save the weights alone"), ("double", "hint: convert the weights"),
      ("whole-module", "hint: save its weights"),
    ]) func hints(_ name: String, _ hint: String) throws
  {
    let error = failure { () throws(WeightError) in
      try ModelSource(Fixtures.path("torch/hostile/\(name).pt")).contents()
    }
    #expect(error?.description.contains("\n\(hint)") == true, "\(String(describing: error))")
  }

  @Test func theFormatBeforePyTorch16IsNamed() throws {
    let error = failure { () throws(WeightError) in try Checkpoint(Fixtures.path("torch/legacy.pt")) }
    #expect(error?.description.contains("a file in the format of PyTorch before 1.6") == true)
    #expect(error?.description.contains("hint: load it with PyTorch and save it again") == true)
  }

  @Test("Every prefix of a checkpoint is refused") func prefixes() throws {
    let bytes = try content(Fixtures.path("torch/nested-2.pt"))
    let folder = try TemporaryFolder()
    try folder.write("config.json", "{}")
    for count in Swift.stride(from: 1, to: bytes.count, by: 61) {
      try folder.write("x.pt", Array(bytes.prefix(count)))
      #expect(throws: WeightError.self, "\(count) bytes") { try Checkpoint(folder("x.pt")) }
    }
  }
}
