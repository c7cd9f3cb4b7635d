// What helpers of tests expect. `#require` says more, but only test targets have it.

/// Something that a helper did not find.
struct Missing: Error {
  let what: String
}

/// `value`, which must be there.
func require<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw Missing(what: "\(Value.self)") }
  return value
}

/// Throws unless `condition` holds.
func require(_ condition: Bool, _ what: String = "what the format says") throws {
  guard condition else { throw Missing(what: what) }
}
