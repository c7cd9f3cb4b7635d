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

/// Everything about an option but its effect; independent of the command's option values.
package struct OptionDescription: Sendable, Equatable {
  /// The long name without dashes, `recycles`.
  package let name: String
  /// Further long names that mean the same, `num-recycles`.
  package let aliases: [String]
  /// The one-letter name without its dash.
  package let short: Character?
  /// The label of the value in help texts, `N`; nil for a switch.
  package let valueLabel: String?
  package let completion: Completion
  /// The default in words; nil where there is none.
  package let defaultText: String?
  /// The environment variable that gives the value when the option is absent.
  package let environment: String?
  /// The heading under which help lists the option.
  package let group: String
  package let help: String
  /// A hidden option works but is not listed.
  package let isHidden: Bool
  /// Whether `--no-NAME` undoes the switch.
  package let isNegatable: Bool

  package init(
    name: String, aliases: [String] = [], short: Character? = nil, valueLabel: String? = nil,
    completion: Completion = .none, defaultText: String? = nil, environment: String? = nil, group: String, help: String,
    isHidden: Bool = false, isNegatable: Bool = false
  ) {
    self.name = name
    self.aliases = aliases
    self.short = short
    self.valueLabel = valueLabel
    self.completion = completion
    self.defaultText = defaultText
    self.environment = environment
    self.group = group
    self.help = help
    self.isHidden = isHidden
    self.isNegatable = isNegatable
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
