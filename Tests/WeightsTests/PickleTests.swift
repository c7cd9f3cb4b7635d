// Pickles: every opcode that torch.save may write, and both sides of every limit.

import Glibc
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct PickleTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private static let storage = Pickle.storage("FloatStorage", key: "0", count: 2)
  static let tensor = Pickle.tensor(storage, [2])

  func read(_ pickle: [UInt8]) throws -> [String: [Float]] { try tensors(of: pickle, in: folder) }

  func sentence(_ pickle: [UInt8]) throws -> String { try refusal(of: pickle, in: folder) }

  /// The state dict `w` of a value.
  func state(_ value: [UInt8]) -> [UInt8] { Pickle.whole(Pickle.dictionary([("w", value)])) }

  // MARK: Opcodes

  /// A call that makes a tensor of the storage, with these pieces as its numbers.
  private static func view(offset: [UInt8] = Pickle.number(0), shape: [UInt8]) -> [UInt8] {
    Pickle.call(
      "torch._utils", "_rebuild_tensor_v2", [storage, offset, shape, Pickle.numbers([1]), code(0x89), code("N")])
  }

  /// Ways to write the same dictionary with one tensor.
  private static let spellings: [(String, [UInt8])] = {
    let w = Pickle.text("w")
    let global = Pickle.global("torch._utils", "_rebuild_tensor_v2")
    let arguments = Pickle.tuple([storage, Pickle.number(0), Pickle.numbers([2]), Pickle.numbers([1]), code(0x89, "N")])
    let ordered = Pickle.global("collections", "OrderedDict"), object = code(Pickle.global("a", "B"), ")R")
    return [
      ("SETITEM", code("}", w, tensor, "s")), ("SETITEMS", code("}(", w, tensor, "u")),
      ("DICT", code("(", w, tensor, "d")), ("SHORT_BINUNICODE", code("}", 0x8C, 1, "w", tensor, "s")),
      ("BINUNICODE8", code("}", 0x8D, little(1, 8), "w", tensor, "s")),
      ("BINSTRING", code("}T", little(1, 4), "w", tensor, "s")), ("SHORT_BINSTRING", code("}U", 1, "w", tensor, "s")),
      ("BINPUT, BINGET", code("}", w, "q", 250, "0h", 250, tensor, "s")),
      ("LONG_BINPUT, LONG_BINGET", code("}", w, "r", little(256, 4), "0j", little(256, 4), tensor, "s")),
      ("MEMOIZE", code("}", 0x94, w, 0x94, "0h", 1, tensor, "s")),
      ("POP, POP_MARK, DUP", code("}20(N", 0x88, "1", w, tensor, "s")),
      ("OrderedDict of nothing", code(ordered, ")R", w, tensor, "s")),
      ("OrderedDict of pairs", code(ordered, "](", Pickle.tuple([w, tensor]), "e", 0x85, "R")),
      ("OrderedDict of a tuple of pairs", code(ordered, w, tensor, 0x86, 0x85, 0x85, "R")),
      ("NEWOBJ", code("}", w, global, arguments, 0x81, "s")),
      ("NEWOBJ_EX", code("}", w, global, arguments, "}", 0x92, "s")),
      (
        "STACK_GLOBAL",
        code("}", w, Pickle.text("torch._utils"), Pickle.text("_rebuild_tensor_v2"), 0x93, arguments, "Rs")
      ),
      ("BUILD", code("}", w, tensor, "}bs}b")), ("BUILD of an object", code(object, "}b0}", w, tensor, "s")),
      ("TUPLE1", Pickle.dictionary([("w", view(shape: code(Pickle.number(2), 0x85)))])),
      ("TUPLE2", code("}", w, 0x88, 0x89, 0x86, "0", tensor, "s")),
      ("TUPLE3", code("}", w, 0x88, 0x89, "N", 0x87, "0", tensor, "s")),
      ("APPEND", Pickle.dictionary([("w", view(shape: code("]", Pickle.number(2), "a")))])),
      ("APPENDS", Pickle.dictionary([("w", view(shape: code("](", Pickle.number(2), "e")))])),
      ("LIST", Pickle.dictionary([("w", view(shape: code("(", Pickle.number(2), "l")))])),
      (
        "torch.Size",
        Pickle.dictionary([("w", view(shape: Pickle.call("torch", "Size", [Pickle.numbers([2])])))])
      ),
      ("BININT", Pickle.dictionary([("w", view(shape: code("J", little(2, 4), 0x85)))])),
      ("BININT1", Pickle.dictionary([("w", view(shape: code("K", 2, 0x85)))])),
      ("BININT2", Pickle.dictionary([("w", view(shape: code("M", 2, 0, 0x85)))])),
      ("LONG1 of nothing", Pickle.dictionary([("w", view(offset: code(0x8A, 0), shape: Pickle.numbers([2])))])),
      ("LONG1 of a byte", Pickle.dictionary([("w", view(shape: code(0x8A, 1, 2, 0x85)))])),
      ("LONG4", Pickle.dictionary([("w", view(shape: code(0x8B, little(3, 4), 2, 0, 0, 0x85)))])),
      ("FRAME", code(0x95, little(1 << 40, 8), "}", w, tensor, "s")),
      (
        "values of no use",
        code(
          "}G", little(0, 8), "0B", little(2, 4), 1, 2, "0C", 1, 9, "0", 0x8E, little(1, 8), 7, "0", 0x96, little(1, 8),
          7,
          "0", 0x8F, "(N", 0x90, "0(N", 0x91, "0", 0x8A, 9, little(1, 9), "0", w, tensor, "s")
      ),
      ("an object given items", code(object, "Na(NeNNs(NNu0}", w, tensor, "s")),
    ]
  }()

  @Test("Every way to write a dictionary with one tensor", arguments: spellings)
  func spelling(_ name: String, _ pickle: [UInt8]) throws {
    #expect(try read(Pickle.whole(pickle)) == ["w": [1, 2]], "\(name)")
  }

  @Test("Integers keep their sign and all their bytes") func numbers() throws {
    // A range outside the storage is reported as it was read.
    for (number, value) in [
      (code(0x8A, 1, 0xFF), -1), (code(0x8A, 1, 0x80), -128), (code(0x8A, 1, 0x7F), 127), (code(0x8A, 2, 0xFF, 0), 255),
      (code(0x8A, 2, 0, 0x80), -32768), (code(0x8A, 3, 1, 2, 3), 0x030201), (code(0x8A, 8, little(.min, 8)), .min),
      (code(0x8A, 8, little(.max, 8)), .max), (code(0x8B, little(2, 4), 1, 2), 0x0201), (code("J", little(-1, 4)), -1),
      (code("J", little(0x01020304, 4)), 0x01020304), (code("K", 0xFF), 255), (code("M", 0xFE, 0xFF), 65534),
      // Nine bytes are too many for a number.
      (code(0x8A, 9, little(1, 9)), -1),
    ] as [([UInt8], Int)] {
      let found = try sentence(state(Self.view(offset: number, shape: Pickle.numbers([1]))))
      #expect(
        found.contains(
          value < 0 ? "a tensor of an impossible shape" : "shape [1] with strides [1] from element \(value),"),
        "\(found)")
    }
  }

  @Test("A view may reach the end of its storage, not beyond; any number may be wrong") func views() throws {
    func tensor(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> [UInt8] {
      state(Pickle.tensor(Self.storage, offset: offset, shape, strides: strides))
    }
    #expect(try read(tensor(1, [1], [9])) == ["w": [2]])
    #expect(try read(tensor(2, [0], [1])) == ["w": []])
    #expect(try read(tensor(0, [1, 2, 1], [7, 1, 0])) == ["w": [1, 2]])
    #expect(try read(tensor(0, Array(repeating: 1, count: 32), Array(repeating: 5, count: 32))) == ["w": [1]])
    let rank33 = (Array(repeating: 1, count: 33), Array(repeating: 0, count: 33))
    #expect(try sentence(tensor(0, rank33.0, rank33.1)).contains("a tensor of an impossible shape"))
    for (offset, shape, strides) in [
      (2, [1], [1]), (3, [0], [1]), (1, [2], [1]), (0, [3], [1]), (0, [2], [2]), (0, [2, 2], [1, 1]),
      (.max, [1], [1]), (0, [3], [.max]), (0, [2, 2], [1 << 62, 1 << 62]), (0, [.max], [0]),
      (0, [1 << 62, 0], [0, 0]),
    ] as [(Int, [Int], [Int])] {
      let found = try sentence(tensor(offset, shape, strides))
      #expect(found.contains("expected elements within the 2 of its storage"), "\(found)")
    }
    for (offset, shape, strides) in [(-1, [1], [1]), (0, [-1], [1]), (0, [1], [-1]), (0, [1, 1], [1]), (0, [1], [])] {
      #expect(try sentence(tensor(offset, shape, strides)).contains("a tensor of an impossible shape"))
    }
    for count in [1, 3, 1 << 61, 1 << 62, .max] {
      let found = try sentence(state(Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: count), [1])))
      #expect(found.contains("storage of \"w\": found 8 bytes, expected \(count) elements of 4"), "\(found)")
    }
    let negative = try sentence(state(Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: -1), [1])))
    #expect(negative.contains("as the name of a storage, expected class, key, device and size"))
  }

  @Test("Parameters and tensors with attributes are the tensors inside") func wrapped() throws {
    let none = code("N"), type = Pickle.global("torch", "Tensor"), utils = "torch._utils"
    let four = [Self.storage, Pickle.number(0), Pickle.numbers([2]), Pickle.numbers([1])]
    for value in [
      Pickle.call(utils, "_rebuild_parameter", [Self.tensor, code(0x88), none]),
      Pickle.call(utils, "_rebuild_parameter_with_state", [Self.tensor, code(0x88), none, none]),
      Pickle.call(utils, "_rebuild_tensor", four),
      Pickle.call(
        "torch._tensor", "_rebuild_from_type_v2",
        [Pickle.global(utils, "_rebuild_tensor_v2"), type, Pickle.tuple(four), none]),
      Pickle.call(
        "torch._tensor", "_rebuild_from_type_v2",
        [Pickle.global(utils, "_rebuild_parameter"), type, Pickle.tuple([Self.tensor, code(0x88), none]), none]),
    ] { #expect(try read(state(value)) == ["w": [1, 2]]) }
    for (value, words) in [
      (Pickle.call(utils, "_rebuild_parameter", []), "found a parameter of nothing"),
      (
        Pickle.call(utils, "_rebuild_tensor_v2", [Self.storage, none, none]),
        "found 3 arguments of torch._utils._rebuild_tensor_v2, expected at least 4"
      ),
      (
        Pickle.call(utils, "_rebuild_tensor_v2", [none, none, none, none]),
        "found None where torch._utils._rebuild_tensor_v2 takes a storage"
      ),
    ] { #expect(try sentence(state(value)).contains(words)) }
  }

  // MARK: Errors

  /// Opcodes that do not fit the stack.
  private static let misfits: [([UInt8], String)] = [
    (code("NNs"), "found nothing on the stack"), (code("]NNs"), "found items for a list, expected a dictionary, keys"),
    (code("}Na"), "found items for a dictionary, expected a list to append them to"),
    (code("}(Nu"), "found items for a dictionary, expected a dictionary, keys and values"),
    (code("(Nd"), "found an odd number of items"), (code("NNb"), "found attributes for None, expected an object"),
    (code("]Nb"), "found attributes for a list, expected an object"),
    (code("NN", 0x93), "found a class named by None and None, expected two texts"),
    (code(Pickle.text("a"), "N", 0x93), "found a class named by a text and None, expected two texts"),
    (code("N(q", 0), "found nothing on the stack, expected a value"), (code("N(0"), "found nothing on the stack"),
    (code("NN(N", 0x87), "found nothing on the stack"), (code("1"), "found no mark on the stack, expected one"),
    (code("t"), "found no mark on the stack"), (code("(N"), "found 0 values left over"),
    (code("NN"), "found 1 values left"),
    (code("("), "found nothing on the stack"), (code("Nh", 0), "found a reference to value 0"),
    (code("Nq", 1, "j", little(257, 4)), "found a reference to value 257"),
    (code("ca\nb"), "found a name that does not end"),
    (code("c", 0xFF, "\n\n"), "found a name that does not end"),
    (code("X", little(5, 4), "abc"), "found a length of 5, expected at most 4, the rest"),
    (code(0x8B, little(-1, 4)), "found a length of -1"),
    (code(0x8D, little(-1, 8)), "found a length of 18446744073709551615, expected at most the rest"),
    (code(0x8D, little(.max, 8)), "found a length of 9223372036854775807, expected at most 1, the rest"),
    (code("J", 1, 2), "found its end, expected more bytes"), (code(0x80, 1), "found protocol 1, expected 2 to 5"),
    (code(0x80, 6), "found protocol 6, expected 2 to 5"), (code("S"), "found opcode 83 ('S')"),
    (code(0), "found opcode 0,"),
    (code(Pickle.global("collections", "OrderedDict"), "]N", 0x85, "a", 0x85, "R"), "found a tuple, expected pairs"),
    (code(Pickle.global("collections", "OrderedDict"), "]Na", 0x85, "R"), "found None, expected pairs"),
    (code(Pickle.text("storage"), "N", 0x86, "Q"), "found a tuple as the name of a storage"),
    (code("NQ"), "found None as the name of a storage"),
  ]

  @Test("The stack must fit the opcode", arguments: misfits)
  func misfit(_ pickle: [UInt8], _ words: String) throws {
    let found = try sentence(Pickle.whole(pickle))
    #expect(found.contains(words), "\(found) instead of \(words)")
  }

  @Test("The name of a storage has five parts, each of the right type") func storages() throws {
    let parts = [
      Pickle.text("storage"), Pickle.global("torch", "FloatStorage"), Pickle.text("0"), Pickle.text("cpu"),
      Pickle.number(2),
    ]
    let wrong = [Pickle.text("module"), Pickle.text("torch.FloatStorage"), Pickle.number(0), [], code("N")]
    for index in parts.indices where index != 3 {
      var changed = parts
      changed[index] = wrong[index]
      let found = try sentence(state(Pickle.tensor(code(Pickle.tuple(changed), "Q"), [2])))
      #expect(found.contains("found a tuple as the name of a storage"), "part \(index): \(found)")
    }
    let found = try sentence(state(Pickle.tensor(code(Pickle.tuple(Array(parts.dropLast())), "Q"), [2])))
    #expect(found.contains("found a tuple as the name of a storage"))
  }

  @Test(
    "Element sizes of all storages",
    arguments: [
      ("FloatStorage", 2), ("IntStorage", 2), ("HalfStorage", 4), ("BFloat16Storage", 4), ("ShortStorage", 4),
      ("LongStorage", 1), ("DoubleStorage", 1), ("ComplexFloatStorage", 1), ("ByteStorage", 8), ("CharStorage", 8),
      ("BoolStorage", 8),
    ]) func elementSizes(_ kind: String, _ count: Int) throws
  {
    let pickle = state(Pickle.tensor(Pickle.storage(kind, key: "0", count: count), [count]))
    let file = try Checkpoint(try folder.write("x.pt", torchFile(pickle: pickle)))
    let entry = try #require(file.entries.first)
    #expect(entry.range.count == 8 && entry.count == count && entry.dtype == "torch.\(kind)")
    let types: [String: ElementType] = [
      "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "LongStorage": .int64,
      "BoolStorage": .bool,
    ]
    #expect(entry.elementType == types[kind])
    for wrong in [count - 1, count + 1] {
      #expect(
        try sentence(state(Pickle.tensor(Pickle.storage(kind, key: "0", count: wrong), [0])))
          .contains("found 8 bytes, expected \(wrong) elements of \(8 / count)"))
    }
  }
}
