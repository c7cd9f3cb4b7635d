// A command, or the program as a whole, as a man page of section 1.

extension Command {
  /// The name of the man page without its section.
  package var manName: String { (["esmfold"] + path).joined(separator: "-") }

  /// The page in roff.
  package var roff: String {
    var roff = Roff(manName, section: ManPages.commandSection)
    roff.name(manName, summary)
    roff.macro("SH", "SYNOPSIS")
    roff.usage((["esmfold"] + path).joined(separator: " "), arguments, ownOptions.isEmpty ? "" : "[options]")
    roff.macro("SH", "DESCRIPTION")
    roff.paragraph(HelpText.sentence(summary))
    for paragraph in details { roff.paragraph(paragraph) }
    if !subcommands.isEmpty {
      roff.macro("SH", "COMMANDS")
      for subcommand in subcommands { roff.entry(subcommand.name, subcommand.summary) }
    }
    roff.macro("SH", "OPTIONS")
    for group in HelpText.groups(ownOptions) {
      roff.macro("SS", group.name)
      for option in group.options { roff.option(option) }
    }
    roff.paragraph(
      StyledWord.words([.text("Options of every command, such as ", .plain), .text("--quiet", .code)])
        + StyledWord.words([.text("and", .plain)])
        + StyledWord.words([.text("--log-format", .code), .text(", are described in", .plain)])
        + ManPages.references([ManPages.program], ending: "."))
    if !examples.isEmpty { roff.examples(examples) }
    roff.macro("SH", "EXIT STATUS")
    roff.statuses()
    roff.macro("SH", "SEE ALSO")
    let related = subcommands.isEmpty ? ManPages.siblings(of: self) : subcommands.map(ManPages.entry)
    roff.words(ManPages.references([ManPages.program] + related))
    return roff.text
  }

  /// Options that not every command has.
  package var ownOptions: [OptionDescription] {
    options.filter { !$0.isHidden && $0.group != "Messages" && $0.group != "Other" }
  }
}

extension Program {
  /// The page of the whole program in roff.
  package var roff: String {
    var roff = Roff("esmfold", section: ManPages.commandSection)
    roff.name("esmfold", "predict the structures of proteins from their sequences")
    roff.macro("SH", "SYNOPSIS")
    roff.usage("esmfold", "COMMAND", "[options] [files]")
    roff.macro("SH", "DESCRIPTION")
    for paragraph in details { roff.paragraph(paragraph) }
    roff.macro("SH", "COMMANDS")
    for command in leaves { roff.entry(command.path.joined(separator: " "), command.summary) }
    roff.macro("SH", "OPTIONS OF EVERY COMMAND")
    for option in CommonOptions.table.map(\.description) where !option.isHidden { roff.option(option) }
    roff.macro("SH", "EXIT STATUS")
    roff.statuses()
    roff.macro("SH", "ENVIRONMENT")
    for (name, meaning) in Program.environmentVariables { roff.entry(name, meaning) }
    roff.examples(examples)
    roff.macro("SH", "SEE ALSO")
    roff.words(ManPages.references(ManPages.all.dropFirst()))
    return roff.text
  }
}

extension Roff {
  fileprivate mutating func name(_ name: String, _ summary: String) {
    macro("SH", "NAME")
    words("\(name) - \(summary)")
  }

  /// The command in bold, what it takes in italics.
  fileprivate mutating func usage(_ command: String, _ arguments: String...) {
    let taken = arguments.filter { !$0.isEmpty }.joined(separator: " ")
    words(StyledWord.words([.text(command, .strong), .text(" ", .plain), .text(taken, .emphasis)]))
  }

  fileprivate mutating func option(_ option: OptionDescription) {
    let names = [option.short.map { "-\($0)" }, option.flag].compactMap { $0 } + option.aliases.map { "--\($0)" }
    let heads = names.enumerated().map { index, name in
      StyledWord(
        [.init(text: name, style: .code)]
          + (option.valueLabel.map { [.init(text: " ", style: .plain), .init(text: $0, style: .emphasis)] } ?? [])
          + (option.optionalLabel.map {
            [.init(text: "[=", style: .plain), .init(text: $0, style: .emphasis), .init(text: "]", style: .plain)]
          } ?? [])
          + (index < names.count - 1 ? [.init(text: ",", style: .plain)] : []))
    }
    macro("TP", heads)
    words(HelpText.fullHelp(option, namesAliases: false))
  }

  fileprivate mutating func examples(_ examples: [Example]) {
    macro("SH", "EXAMPLES")
    for example in examples {
      paragraph(HelpText.sentence(example.meaning))
      verbatim([example.line])
    }
  }

  fileprivate mutating func statuses() {
    for (status, meaning) in Program.exitStatuses { entry(status, meaning) }
  }
}
