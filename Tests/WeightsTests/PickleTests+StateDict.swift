// Where the weights are in a checkpoint of PyTorch.

import Glibc
import Tensors
import TestSupport
import Testing
import Weights
import WeightsTestSupport

extension PickleTests {
  @Test("The state dict is found under the usual names, in order, or at the root") func places() throws {
    func dictionary(_ name: String) -> [UInt8] { Pickle.dictionary([(name, Self.tensor)]) }
    let number = Pickle.number(1)
    for (members, name) in [
      ([("model", dictionary("a")), ("state_dict", dictionary("b"))], "a"),
      ([("model_state_dict", dictionary("c")), ("state_dict", dictionary("b"))], "b"),
      ([("x", Self.tensor), ("model_state_dict", dictionary("c"))], "c"),
      ([("model", Pickle.dictionary([("a", number)])), ("state_dict", dictionary("b"))], "b"),
      ([("model", number), ("w", Self.tensor)], "\"model\""),
      // The last of two duplicate members counts, as in Python.
      ([("model", dictionary("a")), ("model", dictionary("b"))], "b"),
    ] as [([(String, [UInt8])], String)] {
      let pickle = Pickle.whole(Pickle.dictionary(members))
      if name.hasPrefix("\"") {
        #expect(try sentence(pickle).contains("\(name): found a number, expected a tensor"))
      } else {
        #expect(try read(pickle) == [name: [1, 2]], "\(name)")
      }
    }
    let key = code("}", number, Self.tensor, "s")
    #expect(try sentence(Pickle.whole(key)).contains("state dict: found the key a number, expected names"))
    #expect(
      try sentence(Pickle.whole(Self.tensor)).contains("weights: found a tensor, expected a dictionary of tensors"))
    #expect(try sentence(Pickle.whole(code("]"))).contains("weights: found a list, expected"))
  }

  @Test("Whole numbers beside the tensors are found by their keys, through dictionaries and attributes") func integers()
    throws
  {
    let object = code(
      Pickle.global("argparse", "Namespace"), ")", 0x81,
      Pickle.dictionary([("layers", Pickle.number(-3)), ("name", Pickle.text("7"))]), "b")
    let inner = Pickle.dictionary([("x", Pickle.number(1 << 40)), ("x", Pickle.number(5))])
    let root = Pickle.dictionary([
      ("n", Pickle.number(7)), ("args", object), ("inner", Pickle.dictionary([("most", inner)])),
      ("model", Pickle.dictionary([("w", Self.tensor)])),
    ])
    let file = try Checkpoint(try folder.write("x.pt", torchFile(pickle: Pickle.whole(root))))
    #expect(file.integer(at: ["n"]) == 7 && file.integer(at: ["args", "layers"]) == -3)
    // Of members of one name the last one counts, as in Python.
    #expect(file.integer(at: ["inner", "most", "x"]) == 5)
    for keys in [[], ["args"], ["args", "name"], ["args", "other"], ["n", "n"], ["model", "w"], ["layers"]] {
      #expect(file.integer(at: keys) == nil, "\(keys)")
    }
    let other = try folder.write("x.safetensors", safetensors("{}"))
    #expect(try Checkpoint(other).integer(at: ["n"]) == nil)
  }

  @Test(
    "Calls that would do something are refused by their name",
    arguments: [
      "os", "posix", "nt", "subprocess", "sys", "shutil", "socket", "importlib", "runpy", "ctypes", "pickle", "_pickle",
      "builtins.eval", "builtins.exec", "builtins.compile", "builtins.open", "builtins.__import__", "builtins.input",
      "builtins.breakpoint", "builtins.exit", "__builtin__.execfile", "__builtin__.file", "types", "marshal", "pty",
      "webbrowser", "asyncio", "multiprocessing", "threading", "tempfile", "dill", "cloudpickle", "joblib", "code",
    ]) func actions(_ name: String) throws
  {
    let parts = name.split(separator: ".").map(String.init)
    for (module, function) in parts.count == 2 ? [(parts[0], parts[1])] : [(name, "x"), ("\(name).y", "x")] {
      let call = code(Pickle.global(module, function), ")R")
      let found = try sentence(Pickle.whole(Pickle.dictionary([("w", Self.tensor), ("x", call)])))
      #expect(found.contains("pickle: found a call of \(module).\(function), expected tensors and plain"), "\(found)")
    }
    // Named but not called, it does nothing, and a name with only this prefix is another module.
    let tensors = Pickle.dictionary([("w", Self.tensor)])
    for value in [
      Pickle.global(parts[0], parts.last ?? ""),
      code(Pickle.global("\(parts[0])_of_ours", "x"), ")R"),
      code(Pickle.global("builtins", "set"), ")R"),
      code(Pickle.global("types", "SimpleNamespace"), ")R"),
    ] { #expect(try read(Pickle.whole(Pickle.dictionary([("x", value), ("model", tensors)]))) == ["w": [1, 2]]) }
  }
}
