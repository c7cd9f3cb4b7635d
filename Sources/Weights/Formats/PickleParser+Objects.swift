// The opcodes of a pickle that name, call or build objects: recorded in the graph, never carried out.

import Platform

extension PickleParser {
  /// Classes, functions, and the results of calls.
  mutating func pushObject(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "c"):
      let module = try line(), name = try line()
      stack.append(try global(module, name))
    case 0x93:  // STACK_GLOBAL
      let parts = try pop(2)
      guard case .text(let module) = parts[0], case .text(let name) = parts[1] else {
        throw error("a class named by \(graph.kind(parts[0])) and \(graph.kind(parts[1]))", "two texts")
      }
      stack.append(try global(module, name))
    case UInt8(ascii: "R"), 0x81:  // REDUCE, NEWOBJ
      let parts = try pop(2)
      stack.append(try call(parts[0], parts[1]))
    case 0x92:  // NEWOBJ_EX
      let parts = try pop(3)
      stack.append(try call(parts[0], parts[1]))
    case UInt8(ascii: "b"):
      let attributes = try pop()
      let target = try top()
      guard graph.build(target, attributes) else {
        throw error("attributes for \(graph.kind(target))", "an object")
      }
    case UInt8(ascii: "Q"): stack.append(try storage(pop()))
    default: return false
    }
    return true
  }

  /// A class or function. The strings that name it may be long and used many times, so that copies of them would take
  /// memory out of proportion.
  func global(_ module: String, _ name: String) throws(WeightError) -> PickleValue {
    guard module.utf8.count + name.utf8.count <= Self.longestName else {
      throw error("the name \(quoted(module)) of a class", "at most \(Self.longestName) bytes")
    }
    return .global("\(module).\(name)")
  }

  mutating func call(_ callee: PickleValue, _ arguments: PickleValue) throws -> PickleValue {
    guard case .global(let name) = callee else {
      return try graph.add(.object("calling \(callee.plainKind)", attributes: .none), of: [callee, arguments])
    }
    switch PickleGlobals.meaning(of: name) {
    case .action: throw WeightError.action(path: path, name: name)
    case .tensor: return try tensor(name, graph.items(arguments) ?? [])
    case .parameter:
      guard let tensor = graph.items(arguments)?.first else { throw error("a parameter of nothing", "a tensor") }
      return tensor
    case .attributed:
      // Not within itself: arguments may hold themselves, and no checkpoint has that.
      guard let parts = graph.items(arguments), parts.count >= 3, case .global(let function) = parts[0],
        PickleGlobals.meaning(of: function) != .attributed
      else { return try graph.add(.object(name, attributes: .none), of: [arguments]) }
      return try call(parts[0], parts[2])
    case .dictionary:
      let dictionary = try graph.add(.dictionary([]))
      for pair in graph.items(arguments)?.first.flatMap({ graph.items($0) }) ?? [] {
        guard try graph.set(graph.items(pair) ?? [.none], of: dictionary) else {
          throw error(graph.kind(pair), "pairs")
        }
      }
      return dictionary
    case .shape:
      guard let shape = graph.items(arguments)?.first else { return try graph.add(.tuple([])) }
      return shape
    case .other: return try graph.add(.object(name, attributes: .none), of: [arguments])
    }
  }

  // MARK: Tensors

  /// `("storage", class, key, device, elements)`
  mutating func storage(_ identifier: PickleValue) throws -> PickleValue {
    guard let parts = graph.items(identifier), parts.count >= 5, parts[0] == .text("storage"),
      case .global(let kind) = parts[1], case .text(let key) = parts[2], case .int(let count) = parts[4], count >= 0
    else { throw error("\(graph.kind(identifier)) as the name of a storage", "class, key, device and size") }
    return try graph.add(.storage(PickleStorage(kind: kind, key: key, count: count)))
  }

  /// `(storage, offset, shape, strides, …)`
  mutating func tensor(_ name: String, _ arguments: [PickleValue]) throws -> PickleValue {
    guard arguments.count >= 4 else { throw error("\(arguments.count) arguments of \(name)", "at least 4") }
    guard case .storage(let storage)? = graph[arguments[0]] else {
      throw error("\(graph.kind(arguments[0])) where \(name) takes a storage", "a storage")
    }
    // A long list that many tensors use as their shape would be copied for each.
    guard [arguments[2], arguments[3]].allSatisfy({ graph.items($0)?.count ?? 0 <= SafetensorsHeader.maximumRank }),
      case .int(let offset) = arguments[1], offset >= 0, let shape = graph.integers(arguments[2]),
      let strides = graph.integers(arguments[3]), shape.count == strides.count,
      shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
    else { throw error("a tensor of an impossible shape", "offset, shape and strides, none negative") }
    return try graph.add(.tensor(PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)))
  }
}
