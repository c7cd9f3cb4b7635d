// What a pickle describes, as plain values. Nothing is ever called: a class or function is a name, an object is a name with
// what it would have been made of.

/// One value. Containers are numbers of nodes in a `PickleGraph`, so that values that hold themselves, or each other many
/// times, cost nothing and are freed at once.
enum PickleValue: Equatable {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer beyond 64 bits, or a float: of no use here.
  case number
  case text(String)
  case bytes
  /// A class or function, `module.name`.
  case global(String)
  /// Anything that holds or is made of other values.
  case node(Int)

  /// What a value is, for messages, without looking into it.
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
