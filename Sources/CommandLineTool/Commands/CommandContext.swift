// What every command works with: where messages go, which files are unfinished, and the environment.

package import Platform

/// What every command works with.
package struct CommandContext: Sendable {
  package let diagnostics: Diagnostics
  package let temporaryFiles: TemporaryFiles
  /// The value of an environment variable.
  package let environment: @Sendable (String) -> String?
  /// Whether standard input is a terminal, from which nothing is read unless `-` asks for it.
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

  /// The folder of imported models.
  package var cacheFolder: String { CachePlace.path(environment: environment) }
}
