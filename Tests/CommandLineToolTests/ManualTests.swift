// The manual: pages, help, man pages and README must agree with each other and with the program.

import CommandLineTool
import Foundation
import Platform
import Testing

private let manual = repository + "/Sources/CommandLineTool/Manual"

/// A page as in the repository.
private func file(_ page: ManualPage) throws -> String {
  try String(contentsOfFile: "\(manual)/\(page.name).md", encoding: .utf8)
}

/// The targets of all links of a Markdown text.
private func links(in text: String) -> [String] {
  text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
    + text.matches(of: /src="([^"]+)"/).map { String($0.output.1) }
}

/// The anchors that GitHub gives the headings of a page.
private func anchors(in text: String) -> Set<String> {
  Set(
    text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
      line.drop { $0 == "#" || $0 == " " }.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        .replacingOccurrences(of: " ", with: "-")
    })
}

/// The code blocks in a language, as lines.
private func code(_ language: String, in text: String) -> [String] {
  text.components(separatedBy: "```\(language)\n").dropFirst()
    .flatMap { $0.components(separatedBy: "```")[0].split(separator: "\n").map(String.init) }
}

@Suite struct ManualTests {
  @Test func theProgramHasEveryPageOfTheFolder() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: manual)
    #expect(Set(files) == Set(ManualPage.all.map { $0.name + ".md" }))
    for page in ManualPage.all {
      #expect(page.markdown == (try file(page)), "\(page.name): the program was built with another text")
    }
  }

  @Test(arguments: ManualPage.all.map(\.name))
  func helpShowsTheTopic(_ name: String) throws {
    let page = try #require(ManualPage.named(name))
    let ran = run(["help", name])
    #expect(ran.status == 0)
    #expect(ran.error.isEmpty)
    #expect(!ran.output.contains("\u{1B}"))
    for line in code("sh", in: page.markdown) + code("python", in: page.markdown) {
      // man pages have less space.
      #expect(line.count <= 69, "\(name): \(line)")
    }
    for line in ran.output.split(separator: "\n") {
      #expect(line.count <= 80, "\(name): \(line)")
      #expect(line.last != " ", "\(name): \(line)")
    }
    // Every word of the source appears, whatever becomes of the markup around it.
    let shown = Set(words(ran.output))
    for word in words(page.markdown.replacing(/(?s)<!--.*?-->|\]\([^)]*\)|```[a-z]*/, with: " ")) {
      #expect(shown.contains(word), "\(name): \(word)")
    }
    #expect(run(["help"]).output.contains("  \(name) "))
  }

  /// Words of letters and digits; the case is that of headings or of text.
  private func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  @Test func helpOfAGroupThatIsATopicShowsBoth() throws {
    let text = run(["help", "weights"]).output
    #expect(text.hasPrefix(run(["weights", "--help"]).output))
    let page = try #require(ManualPage.named("weights"))
    #expect(text.contains("\n\(page.title.uppercased())\n"))
  }

  @Test(arguments: [("wieghts", "weights"), ("inptu", "input"), ("ofline", "offline"), ("enviroment", "environment")])
  func unknownTopics(_ word: String, _ expected: String) {
    let ran = run(["help", word])
    #expect(ran.status == 2)
    #expect(ran.output.isEmpty)
    #expect(ran.error.contains("unknown command or topic \"\(word)\"\nhint: did you mean \(expected)?"))
    #expect(run(["help", "input", "x"]).status == 2)
  }

  @Test func onlyATerminalGetsBoldLetters() {
    func output(isTerminal: Bool, environment: [String: String]) -> String {
      let output = Caught(isTerminal: isTerminal)
      let context = CommandContext(
        diagnostics: Diagnostics(
          output: output.sink, error: Caught().sink, usesColour: Tool.mayUseColour { environment[$0] }),
        temporaryFiles: TemporaryFiles(), environment: { environment[$0] }, inputIsTerminal: true)
      #expect(Tool.run(["help", "weights"], context) == 0)
      return output.text
    }
    let styled = output(isTerminal: true, environment: ["TERM": "xterm"])
    let plain = output(isTerminal: false, environment: ["TERM": "xterm"])
    #expect(styled.contains("\u{1B}[1mDownloading\u{1B}[22m"))
    #expect(styled.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
    #expect(output(isTerminal: true, environment: ["NO_COLOR": "1"]) == plain)
    #expect(output(isTerminal: true, environment: ["TERM": "dumb"]) == plain)
  }

  @Test func theOptionsPageIsMadeFromTheTable() throws {
    let page = try String(contentsOfFile: manual + "/options.md", encoding: .utf8)
    let section = try #require(page.firstMatch(of: /(?s)<!-- options:begin[^\n]*\n\n(.*)<!-- options:end -->/))
    let expected = run(["help", "--markdown"]).output
    #expect(String(section.output.1) == expected, "Scripts/manual-options rewrites the section")
    for command in Program.all.leaves {
      #expect(expected.contains("## `esmfold \(command.path.joined(separator: " "))"))
      for option in command.options where !option.isHidden {
        for spelling in option.spellings { #expect(expected.contains("`\(spelling)"), "\(spelling)") }
        if let variable = option.environment { #expect(expected.contains(variable)) }
      }
    }
    // What several commands share is described once.
    #expect(expected.ranges(of: "| `-t N`, `--threads N` |").count == 1)
  }

  @Test func linksLeadSomewhere() throws {
    var texts = [("README.md", repository), ("Sources/README.md", repository + "/Sources")]
      .map { (name: $0.0, folder: $0.1, path: "\(repository)/\($0.0)") }
    texts.append((name: "CHANGELOG.md", folder: repository, path: repository + "/CHANGELOG.md"))
    texts += ManualPage.all.map { (name: $0.name, folder: manual, path: "\(manual)/\($0.name).md") }
    var inside = 0
    for (name, folder, path) in texts {
      for link in links(in: try String(contentsOfFile: path, encoding: .utf8)) where !link.contains("://") {
        inside += 1
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let target = parts[0].isEmpty ? path : "\(folder)/\(parts[0])"
        #expect(FileManager.default.fileExists(atPath: target), "\(name): \(link)")
        if parts.count > 1, let text = try? String(contentsOfFile: target, encoding: .utf8) {
          #expect(anchors(in: text).contains(parts[1]), "\(name): \(link)")
        }
      }
    }
    #expect(inside > 20)
    let readme = try String(contentsOfFile: repository + "/README.md", encoding: .utf8)
    for page in ManualPage.all { #expect(readme.contains("](Sources/CommandLineTool/Manual/\(page.name).md)")) }
    for command in Program.all.commands { #expect(readme.contains("`esmfold \(command.name)`")) }
    // Two or three screens besides the tables of commands and topics.
    let lines = readme.split(separator: "\n", omittingEmptySubsequences: false).count
    #expect(lines <= 125 + ManualPage.all.count + Program.all.commands.count)
  }

  /// Options, commands and variables in examples exist, and so do the files that they name.
  @Test func examplesUseWhatExists() throws {
    var texts = try ManualPage.all.map { (name: $0.name, text: try file($0)) }
    texts.append((name: "README", text: try String(contentsOfFile: repository + "/README.md", encoding: .utf8)))
    for (name, text) in texts {
      for line in code("sh", in: text) {
        for match in line.matches(of: /\besmfold ([a-z]+)( [a-z]+)?/) where !line.contains("scp ") {
          let path = [String(match.output.1), match.output.2.map { String($0.dropFirst()) }].compactMap(\.self)
          let (command, _) = try Program.all.command(for: path)
          let known = Set(command.options.flatMap(\.spellings))
          let rest = line[match.range.upperBound...].prefix { $0 != "|" && $0 != "#" }
          #expect(longOptions(in: String(rest)).isSubset(of: known), "\(name): \(line)")
        }
      }
      for match in text.matches(of: /(?:Scripts|Examples)\/[A-Za-z0-9_.-]*[A-Za-z0-9]/) {
        let path = "\(repository)/\(match.output)"
        #expect(FileManager.default.fileExists(atPath: path), "\(name): \(match.output)")
      }
    }
    let environment = try String(contentsOfFile: manual + "/environment.md", encoding: .utf8)
    for (names, _) in Program.environmentVariables {
      for variable in names.split(separator: ", ") { #expect(environment.contains("`\(variable)`")) }
    }
    for (status, _) in Program.exitStatuses { #expect(environment.contains("\(status)")) }
  }
}
