// The program: chooses the command, reports mistakes on the command line, gives the exit status. (Not called Main.swift:
// SwiftPM takes a target with a file of that name for an executable.)

import Glibc
import Platform

package enum Tool {
  /// Run as the process's own program: arguments, signals, standard streams and environment are those of the process.
  ///
  /// - Returns: the exit status.
  package static func main() -> Int32 {
    StandardStreams.reserve()
    ProcessMemory.useOneHeap()
    let environment: @Sendable (String) -> String? = { ProcessTexts.variable($0) }
    let diagnostics = Diagnostics(
      output: .descriptor(STDOUT_FILENO), error: .descriptor(STDERR_FILENO),
      usesColour: mayUseColour(environment), hasTrueColour: hasTrueColour(environment))
    let temporaryFiles = TemporaryFiles.ofProcess
    Interruption.install(removing: temporaryFiles, diagnostics: diagnostics)
    let context = CommandContext(
      diagnostics: diagnostics, temporaryFiles: temporaryFiles, environment: environment,
      inputIsTerminal: isatty(STDIN_FILENO) == 1)
    let arguments: [String]
    do throws(UsageError) {
      arguments = try ProcessTexts.arguments()
      try ProcessTexts.checkVariables()
    } catch {
      context.expectFormat(in: ProcessTexts.repairedArguments)
      return report(error, [], context)
    }
    return run(arguments, context)
  }

  /// Whether the environment permits colour and bold text on the terminal.
  package static func mayUseColour(_ environment: (String) -> String?) -> Bool {
    (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
  }

  /// Whether the terminal has all colours, as far as the environment says; most have at least 256.
  package static func hasTrueColour(_ environment: (String) -> String?) -> Bool {
    ["truecolor", "24bit"].contains(environment("COLORTERM"))
  }

  /// Run a command line.
  ///
  /// - Parameters:
  ///   - arguments: the words after the program's name.
  ///   - context: where messages go, what the environment is.
  /// - Returns: the exit status, see `Program.exitStatuses`.
  package static func run(_ arguments: [String], _ context: CommandContext) -> Int32 {
    let diagnostics = context.diagnostics
    let status = chooseAndRun(arguments, context)
    diagnostics.endProgress()
    guard diagnostics.outputError == 0 else {
      diagnostics.error("standard output: cannot write: \(SystemError.words(diagnostics.outputError))")
      return max(status, ExitStatus.failed)
    }
    return status
  }

  private static func chooseAndRun(_ arguments: [String], _ context: CommandContext) -> Int32 {
    let program = Program.all
    context.expectFormat(in: arguments)
    switch arguments.first {
    case "--help", "-h":
      context.diagnostics.result(HelpText.program(program))
      return ExitStatus.done
    case "--version":
      context.diagnostics.result(VersionText.text)
      return ExitStatus.done
    default:
      break
    }
    let chosen: (command: Command, words: Int)
    do throws(UsageError) {
      chosen = try program.command(for: arguments)
    } catch {
      return report(error, [], context)
    }
    do throws(UsageError) {
      switch try chosen.command.run(Array(arguments.dropFirst(chosen.words)), context) {
      case .status(let status): return status
      case .end(.help): context.diagnostics.result(HelpText.command(chosen.command))
      case .end(.version): context.diagnostics.result(VersionText.text)
      }
      return ExitStatus.done
    } catch {
      return report(error, chosen.command.path, context)
    }
  }

  /// Report a mistake: the sentence, the help line of the option concerned, and where all options are listed.
  private static func report(_ error: UsageError, _ path: [String], _ context: CommandContext) -> Int32 {
    let name = (["esmfold"] + path).joined(separator: " ")
    context.diagnostics.error("\(name): \(error)")
    if let option = error.option {
      context.diagnostics.context(HelpText.option(option))
    } else if error.leadsToHelp {
      context.diagnostics.context("\(name) --help explains more.\n")
    }
    return ExitStatus.usage
  }
}
