// `esmfold help`: the texts made from the option table and the manual.

import Report

/// `esmfold help [COMMAND|TOPIC]`.
enum HelpCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    var printsOptionsPage = false
    /// The man page to print.
    var manPage: String?
  }

  private static let table: [Option<Options>] = [
    Option(
      OptionDescription(
        name: "man", form: .value("PAGE"), group: "Output",
        help: "print a man page in roff, such as esmfold-fold.1; list prints the names of all"),
      .value { (values: inout Options, text: String) throws(InvalidValue) in
        guard text == "list" || ManPages.all.contains(where: { $0.file == text }) else {
          let near = nearest(to: text, among: ManPages.all.map(\.file)).map { "; did you mean \($0)?" } ?? ""
          throw InvalidValue("list, or one of the names that it prints\(near)")
        }
        values.manPage = text
      }),
    Option(
      OptionDescription(
        name: "markdown", group: "Output", help: "print the generated section of the manual's page options"
      ).hidden,
      .flag { $0.printsOptionsPage = $1 }),
  ]

  static let command: Command = {
    var command = Command(
      ["help"], "explain the program, one of its commands, or a topic of the manual", defaults: Options(),
      table: OptionTable(table + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      let program = Program.all
      if options.printsOptionsPage {
        context.diagnostics.result(OptionsPage.markdown(program))
      } else if let name = options.manPage {
        context.diagnostics.result(man(name))
      } else if words.isEmpty {
        context.diagnostics.result(HelpText.program(program))
      } else {
        context.diagnostics.page(try text(words, program, context.diagnostics.resultEmphasis))
      }
      return ExitStatus.done
    }
    command.arguments = "[COMMAND|TOPIC]"
    command.details = [
      "The manual is part of the program; its topics are \(ManualPage.all.map(\.name).joined(separator: ", ")).",
      "Long pages are best read as `esmfold help TOPIC | less`, or as man pages, which Scripts/manpages installs.",
    ]
    command.completion = .command
    command.examples = [
      Example(line: "esmfold help weights", meaning: "how models are downloaded, imported, checked and shared"),
      Example(line: "esmfold help --man esmfold-fold.1 | man -l -", meaning: "a man page that is not installed"),
    ]
    return command
  }()

  /// Help of a command, a page of the manual, or both where they have one name.
  private static func text(
    _ words: [String], _ program: Program, _ emphasis: Emphasis
  ) throws(UsageError) -> String {
    let topic = words.count == 1 ? ManualPage.named(words[0]) : nil
    guard let topic else { return HelpText.command(try command(words, program)) }
    var page = PageText.text(topic, emphasis)
    if topic.name == "licences", let licence = ReportPage.viewerLicence { page += "\n" + fitted(licence) }
    guard let command = program.commands.first(where: { $0.name == topic.name }) else { return page }
    return HelpText.command(command) + "\n" + page
  }

  /// A text of others in lines that a terminal shows whole.
  private static func fitted(_ text: String) -> String {
    let width = 80
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = line[...], lines: [Substring] = []
      while let last = line.last, last.isWhitespace { line.removeLast() }
      while line.count > width, let end = line.prefix(width + 1).lastIndex(of: " ") {
        lines.append(line[..<end])
        line = line[line.index(after: end)...]
      }
      return (lines + [line]).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static func command(_ words: [String], _ program: Program) throws(UsageError) -> Command {
    let names = program.commands.map(\.name)
    guard names.contains(words[0]) else {
      let known = names + ManualPage.all.map(\.name)
      throw .unknownTopic(words[0], nearest: nearest(to: words[0], among: known))
    }
    let (command, used) = try program.command(for: words)
    guard words.count > used else { return command }
    let known = command.subcommands.map(\.name)
    guard known.isEmpty else {
      throw .unknownCommand(words[used], nearest: nearest(to: words[used], among: known), known: known)
    }
    throw .unexpectedArgument(words[used], expected: "one command or topic")
  }

  private static func man(_ name: String) -> String {
    if name == "list" { return ManPages.all.map { $0.file + "\n" }.joined() }
    return ManPages.all.first { $0.file == name }?.text() ?? ""
  }
}
