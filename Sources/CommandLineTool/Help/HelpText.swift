// Help as text for a terminal of 80 columns.

package enum HelpText {
  /// The width of the lines.
  package static let width = 80
  /// Where the texts of options and commands begin.
  private static let column = 28

  /// The help of the whole program.
  package static func program(_ program: Program) -> String {
    var text = "Usage: esmfold COMMAND [options] [files]\n\n"
    text += paragraphs(program.details)
    text += "\nCommands:\n"
    for command in program.leaves {
      text += entry("  " + command.path.joined(separator: " "), command.summary)
    }
    text += options(program.options)
    text += "\nExamples:\n" + examples(program.examples)
    text += "\n" + paragraphs(["esmfold COMMAND --help lists the options of a command."])
    text += "\nManual (esmfold help TOPIC):\n"
    for page in ManualPage.all { text += entry("  " + page.name, page.summary) }
    text += "\nExit status:\n"
    for (status, meaning) in Program.exitStatuses { text += entry("  " + status, meaning) }
    text += "\nEnvironment:\n"
    for (name, meaning) in Program.environmentVariables { text += entry("  " + name, meaning) }
    return text
  }

  /// The help of one command or group.
  package static func command(_ command: Command) -> String {
    let usage = ["Usage: esmfold"] + command.path + [command.arguments, command.options.count > 2 ? "[options]" : ""]
    var text = usage.filter { !$0.isEmpty }.joined(separator: " ") + "\n\n"
    text += paragraphs([sentence(command.summary)] + command.details)
    if !command.subcommands.isEmpty {
      text += "\nCommands:\n"
      for subcommand in command.subcommands { text += entry("  " + subcommand.name, subcommand.summary) }
    }
    text += options(command.options)
    if !command.examples.isEmpty { text += "\nExamples:\n" + examples(command.examples) }
    return text
  }

  /// The lines of one option.
  package static func option(_ option: OptionDescription) -> String {
    let head = option.short.map { "-\($0), " } ?? "    "
    return entry("  " + head + option.flag + tail(option), fullHelp(option))
  }

  /// What follows the name of an option: ` N` or `[=LIST]`.
  static func tail(_ option: OptionDescription) -> String {
    option.valueLabel.map { " \($0)" } ?? option.optionalLabel.map { "[=\($0)]" } ?? ""
  }

  /// Options under their headings, in the order in which the headings first appear.
  private static func options(_ options: [OptionDescription]) -> String {
    groups(options).map { "\n\($0.name):\n" + $0.options.map(HelpText.option).joined() }.joined()
  }

  /// Options that are not hidden by their headings.
  static func groups(_ options: [OptionDescription]) -> [(name: String, options: [OptionDescription])] {
    let shown = options.filter { !$0.isHidden }
    var names: [String] = []
    for option in shown where !names.contains(option.group) { names.append(option.group) }
    return names.map { name in (name, shown.filter { $0.group == name }) }
  }

  /// What an option is for, its default and the environment variable that may stand for it.
  static func fullHelp(_ option: OptionDescription, namesAliases: Bool = true) -> String {
    var notes = namesAliases ? option.aliases.map { "also --\($0)" } : []
    if let text = option.defaultText { notes.append("default: \(text)") }
    if let name = option.environment { notes.append("environment: \(name)") }
    if option.isNegatable { notes.append("undone by --no-\(option.name)") }
    return option.help + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
  }

  private static func entry(_ head: String, _ text: String) -> String {
    let lines = wrapped(text, width - column)
    let indent = String(repeating: " ", count: column)
    let body = lines.joined(separator: "\n" + indent)
    // A head that reaches the column of the texts gets its own line.
    return head.count + 2 > column ? "\(head)\n\(indent)\(body)\n" : padded(head, column) + body + "\n"
  }

  private static func paragraphs(_ paragraphs: [String]) -> String {
    paragraphs.map { wrapped($0, width).joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private static func examples(_ examples: [Example]) -> String {
    examples.map { example in
      wrapped(example.meaning, width - 4).map { "  # \($0)\n" }.joined() + "  \(example.line)\n"
    }.joined()
  }

  /// A summary as a sentence.
  static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }
}
