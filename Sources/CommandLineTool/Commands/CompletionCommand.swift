// `esmfold completion`: the completion script of a shell.

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
