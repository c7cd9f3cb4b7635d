// The location of test data.

/// Files under Tests/Fixtures.
package enum Fixtures {
  /// The absolute path of a fixture.
  package static func path(_ name: String, file: String = #filePath) -> String {
    // …/Tests/Support/Fixtures.swift → …/Tests/Fixtures/name
    let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    return parts.joined(separator: "/") + "/Fixtures/" + name
  }
}
