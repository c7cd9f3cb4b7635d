// The parser: turns arguments and environment variables into option values, following the table of option records.

/// What the arguments ask for.
package enum ParseOutcome: Sendable, Equatable {
  /// Run the command with these positional arguments; the values are filled in.
  case run([String])
  /// Print help or version instead.
  case end(EarlyEnd)
}

/// The options of one command.
package struct OptionTable<Values>: Sendable {
  package let options: [Option<Values>]

  package init(_ options: [Option<Values>]) {
    self.options = options
  }

  /// The records alone, in order.
  package var descriptions: [OptionDescription] { options.map(\.description) }

  /// One option as given: which, and its value or whether it is on.
  private struct Given {
    let option: Option<Values>
    /// Nil for a switch, and where a value that may be left out is.
    var text: String?
    var isOn = true
  }

  /// Parse `arguments` into `values`; a repeated option's last value wins, an environment variable counts only where
  /// the option is absent, and `--help` or `--version` wins over everything after it.
  ///
  /// - Parameters:
  ///   - arguments: the words after the command's name.
  ///   - environment: the value of an environment variable.
  ///   - values: the defaults on entry, the values asked for on return.
  /// - Returns: the positional arguments, or which text is asked for.
  /// - Throws: `UsageError` for an unknown option, a missing or a bad value.
  package func parse(
    _ arguments: [String], environment: (String) -> String?, into values: inout Values
  ) throws(UsageError) -> ParseOutcome {
    var given: [Given] = []
    var positionals: [String] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        positionals += rest
        break
      } else if word.hasPrefix("--") {
        given.append(try long(word, &rest))
      } else if word.hasPrefix("-"), word != "-" {
        given += try short(word, &rest)
      } else {
        positionals.append(word)
      }
      if case .stop(let end) = given.last?.option.effect { return .end(end) }
    }
    let seen = Set(given.map(\.option.description.name))
    for option in options where !seen.contains(option.description.name) {
      guard let name = option.description.environment, let text = environment(name), !text.isEmpty else { continue }
      try apply(Given(option: option, text: text), from: name, to: &values)
    }
    for item in given {
      try apply(item, from: item.option.description.flag, to: &values)
    }
    return .run(positionals)
  }

  /// One long option, `--name`, `--name=value` or `--no-name`; takes a following value from `rest` if the option needs
  /// one.
  private func long(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> Given {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts[0]
    let attached = parts.count > 1 ? parts[1] : nil
    if let option = options.first(where: { $0.description.spellings.contains(name) }) {
      guard case .value = option.effect else {
        if case .optional = option.effect { return Given(option: option, text: attached) }
        if let attached { throw .surplusValue(option: option.description, found: attached) }
        return Given(option: option)
      }
      if let attached { return Given(option: option, text: attached) }
      return Given(option: option, text: try value(of: option, from: &rest))
    }
    let negated = options.first { option in
      option.description.isNegatable && name == "--no-\(option.description.name)" && attached == nil
    }
    guard let negated else {
      let known = descriptions.filter { !$0.isHidden }.flatMap(\.spellings)
      throw .unknownOption(name, nearest: nearest(to: name, among: known))
    }
    return Given(option: negated, isOn: false)
  }

  /// A word of one-letter options: `-q`, `-qv`, `-n4`, or `-n` with its value in the next word.
  private func short(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> [Given] {
    var given: [Given] = []
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.description.short == letter }) else {
        // `-recycles` is more likely a long name with a missing dash than a group of one-letter options.
        let known = descriptions.filter { !$0.isHidden }.flatMap(\.spellings)
        throw .unknownOption(
          given.isEmpty && word.count > 2 ? word : "-\(letter)",
          nearest: word.count > 2 ? nearest(to: "-" + word, among: known) : nil)
      }
      guard case .value = option.effect else {
        given.append(Given(option: option))
        if case .stop = option.effect { return given }
        continue
      }
      let text = letters.isEmpty ? try value(of: option, from: &rest) : String(letters)
      given.append(Given(option: option, text: text))
      break
    }
    return given
  }

  /// The next word as the value of `option`; a word that is itself an option means that the value is missing.
  private func value(of option: Option<Values>, from rest: inout ArraySlice<String>) throws(UsageError) -> String {
    guard let word = rest.first, word != "--" else { throw .missingValue(option: option.description, next: nil) }
    let looksLikeOption =
      word.hasPrefix("--") || descriptions.contains { option in option.short.map { "-\($0)" == word } ?? false }
    if looksLikeOption { throw .missingValue(option: option.description, next: word) }
    rest.removeFirst()
    return word
  }

  private func checking(
    _ item: Given, from source: String, _ set: () throws(InvalidValue) -> Void
  ) throws(UsageError) {
    do throws(InvalidValue) {
      try set()
    } catch {
      throw .badValue(
        option: item.option.description, source: source, found: item.text ?? "", expected: error.expected)
    }
  }

  private func apply(_ item: Given, from source: String, to values: inout Values) throws(UsageError) {
    switch item.option.effect {
    case .flag(let set):
      set(&values, item.isOn)
    case .optional(let set):
      try checking(item, from: source) { () throws(InvalidValue) in try set(&values, item.isOn, item.text) }
    case .value(let set):
      try checking(item, from: source) { () throws(InvalidValue) in try set(&values, item.text ?? "") }
    case .stop:
      break
    }
  }
}
