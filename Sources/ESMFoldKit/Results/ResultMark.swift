// How the names of several structures of one protein differ from its own.

/// What stands between the name of a protein and the number of one of its structures: `NAME.sample_2`, `NAME.recycle_0`.
package enum ResultMark {
  package static let sample = ".sample_", pass = ".recycle_"

  /// Whether a name may be that of a structure of another protein.
  package static func isIn(_ name: String) -> Bool { name.contains(sample) || name.contains(pass) }
}
