// One command-line option as a record. Parsing, help, completion scripts, man pages and the manual's page `options` are
// all made from these records, so they cannot disagree.

/// What a shell may offer as the value of an option or argument.
package enum Completion: Sendable, Equatable {
  /// Nothing can be offered (a number, a name).
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

/// Everything about an option that a reader or a shell sees; independent of the command's option values.
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
  /// A hidden option works but is listed nowhere.
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

/// Says why a value was refused: what the option expects. The parser adds the option and the value found.
package struct InvalidValue: Error {
  package let expected: String

  package init(_ expected: String) {
    self.expected = expected
  }
}

/// An option of a command whose options are collected in a `Values`.
package struct Option<Values>: Sendable {
  /// What giving the option does.
  package enum Effect: Sendable {
    /// Turns something on, or with `--no-NAME` off.
    case flag(@Sendable (inout Values, Bool) -> Void)
    /// Takes a value.
    case value(@Sendable (inout Values, String) throws(InvalidValue) -> Void)
    /// Ends parsing at once: the program prints its help or version.
    case stop(EarlyEnd)
  }

  package let description: OptionDescription
  package let effect: Effect

  package init(_ description: OptionDescription, _ effect: Effect) {
    self.description = description
    self.effect = effect
  }

  /// The same option for values that contain `Values` at `path`.
  package func within<Outer>(_ path: any WritableKeyPath<Outer, Values> & Sendable) -> Option<Outer> {
    switch effect {
    case .flag(let set):
      return Option<Outer>(description, .flag { values, isOn in set(&values[keyPath: path], isOn) })
    case .value(let set):
      return Option<Outer>(
        description,
        .value { (values: inout Outer, text: String) throws(InvalidValue) in try set(&values[keyPath: path], text) })
    case .stop(let end):
      return Option<Outer>(description, .stop(end))
    }
  }
}

/// An option that ends parsing because it asks for a text instead of a run.
package enum EarlyEnd: Sendable, Equatable {
  case help
  case version
}

/// Read a whole number from `minimum` to `maximum`.
///
/// - Throws: `InvalidValue` when the text is not such a number.
package func wholeNumber(
  _ text: String, atLeast minimum: Int, atMost maximum: Int = 1_000_000
) throws(InvalidValue) -> Int {
  let digits = text.utf8.allSatisfy { (48...57).contains($0) }
  guard digits, let number = Int(text), number >= minimum, number <= maximum else {
    throw InvalidValue("a whole number from \(minimum) to \(maximum)")
  }
  return number
}
