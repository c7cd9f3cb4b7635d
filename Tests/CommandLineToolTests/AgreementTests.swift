// Parser, help and completion scripts come from one table; these tests compare the results. Manual and man pages have
// separate tests.

import CommandLineTool
import Foundation
import TestSupport
import Testing

/// The commands with their options as every text must show them.
private let commands = Program.all.leaves

private func spellings(_ command: Command) -> Set<String> {
  Set(
    command.options.filter { !$0.isHidden }.flatMap {
      $0.spellings + ($0.isNegatable ? ["--no-\($0.name)"] : [])
    })
}

/// Every long option of any command.
private let allLongOptions = Set(commands.flatMap(spellings).filter { $0.hasPrefix("--") })

@Suite(.timeLimit(minutes: 20)) struct AgreementTests {
  @Test(arguments: commands.map(\.path))
  func parserKnowsEveryOption(_ path: [String]) throws {
    let command = try #require(commands.first { $0.path == path })
    for option in command.options where option.name != "version" && option.name != "help" {
      for spelling in option.spellings {
        // Values are checked after --help has been found, so any will do.
        let words = path + (option.valueLabel == nil ? [spelling] : [spelling, "value"]) + ["--help"]
        #expect(run(words).status == 0, "\(spelling) of \(path)")
      }
    }
    let names = command.options.flatMap(\.spellings)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: commands.map(\.path))
  func helpShowsEveryOptionAndNoOther(_ path: [String]) throws {
    let command = try #require(commands.first { $0.path == path })
    // Examples may mention other commands' options.
    let text = String(run(path + ["--help"]).output.split(separator: "\nExamples:")[0])
    for option in command.options where !option.isHidden {
      #expect(text.contains(HelpText.option(option)))
      for spelling in option.spellings { #expect(text.contains(spelling)) }
      if let name = option.environment { #expect(text.contains(name)) }
    }
    #expect(longOptions(in: text).isSubset(of: spellings(command)))
    for line in text.split(separator: "\n") where !line.hasPrefix("  esmfold ") {
      #expect(line.count <= HelpText.width, "\(line)")
      #expect(line.last != " ")
    }
  }

  @Test(arguments: CompletionScript.Shell.allCases)
  func completionScriptsNameEveryOptionAndNoOther(_ shell: CompletionScript.Shell) {
    let text = CompletionScript.text(for: shell, Program.all)
    switch shell {
    case .bash, .zsh:
      #expect(longOptions(in: text) == allLongOptions)
    case .fish:
      let names = text.matches(of: /complete -c esmfold -n .* -l ([a-z-]+)/).map { "--\($0.output.1)" }
      #expect(Set(names) == allLongOptions)
    }
    for command in commands { #expect(text.contains(command.name)) }
    #expect(!text.contains("--markdown"))
  }

  @Test func bashOffersExactlyTheOptionsOfEachCommand() throws {
    for command in commands {
      let offered = try bashCompletion(command.path + ["-"])
      #expect(Set(offered) == spellings(command), "\(command.path)")
    }
    #expect(Set(try bashCompletion([""])).isSuperset(of: ["fold", "weights", "info", "completion", "help", "--help"]))
    #expect(try bashCompletion(["fo"]) == ["fold"])
    #expect(try bashCompletion(["weights", "im"]) == ["import"])
    #expect(try bashCompletion(["weights", "fetch", "esm1b"]) == ["esm1b_t33_650M_UR50S"])
    #expect(try bashCompletion(["completion", ""]) == ["bash", "zsh", "fish"])
    #expect(try bashCompletion(["help", "we"]) == ["weights"])
    #expect(try bashCompletion(["help", "of"]) == ["offline"])
    #expect(try bashCompletion(["fold", "--log-format", "j"]) == ["json"])
    #expect(try bashCompletion(["fold", "--log-format", "=", "j"]) == ["json"])
    #expect(try bashCompletion(["fold", "--log-format", "="]) == ["text", "json"])
    #expect(try bashCompletion(["fold", "--model", "dem"]) == ["demo"])
    #expect(try bashCompletion(["fold", "--recycles", ""]) == [])
    // A value only after an equals sign; the next word is a file, such as this script.
    #expect(try bashCompletion(["fold", "--save-tensors", "=", "po"]) == ["positions"])
    #expect(try bashCompletion(["fold", "--save-tensors", "="]).first == "all")
    #expect(try bashCompletion(["fold", "--save-tensors", "s"]) == ["script"])
  }

  @Test(arguments: CompletionScript.Shell.allCases)
  func shellsAcceptTheirScripts(_ shell: CompletionScript.Shell) throws {
    // Only bash is always available; the other shells check their scripts where they are installed.
    guard
      let path = ["/bin/", "/usr/bin/", "/usr/local/bin/"].map({ $0 + shell.rawValue })
        .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
    else { return }
    let scratch = try ScratchFolder()
    let script = try scratch.file("script", CompletionScript.text(for: shell, Program.all))
    let ran = try Binary.run([shell == .fish ? "--no-execute" : "-n", script], executable: path)
    #expect(ran.status == 0)
    #expect(ran.error.isEmpty)
  }

  @Test func bashOffersTheModelsOfTheCache() throws {
    let scratch = try ScratchFolder()
    let cache = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    for name in ["mine-8M", "mine-35M", "other"] {
      let ran = try Binary.run(
        ["weights", "import", Fixtures.path("family/esm2"), "--name", name], environment: cache)
      #expect(ran.status == 0, "\(ran.error)")
    }
    for command in [["weights", "remove"], ["weights", "verify"], ["fold", "--model"], ["embed", "-m"]] {
      let offered = try bashCompletion(command + ["mine"], program: Binary.path, environment: cache)
      #expect(offered == ["mine-35M", "mine-8M"], "\(command)")
    }
    #expect(try bashCompletion(["weights", "remove", "de"], program: Binary.path, environment: cache) == [])
  }

  /// What bash offers after `esmfold` and these words, the last of which is being typed.
  private func bashCompletion(
    _ words: [String], program: String = "esmfold", environment: [String: String] = [:]
  ) throws -> [String] {
    let scratch = try ScratchFolder()
    let script = try scratch.file("script", CompletionScript.text(for: .bash, Program.all))
    let ran = try Binary.run(
      [
        "-c",
        """
        script=$1 program=$2; shift 2; cd "$(dirname "$script")"; . "$script"
        COMP_WORDS=("$program" "$@"); COMP_CWORD=$#; _esmfold; printf '%s\\n' "${COMPREPLY[@]}"
        """, "bash", script, program,
      ] + words, executable: "/bin/bash", environment: environment)
    #expect(ran.error.isEmpty)
    return ran.output.split(separator: "\n").map(String.init)
  }
}
