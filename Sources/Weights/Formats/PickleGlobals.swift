// The meaning of the classes and functions that a pickle names.

/// The names that have a meaning in a checkpoint, and those that no real checkpoint calls.
enum PickleGlobals {
  /// What calling a name would give.
  enum Meaning {
    /// `(storage, offset, shape, strides, …)`
    case tensor
    /// `(tensor, …)`
    case parameter
    /// `(function, class, arguments, attributes)`: a tensor or parameter with attributes or of a subclass, made by
    /// calling `function`.
    case attributed
    /// `()` or a list of pairs.
    case dictionary
    /// A tuple.
    case shape
    /// A call that loading the file with Python would make.
    case action
    /// Anything else, which is ignored.
    case other
  }

  static func meaning(of name: String) -> Meaning {
    switch name {
    case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor": .tensor
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state": .parameter
    case "torch._tensor._rebuild_from_type_v2": .attributed
    case "collections.OrderedDict": .dictionary
    case "torch.Size": .shape
    // Settings of training, as plain as argparse's Namespace; the rest of its module makes functions.
    case "types.SimpleNamespace": .other
    default: isAction(name) ? .action : .other
    }
  }

  /// Modules that run programs, load code or open files and connections, and the built-in functions that do. The list
  /// cannot be complete and need not be: nothing is ever called. It turns an attack that has no effect here into a
  /// warning for people who would load the file with Python.
  private static func isAction(_ name: String) -> Bool {
    if ["builtins", "__builtin__"].contains(where: { name.hasPrefix("\($0).") }) {
      return functions.contains(String(name[name.index(after: name.firstIndex(of: ".") ?? name.startIndex)...]))
    }
    let module = name.prefix { $0 != "." }
    return modules.contains(String(module))
  }

  private static let functions: Set = [
    "eval", "exec", "execfile", "compile", "open", "file", "input", "__import__", "breakpoint", "exit", "quit",
  ]
  private static let modules: Set = [
    "os", "posix", "nt", "ntpath", "posixpath", "subprocess", "commands", "popen2", "pty", "sys", "shutil", "socket",
    "ssl", "http", "httplib", "urllib", "urllib2", "requests", "ftplib", "smtplib", "telnetlib", "webbrowser",
    "importlib", "imp", "runpy", "pkgutil", "zipimport", "code", "codeop", "bdb", "pdb", "profile", "cProfile",
    "timeit", "trace", "ctypes", "cffi", "_ctypes", "marshal", "types", "pickle", "_pickle", "cPickle", "dill",
    "cloudpickle", "joblib", "multiprocessing", "threading", "_thread", "thread", "signal", "asyncio", "concurrent",
    "tempfile", "pip", "setuptools", "distutils", "pydoc", "doctest", "unittest", "idlelib", "lib2to3", "platform",
  ]

  /// Element sizes of storages, including those of types that no weights have.
  static func byteCount(ofStorage name: String) -> Int? {
    switch name {
    case "torch.FloatStorage", "torch.IntStorage": 4
    case "torch.HalfStorage", "torch.BFloat16Storage", "torch.ShortStorage": 2
    case "torch.LongStorage", "torch.DoubleStorage", "torch.ComplexFloatStorage": 8
    case "torch.ByteStorage", "torch.CharStorage", "torch.BoolStorage": 1
    default: nil
    }
  }
}
