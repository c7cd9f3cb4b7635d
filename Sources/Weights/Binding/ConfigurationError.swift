// Failures of a model's configuration, named by the field of config.json.

/// Why a configuration cannot be run.
package enum ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A field without a default is missing.
  case missing(field: String)
  /// A field has a value that this program does not support.
  case unsupported(field: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .missing(let field): "\(field): found nothing, expected a value"
    case .unsupported(let field, let found, let expected): "\(field): found \(found), expected \(expected)"
    }
  }

  /// The largest extent that a configuration may have; products of two are far from overflow.
  package static let largestExtent = 1 << 20

  /// Checks that a number of a configuration is within a range.
  package static func require(
    _ field: String, _ value: Int, in range: ClosedRange<Int> = 1...largestExtent
  ) throws(ConfigurationError) {
    guard range.contains(value) else {
      let expected =
        range.count == 1 ? "\(range.lowerBound)" : "a number from \(range.lowerBound) to \(range.upperBound)"
      throw .unsupported(field: field, found: "\(value)", expected: expected)
    }
  }
}
