// All man pages, made from the option table and the manual.

/// The man pages by name: `esmfold`(1), one for each command and group, and the topics in section 7.
package enum ManPages {
  /// A man page.
  package struct Entry: Sendable {
    /// `esmfold-fold`
    package let name: String
    package let section: Int
    /// The page in roff.
    package let text: @Sendable () -> String

    /// `esmfold-fold.1`
    package var file: String { "\(name).\(section)" }
  }

  static let commandSection = 1
  static let topicSection = 7
  /// The columns of a terminal that man fills, less its indent and that of tables.
  static let width = 66

  package static let program = Entry(name: "esmfold", section: commandSection) { Program.all.roff }

  /// Every page, that of the program first.
  package static let all: [Entry] =
    [program]
    + Program.all.commands.flatMap { [$0] + $0.subcommands }.map(entry)
    + ManualPage.all.map { page in Entry(name: page.manName, section: topicSection) { page.roff } }

  static func entry(_ command: Command) -> Entry {
    Entry(name: command.manName, section: commandSection) { command.roff }
  }

  /// The other commands of a group.
  static func siblings(of command: Command) -> [Entry] {
    Program.all.commands.first { $0.name == command.path[0] && $0.path != command.path }
      .map { [entry($0)] + $0.subcommands.filter { $0.path != command.path }.map(entry) } ?? []
  }

  /// The pages as words of a list, `esmfold`(1), `esmfold-fold`(1).
  static func references(_ entries: some Collection<Entry>, ending: String = "") -> [StyledWord] {
    entries.enumerated().map { index, entry in
      let mark = index < entries.count - 1 ? "," : ending
      return StyledWord([
        .init(text: entry.name, style: .strong), .init(text: "(\(entry.section))\(mark)", style: .plain),
      ])
    }
  }
}
