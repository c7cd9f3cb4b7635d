// Mistakes on the command line; each ends the program with exit status 2.

import Platform

/// A command line that cannot be carried out as written.
package enum UsageError: Error, Sendable {
  case unknownOption(String, nearest: String?)
  case unknownCommand(String, nearest: String?, known: [String])
  /// Help was requested for something that is neither a command nor a topic of the manual.
  case unknownTopic(String, nearest: String?)
  /// No command (or no subcommand) was given.
  case noCommand(known: [String])
  /// An option that needs a value has none; `next` is the option found in its place.
  case missingValue(option: OptionDescription, next: String?)
  /// A switch was given a value.
  case surplusValue(option: OptionDescription, found: String)
  /// `source` is the option or environment variable that gave the value.
  case badValue(option: OptionDescription, source: String, found: String, expected: String)
  case missingOption(OptionDescription)
  case unexpectedArgument(String, expected: String)
  case missingArgument(String)
  /// `source` is an argument or an environment variable whose bytes are not UTF-8.
  case notText(source: String, found: String)
  /// No model can be used; the message says which one was looked for and what to do.
  case model(String)
  /// Options that cannot be combined; the sentence says which.
  case conflict(String)
  /// There is nothing to read: no file was named and standard input is a terminal.
  case noInput
}

extension UsageError: CustomStringConvertible {
  /// One sentence in the form `what: found, expected`, then a hint where one helps.
  package var description: String {
    switch self {
    case .unknownOption(let name, let nearest):
      return "unknown option \(quoted(name))" + (nearest.map { "\nhint: did you mean \($0)?" } ?? "")
    case .unknownCommand(let name, let nearest, let known):
      let hint = nearest.map { "did you mean \($0)?" } ?? "the commands are \(known.joined(separator: ", "))"
      return "unknown command \(quoted(name))\nhint: \(hint)"
    case .unknownTopic(let name, let nearest):
      let hint = nearest.map { "did you mean \($0)?" } ?? "esmfold help lists the commands and topics"
      return "unknown command or topic \(quoted(name))\nhint: \(hint)"
    case .noCommand(let known):
      return "no command given: expected one of \(known.joined(separator: ", "))"
    case .missingValue(let option, let next):
      let label = option.valueLabel ?? "VALUE"
      guard let next else { return "\(option.flag): found no value, expected \(label)" }
      return "\(option.flag): found the option \(next), expected \(label)"
        + "\nhint: \(option.flag)=\(next) takes it as a value"
    case .surplusValue(let option, let found):
      return "\(option.flag): found the value \(quoted(found)), expected none"
    case .badValue(_, let source, let found, let expected):
      return "\(source): found \(quoted(found)), expected \(expected)"
    case .missingOption(let option):
      return "\(option.flag) \(option.valueLabel ?? "") is missing"
    case .unexpectedArgument(let found, let expected):
      return "unexpected argument: found \(quoted(found)), expected \(expected)"
    case .missingArgument(let label):
      return "missing argument: expected \(label)"
    case .notText(let source, let found):
      return "\(source): found \(quoted(found)), expected text in UTF-8"
        + "\nhint: give a file of such a name another one (mv, ln -s), or give its content as standard input: - < FILE"
    case .model(let message):
      return message
    case .conflict(let message):
      return message
    case .noInput:
      return "no input: expected FASTA files, or sequences on standard input"
    }
  }

  /// The option whose help line explains the mistake.
  package var option: OptionDescription? {
    switch self {
    case .missingValue(let option, _), .surplusValue(let option, _), .badValue(let option, _, _, _),
      .missingOption(let option):
      return option
    default:
      return nil
    }
  }
}

extension UsageError {
  /// Whether the list of commands and options helps.
  package var leadsToHelp: Bool {
    switch self {
    case .model, .notText: false
    default: option == nil
    }
  }
}
