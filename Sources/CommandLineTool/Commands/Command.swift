// A command of the program as a record: what help, completion and the manual say about it, and what it does.

/// An example in help texts.
package struct Example: Sendable {
  package let line: String
  package let meaning: String
}

/// A command, or a group of commands such as `weights`.
package struct Command: Sendable {
  /// The words after the program's name, `["weights", "import"]`.
  package let path: [String]
  /// What it does, in a few words.
  package let summary: String
  /// The arguments as the usage line shows them, `[FASTA…] -o DIR`.
  package var arguments = ""
  /// Paragraphs below the usage line.
  package var details: [String] = []
  /// What a shell may offer as an argument.
  package var completion: Completion = .none
  package var examples: [Example] = []
  package var options: [OptionDescription] = []
  package var subcommands: [Command] = []
  /// Carries the command out and gives the exit status.
  package var run: @Sendable ([String], CommandContext) throws(UsageError) -> Outcome = {
    (_, _) throws(UsageError) in .end(.help)
  }

  /// The outcome of a command.
  package enum Outcome: Sendable {
    case status(Int32)
    /// Print help or version instead.
    case end(EarlyEnd)
  }

  package var name: String { path.last ?? "" }

  /// A group of commands.
  package init(_ path: [String], _ summary: String, subcommands: [Command]) {
    self.path = path
    self.summary = summary
    self.subcommands = subcommands
    arguments = "COMMAND"
    options = OptionTable<CommonOptions>(CommonOptions.informative).descriptions
    run = { (words, _) throws(UsageError) in
      let known = subcommands.map(\.name)
      guard let word = words.first else { throw .noCommand(known: known) }
      if word == "--help" || word == "-h" { return .end(.help) }
      if word == "--version" { return .end(.version) }
      if word.hasPrefix("-") { throw .unknownOption(word, nearest: nil) }
      throw .unknownCommand(word, nearest: nearest(to: word, among: known), known: known)
    }
  }

  /// A command whose options are collected in a `Values`.
  ///
  /// - Parameters:
  ///   - path: the words after the program's name.
  ///   - summary: what it does, in a few words.
  ///   - defaults: the values before parsing.
  ///   - table: the options.
  ///   - common: where the common options are among the values.
  ///   - body: carries out the command; takes the values and the positional arguments, returns the exit status.
  package init<Values: Sendable>(
    _ path: [String], _ summary: String, defaults: Values, table: OptionTable<Values>,
    common: any WritableKeyPath<Values, CommonOptions> & Sendable,
    body: @escaping @Sendable (Values, [String], CommandContext) throws(UsageError) -> Int32
  ) {
    self.path = path
    self.summary = summary
    options = table.descriptions
    run = { (words, context) throws(UsageError) in
      var values = defaults
      switch try table.parse(words, environment: context.environment, into: &values) {
      case .end(let end):
        return .end(end)
      case .run(let positionals):
        let chosen = values[keyPath: common]
        context.configureMessages(chosen.level, chosen.logFormat)
        return .status(try body(values, positionals, context))
      }
    }
  }
}
