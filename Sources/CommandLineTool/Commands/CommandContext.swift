// What every command works with: where messages go, which files are unfinished, and the environment.

import Glibc

/// What every command works with.
package struct CommandContext: Sendable {
  package let diagnostics: Diagnostics
  package let temporaryFiles: TemporaryFiles
  /// The value of an environment variable.
  package let environment: @Sendable (String) -> String?
  /// Whether a person sits at standard input, so that reading from it unasked would only wait.
  package let inputIsTerminal: Bool

  package init(
    diagnostics: Diagnostics, temporaryFiles: TemporaryFiles, environment: @escaping @Sendable (String) -> String?,
    inputIsTerminal: Bool
  ) {
    self.diagnostics = diagnostics
    self.temporaryFiles = temporaryFiles
    self.environment = environment
    self.inputIsTerminal = inputIsTerminal
  }

  /// The folder of imported models: `$ESMFOLD_CACHE`, else `$XDG_CACHE_HOME/esmfold`, else `~/.cache/esmfold`.
  ///
  /// Jobs of a cluster and services may have no `HOME`; then the user's entry in the system's list says it, as for a
  /// shell, and never is the cache in whatever folder the program runs in.
  package var cacheFolder: String {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    if let folder = value("ESMFOLD_CACHE") { return folder }
    // The XDG base directory rules say to ignore a relative path.
    if let folder = value("XDG_CACHE_HOME"), folder.hasPrefix("/") { return folder + "/esmfold" }
    let home = value("HOME") ?? getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) } ?? ""
    return home + "/.cache/esmfold"
  }
}
