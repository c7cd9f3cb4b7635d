// The description of an option, for help texts, the manual and shells.

/// The completions that a shell offers for the value of an option or argument.
package enum Completion: Sendable, Equatable {
  /// No completion (a number, a name).
  case none
  case file
  case folder
  case choice([String])
  /// One of the program's commands, or a topic of the manual.
  case command
  /// A model: a file, a folder, or the name of a model in the program or the cache.
  case model
  /// The name of a model in the cache.
  case cachedModel
}

/// What is written after the name of an option.
package enum OptionForm: Sendable, Equatable {
  /// Nothing.
  case plain
  /// Nothing, and `--no-NAME` undoes it; `default` in words, where help should name it.
  case negatable(default: String? = nil)
  /// A value: its label in help texts, `N`; the default in words, nil where there is none; and the environment variable
  /// that gives the value when the option is absent.
  case value(_ label: String, completion: Completion = .none, default: String? = nil, environment: String? = nil)
  /// Nothing, or a value after an equals sign, so that the next word is never taken for it: its label in help texts; and
  /// `--no-NAME` undoes it.
  case optional(_ label: String, completion: Completion = .none)
}

/// Everything about an option but its effect; independent of the command's option values.
package struct OptionDescription: Sendable, Equatable {
  /// The long name without dashes, `recycles`.
  package let name: String
  /// Further long names that mean the same, `num-recycles`.
  package let aliases: [String]
  /// The one-letter name without its dash.
  package let short: Character?
  package let form: OptionForm
  /// The heading under which help lists the option.
  package let group: String
  package let help: String
  /// A hidden option works but is not listed.
  package private(set) var isHidden = false

  package init(
    name: String, aliases: [String] = [], short: Character? = nil, form: OptionForm = .plain, group: String,
    help: String
  ) {
    self.name = name
    self.aliases = aliases
    self.short = short
    self.form = form
    self.group = group
    self.help = help
  }

  /// The same option, hidden.
  var hidden: OptionDescription {
    var copy = self
    copy.isHidden = true
    return copy
  }

  /// The label of the value that must follow, `N`; nil for a switch.
  package var valueLabel: String? {
    if case .value(let label, _, _, _) = form { label } else { nil }
  }

  /// The label of the value that may follow after an equals sign, `LIST`; nil where none may.
  package var optionalLabel: String? {
    if case .optional(let label, _) = form { label } else { nil }
  }

  package var completion: Completion {
    switch form {
    case .value(_, let completion, _, _), .optional(_, let completion): completion
    case .plain, .negatable: .none
    }
  }

  /// The default in words; nil where there is none.
  package var defaultText: String? {
    switch form {
    case .plain, .optional: nil
    case .negatable(let text), .value(_, _, let text, _): text
    }
  }

  /// The environment variable that gives the value when the option is absent.
  package var environment: String? {
    if case .value(_, _, _, let name) = form { name } else { nil }
  }

  /// Whether `--no-NAME` undoes the switch.
  package var isNegatable: Bool {
    switch form {
    case .negatable, .optional: true
    case .plain, .value: false
    }
  }

  /// The long spelling with dashes, `--recycles`.
  package var flag: String { "--\(name)" }

  /// Every spelling with dashes, long names first.
  package var spellings: [String] {
    var spellings = [flag] + aliases.map { "--\($0)" }
    if let short { spellings.append("-\(short)") }
    return spellings
  }
}
