// Completion scripts for bash, zsh and fish, made from the option table.

package enum CompletionScript {
  package enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish
  }

  /// The script of `program` for `shell`.
  package static func text(for shell: Shell, _ program: Program) -> String {
    var program = program
    for index in program.commands.indices where program.commands[index].completion == .command {
      let commands = program.commands.map(\.name)
      let topics = ManualPage.all.map(\.name).filter { !commands.contains($0) }
      program.commands[index].completion = .choice(commands + topics)
    }
    switch shell {
    case .bash: return bash(program)
    case .zsh: return zsh(program)
    case .fish: return fish(program)
    }
  }

  private static func shown(_ command: Command) -> [OptionDescription] {
    command.options.filter { !$0.isHidden }
  }

  /// All spellings that a shell may offer, `--no-NAME` included.
  private static func spellings(_ options: [OptionDescription]) -> [String] {
    options.flatMap { $0.spellings + ($0.isNegatable ? ["--no-\($0.name)"] : []) }
  }

  /// `text` inside single quotation marks of a POSIX shell.
  private static func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  // === bash ===

  private static func bash(_ program: Program) -> String {
    var cases = ""
    for command in program.leaves {
      var values = ""
      for option in shown(command) where option.valueLabel != nil {
        values += "        \(option.spellings.joined(separator: "|"))) \(bashReply(option.completion)); return ;;\n"
      }
      cases += "    \(shellQuoted(command.path.joined(separator: " "))))\n"
      if !values.isEmpty { cases += "      case \"$previous\" in\n\(values)      esac\n" }
      for option in shown(command) where option.optionalLabel != nil {
        cases +=
          "      if [[ $previous$equals == \(option.flag)= ]]; then \(bashReply(option.completion)); return; fi\n"
      }
      cases += "      if [[ $current == -* ]]; then\n"
      cases += "        COMPREPLY=($(compgen -W \(shellQuoted(spellings(shown(command)).joined(separator: " "))) "
      cases += "-- \"$current\"))\n"
      cases += "      else\n        \(bashReply(command.completion))\n      fi ;;\n"
    }
    for group in program.commands where !group.subcommands.isEmpty {
      let words = (group.subcommands.map(\.name) + spellings(shown(group))).joined(separator: " ")
      cases += "    \(shellQuoted(group.name))*) COMPREPLY=($(compgen -W \(shellQuoted(words)) -- \"$current\")) ;;\n"
    }
    let words = (program.commands.map(\.name) + spellings(program.options)).joined(separator: " ")
    let groups = program.commands.filter { !$0.subcommands.isEmpty }.map(\.name).joined(separator: "|")
    return """
      # bash completion of esmfold; made by: esmfold completion bash
      _esmfold() {
        local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="" equals=""
        COMPREPLY=()
        # bash splits --name=value into three words.
        if [[ $current == "=" ]]; then current="" equals="="
        elif [[ $previous == "=" ]]; then previous="${COMP_WORDS[COMP_CWORD-2]}" equals="="
        fi
        if ((COMP_CWORD > 1)); then command="${COMP_WORDS[1]}"; fi
        case "$command" in
          \(groups)) if ((COMP_CWORD > 2)); then command+=" ${COMP_WORDS[2]}"; fi ;;
        esac
        case "$command" in
          '') COMPREPLY=($(compgen -W \(shellQuoted(words)) -- "$current")) ;;
      \(cases)  esac
      }
      complete -o filenames -F _esmfold esmfold

      """
  }

  /// The command that prints the names of the models in the cache.
  private static func cachedModels(_ program: String) -> String {
    "\(program) weights list --format tsv 2>/dev/null | tail -n +2 | cut -f 1"
  }

  private static func bashReply(_ completion: Completion) -> String {
    switch completion {
    case .none: ":"
    case .file: "COMPREPLY=($(compgen -f -- \"$current\"))"
    case .folder: "COMPREPLY=($(compgen -d -- \"$current\"))"
    case .choice(let words): "COMPREPLY=($(compgen -W \(shellQuoted(words.joined(separator: " "))) -- \"$current\"))"
    case .model:
      "COMPREPLY=($(compgen -W \"demo $(\(cachedModels("\"${COMP_WORDS[0]}\"")))\" -- \"$current\") "
        + "$(compgen -f -- \"$current\"))"
    case .cachedModel:
      "COMPREPLY=($(compgen -W \"$(\(cachedModels("\"${COMP_WORDS[0]}\"")))\" -- \"$current\"))"
    case .command: ":"
    }
  }

  // === zsh ===

  private static func zsh(_ program: Program) -> String {
    var functions = """
      _esmfold_cached() {
        local -a names
        names=(${(f)"$(\(cachedModels("esmfold")))"})
        compadd -a names
      }

      _esmfold_model() {
        _alternative 'models:model:(demo)' 'cached:model in the cache:_esmfold_cached' 'files:file:_files'
      }


      """
    for command in program.leaves {
      functions += "_esmfold_\(command.path.joined(separator: "_"))() {\n  _arguments -s -S \\\n"
      for option in shown(command) {
        let isOptional = option.optionalLabel != nil
        let value =
          (option.valueLabel ?? option.optionalLabel).map {
            "\(isOptional ? "::" : ":")\(zshText($0)):\(zshAction(option.completion))"
          } ?? ""
        func add(_ spelling: String, _ value: String) {
          // A long option also takes its value after `=`, or only there, a short one also at once.
          let tail = value.isEmpty ? "" : isOptional ? "=-" : spelling.hasPrefix("--") ? "=" : "+"
          functions += "    \(shellQuoted("*\(spelling)\(tail)[\(zshText(option.help))]\(value)")) \\\n"
        }
        for spelling in option.spellings { add(spelling, value) }
        if option.isNegatable { add("--no-\(option.name)", "") }
      }
      functions += "    \(shellQuoted("*:argument:\(zshAction(command.completion))"))\n}\n\n"
    }
    for group in program.commands where !group.subcommands.isEmpty {
      functions += zshChoice("_esmfold_\(group.name)", group.subcommands, prefix: "_esmfold_\(group.name)_")
    }
    return "#compdef esmfold\n# zsh completion of esmfold; made by: esmfold completion zsh\n\n" + functions
      + zshChoice("_esmfold", program.commands, prefix: "_esmfold_") + """
        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
          _esmfold "$@"
        else
          compdef _esmfold esmfold
        fi

        """
  }

  /// A function that offers the names of commands, then hands over to the function of the one chosen.
  private static func zshChoice(_ name: String, _ commands: [Command], prefix: String) -> String {
    let items = commands.map { shellQuoted("\($0.name):\(zshText($0.summary))") }.joined(separator: " ")
    let cases = commands.map { "        \($0.name)) \(prefix)\($0.name) ;;\n" }.joined()
    return """
      \(name)() {
        local state line
        local -a commands=(\(items))
        _arguments -C '(- *)'{-h,--help}'[print help]' '(- *)--version[print the version]' '1: :->command' '*:: :->rest'
        case $state in
          command) _describe command commands ;;
          rest)
            case $line[1] in
      \(cases)      esac ;;
        esac
      }


      """
  }

  /// Text without the characters that have a meaning in a specification of `_arguments`.
  private static func zshText(_ text: String) -> String {
    text.map { character in
      switch character {
      case "[", "]", ":", "\\": "\\\(character)"
      default: String(character)
      }
    }.joined()
  }

  private static func zshAction(_ completion: Completion) -> String {
    switch completion {
    case .none, .command: " "
    case .file: "_files"
    case .folder: "_files -/"
    case .choice(let words): "(\(words.joined(separator: " ")))"
    case .model: "_esmfold_model"
    case .cachedModel: "_esmfold_cached"
    }
  }

  // === fish ===

  private static func fish(_ program: Program) -> String {
    var text = "# fish completion of esmfold; made by: esmfold completion fish\n"
    text += """
      # Whether the words so far begin with the given command, or are none when none is given.
      function __esmfold_at
          set -l words (commandline -opc)
          set -e words[1]
          set -l last (count $argv)
          if test $last -eq 0
              test (count $words) -eq 0
          else
              test (count $words) -ge $last; and test "$words[1..$last]" = "$argv"
          end
      end

      complete -c esmfold -f

      """
    text += fishOptions(program.options, condition: "__esmfold_at")
    for command in program.commands {
      text += "complete -c esmfold -n __esmfold_at -a \(command.name) -d \(fishQuoted(command.summary))\n"
      for subcommand in command.subcommands {
        let condition = "__esmfold_at \(command.name); and test (count (commandline -opc)) -eq 2"
        text += "complete -c esmfold -n \(fishQuoted(condition)) -a \(subcommand.name) "
        text += "-d \(fishQuoted(subcommand.summary))\n"
      }
      if !command.subcommands.isEmpty { text += fishOptions(shown(command), condition: "__esmfold_at \(command.name)") }
    }
    for command in program.leaves {
      let condition = "__esmfold_at \(command.path.joined(separator: " "))"
      if command.completion != .none {
        text += "complete -c esmfold -n \(fishQuoted(condition))\(fishValue(command.completion))\n"
      }
      text += fishOptions(shown(command), condition: condition)
    }
    return text
  }

  private static func fishOptions(_ options: [OptionDescription], condition: String) -> String {
    var text = ""
    for option in options {
      for name in [option.name] + option.aliases + (option.isNegatable ? ["no-\(option.name)"] : []) {
        text += "complete -c esmfold -n \(fishQuoted(condition)) -l \(name)"
        if name == option.name, let short = option.short { text += " -s \(short)" }
        if option.valueLabel != nil {
          // -x also stops fish from offering files as the value.
          let takesFiles = option.completion == .file || option.completion == .model
          text += (takesFiles ? " -r" : " -x") + fishValue(option.completion)
        } else if option.optionalLabel != nil, name == option.name {
          // Without -r and -x only after `=`.
          text += fishValue(option.completion)
        }
        text += " -d \(fishQuoted(option.help))\n"
      }
    }
    return text
  }

  private static func fishValue(_ completion: Completion) -> String {
    switch completion {
    case .none, .command: ""
    case .file: " -F"
    case .folder: " -a '(__fish_complete_directories)'"
    case .choice(let words): " -a \(fishQuoted(words.joined(separator: " ")))"
    case .model: " -F -a 'demo (\(cachedModels("esmfold")))'"
    case .cachedModel: " -a '(\(cachedModels("esmfold")))'"
    }
  }

  private static func fishQuoted(_ text: String) -> String {
    let escaped = text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return "'\(escaped)'"
  }
}
