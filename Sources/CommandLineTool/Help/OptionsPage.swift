// The section of the manual's page `options` that is made from the option table.

package enum OptionsPage {
  /// Every command with its options; options of several commands are described once, after the commands.
  package static func markdown(_ program: Program) -> String {
    let shared = shared(program.leaves)
    var text = ""
    for command in program.leaves {
      let usage = (["esmfold"] + command.path + [command.arguments]).filter { !$0.isEmpty }.joined(separator: " ")
      text += "## `\(usage)`\n\n\(escaped(HelpText.sentence(command.summary)))\n\n"
      let own = command.ownOptions.filter { !shared.map(\.option).contains($0) }
      if !own.isEmpty { text += table(own) + "\n" }
      let others = command.ownOptions.filter { shared.map(\.option).contains($0) }.map { "`\($0.flag)`" }
      if !others.isEmpty {
        text += "\(own.isEmpty ? "Options" : "Also") described below: \(others.joined(separator: ", ")).\n\n"
      }
    }
    text += "## Options of several commands\n\n"
    text += "| option | meaning |\n|---|---|\n"
    for entry in shared {
      let commands = entry.commands.map { "`\($0.path.joined(separator: " "))`" }.joined(separator: ", ")
      text += row(entry.option, "of \(commands): ")
    }
    text += "\n## Options of every command\n\n"
    text += table(CommonOptions.table.map(\.description).filter { !$0.isHidden })
    return text
  }

  /// Options that mean exactly the same to more than one command, in the order in which commands first have them.
  private static func shared(_ commands: [Command]) -> [(option: OptionDescription, commands: [Command])] {
    var found: [(option: OptionDescription, commands: [Command])] = []
    for command in commands {
      for option in command.ownOptions {
        if let index = found.firstIndex(where: { $0.option == option }) {
          found[index].commands.append(command)
        } else {
          found.append((option, [command]))
        }
      }
    }
    return found.filter { $0.commands.count > 1 }
  }

  private static func table(_ options: [OptionDescription]) -> String {
    "| option | meaning |\n|---|---|\n" + options.map { row($0, "") }.joined()
  }

  private static func row(_ option: OptionDescription, _ introduction: String) -> String {
    // A bar would end the cell of the table.
    let label = HelpText.tail(option).replacing("|", with: "\\|")
    let names = ([option.short.map { "-\($0)" }, option.flag].compactMap { $0 } + option.aliases.map { "--\($0)" })
      .map { "`\($0)\(label)`" }.joined(separator: ", ")
    return "| \(names) | \(introduction)\(escaped(HelpText.fullHelp(option, namesAliases: false))) |\n"
  }

  /// Text with options and tokens as code, and with characters that have a meaning in Markdown escaped.
  private static func escaped(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let match = rest.firstMatch(of: /<[a-z]+>|--[a-z][a-z-]*[a-z]/) {
      result += withoutMarks(rest[..<match.range.lowerBound]) + "`\(match.output)`"
      rest = rest[match.range.upperBound...]
    }
    return result + withoutMarks(rest)
  }

  private static func withoutMarks(_ text: Substring) -> String {
    text.map { "\\<*`|[".contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
