// One command-line option as a record. Parsing, help, completion scripts, man pages and the manual's page `options` are
// all made from these records, so they cannot disagree.

/// An option of a command whose options are collected in a `Values`.
package struct Option<Values>: Sendable {
  /// What giving the option does.
  package enum Effect: Sendable {
    /// Turns something on, or with `--no-NAME` off.
    case flag(@Sendable (inout Values, Bool) -> Void)
    /// The same, with a value or without.
    case optional(@Sendable (inout Values, Bool, String?) throws(InvalidValue) -> Void)
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
    case .optional(let set):
      return Option<Outer>(
        description,
        .optional { (values: inout Outer, isOn: Bool, text: String?) throws(InvalidValue) in
          try set(&values[keyPath: path], isOn, text)
        })
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
