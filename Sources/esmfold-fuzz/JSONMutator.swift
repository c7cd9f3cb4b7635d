// Changes to JSON as a tree, so that the result is still JSON.

import Weights

extension Mutator {
  /// Replaces the JSON text `bytes` with one that differs in one to three values; anything else is changed as bytes.
  mutating func changeJSON(_ bytes: inout [UInt8]) {
    guard !random.once(in: 8), var value = try? JSONValue(parsing: bytes, path: "") else { return change(&bytes) }
    for _ in 0...random.below(3) { changeValue(&value, depth: 0) }
    bytes = [UInt8](value.text)
  }

  /// Changes this value or one nested in it.
  mutating func changeValue(_ value: inout JSONValue, depth: Int) {
    switch value {
    case .object(let object) where !random.once(in: depth == 0 ? 100 : 10):
      var members = object.members.map { ($0.key, $0.value) }
      changeMembers(&members, depth)
      var result = JSONObject()
      for (key, value) in members { result.append(key, value) }
      value = .object(result)
    case .array(var values) where !random.once(in: depth == 0 ? 100 : 10):
      if values.isEmpty || random.once(in: 6) {
        let copies = random.once(in: 10) ? 200 : 1
        values += Array(repeating: values.isEmpty ? scalar() : values[random.below(values.count)], count: copies)
      } else if random.once(in: 6) {
        values.remove(at: random.below(values.count))
      } else {
        changeValue(&values[random.below(values.count)], depth: depth + 1)
      }
      value = .array(values)
    case .integer(let old) where random.once(in: 2): value = .integer(old &+ (random.below(9) - 4))
    default: value = random.once(in: 8) ? nested() : scalar()
    }
  }

  private mutating func changeMembers(_ members: inout [(String, JSONValue)], _ depth: Int) {
    let place = random.below(members.count)
    switch random.below(8) {
    case 0 where !members.isEmpty: members.remove(at: place)
    case 1: members.append((word(), scalar()))
    case 2 where !members.isEmpty: members[place].0 = word()
    case 3 where members.count > 1: members.swapAt(place, random.below(members.count))
    case _ where !members.isEmpty: changeValue(&members[place].1, depth: depth + 1)
    default: members.append((word(), scalar()))
    }
  }

  private mutating func scalar() -> JSONValue {
    switch random.below(8) {
    case 0: .null
    case 1: .bool(random.once(in: 2))
    case 2, 3: .integer(number())
    case 4: .integer(random.below(40))
    case 5: .number(random.element(of: [0, -1, 0.5, 1e-300, 1e300, 1e-5, .nan, .infinity, 1e38, 3.5e38]) ?? 0)
    default: .string(word())
    }
  }

  private mutating func nested() -> JSONValue {
    (0..<random.below(70)).reduce(scalar()) { value, _ in
      random.once(in: 2) ? .array([value]) : .object([word(): value])
    }
  }

  /// A word of the format, or some other text.
  private mutating func word() -> String {
    if !random.once(in: 4), let token = random.element(of: tokens) { return String(decoding: token, as: UTF8.self) }
    return random.element(of: ["", ".", "\0", "é", "e\u{301}", "\u{1F9EC}", "a/b", "a b", "\u{2028}", "x\ny"]) ?? ""
  }
}

extension Subject {
  /// The quoted strings of JSON seeds: their keys and names.
  static func words(_ texts: String) -> [[UInt8]] { texts.split(separator: " ").map { [UInt8](String($0)) } }
}
