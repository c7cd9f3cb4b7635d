// `esmfold help` and `esmfold completion`: the texts made from the option table.

/// `esmfold help [COMMAND]`.
enum HelpCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    var asMarkdown = false
  }

  static let command: Command = {
    let markdown = Option<Options>(
      OptionDescription(
        name: "markdown", group: "Output", help: "print the option section of the README", isHidden: true),
      .flag { $0.asMarkdown = $1 })
    var command = Command(
      ["help"], "explain the program or one of its commands", defaults: Options(),
      table: OptionTable([markdown] + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      let program = Program.all
      if options.asMarkdown {
        context.diagnostics.result(HelpText.markdown(program))
      } else if words.isEmpty {
        context.diagnostics.result(HelpText.program(program))
      } else {
        let (command, used) = try program.command(for: words)
        if words.count > used {
          let known = command.subcommands.map(\.name)
          guard known.isEmpty else {
            throw .unknownCommand(words[used], nearest: nearest(to: words[used], among: known), known: known)
          }
          throw .unexpectedArgument(words[used], expected: "one command")
        }
        context.diagnostics.result(HelpText.command(command))
      }
      return ExitStatus.done
    }
    command.arguments = "[COMMAND]"
    command.completion = .command
    return command
  }()
}

/// `esmfold completion bash|zsh|fish`.
enum CompletionCommand {
  static let command: Command = {
    let shells = CompletionScript.Shell.allCases.map(\.rawValue)
    var command = Command(
      ["completion"], "print a script that completes commands and options in a shell", defaults: CommonOptions(),
      table: OptionTable(CommonOptions.table), common: \.self
    ) { (_, words, context) throws(UsageError) in
      let expected = shells.joined(separator: ", ")
      guard let word = words.first else { throw .missingArgument("the shell: one of \(expected)") }
      guard words.count == 1 else { throw .unexpectedArgument(words[1], expected: "one shell") }
      guard let shell = CompletionScript.Shell(rawValue: word) else {
        throw .unexpectedArgument(word, expected: "one of \(expected)")
      }
      context.diagnostics.result(CompletionScript.text(for: shell, Program.all))
      return ExitStatus.done
    }
    command.arguments = shells.joined(separator: "|")
    command.completion = .choice(shells)
    command.examples = [
      Example(line: "source <(esmfold completion bash)", meaning: "in ~/.bashrc"),
      Example(line: "esmfold completion zsh > ~/.zfunc/_esmfold", meaning: "zsh: a folder in $fpath"),
      Example(line: "esmfold completion fish > ~/.config/fish/completions/esmfold.fish", meaning: "fish"),
    ]
    return command
  }()
}
