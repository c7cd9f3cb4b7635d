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

  /// Sets how messages are shown. Objects say which job they are from.
  func configureMessages(_ level: Diagnostics.Level, _ format: Diagnostics.Format) {
    let isChanged = format != diagnostics.format
    diagnostics.configure(level: level, format: format)
    if format == .json && isChanged { diagnostics.addToEveryLine(JobOrigin(environment).fields) }
  }

  /// Shows messages as objects if `--log-format json` is among the words, before they are parsed: whatever is wrong with the
  /// others, a log has objects only.
  func expectFormat(in words: [String]) {
    let asksForObjects =
      words.contains("--log-format=json")
      || zip(words, words.dropFirst()).contains { $0 == "--log-format" && $1 == "json" }
    if asksForObjects { configureMessages(.normal, .json) }
  }
}
