// What a pickle describes, as plain values. Nothing is ever called: a class or function is a name, an object is a name
// with the arguments of its constructor.

/// One value. Containers are indices of nodes in a `PickleGraph`, so that cycles and shared values cost nothing and are
/// freed at once.
enum PickleValue: Equatable {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer beyond 64 bits, or a float: not used here.
  case number
  case text(String)
  case bytes
  /// A class or function, `module.name`.
  case global(String)
  /// Anything that contains or is made of other values.
  case node(Int)

  /// The kind of a value, for messages.
  var plainKind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .int, .number: "a number"
    case .text: "a text"
    case .bytes: "bytes"
    case .global(let name): name
    case .node: "an object"
    }
  }
}
