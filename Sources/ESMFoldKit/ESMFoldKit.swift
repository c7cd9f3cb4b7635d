// Facts about the library itself.

/// Facts about the library itself.
public enum ESMFoldKit {
  /// The version of the program and the library.
  public static let version = "0.1.0"
  /// Name and version, as recorded in files.
  package static let program = "\(name) \(version)"
  /// The name of the program.
  static let name = "esmfold"
}
