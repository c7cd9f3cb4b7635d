// Man pages as the script writes them and as man page programs read them.

import CommandLineTool
import Foundation
import Testing

@Suite struct ManPageTests {
  /// roff without its escapes, so that options can be searched for.
  private func plain(_ roff: String) -> String {
    roff.replacing(#/\\f[BIR]|\\%/#, with: "").replacing("\\-", with: "-").replacing("\\(aq", with: "'")
  }

  @Test func everyCommandAndTopicHasAPage() throws {
    let names = ManPages.all.map(\.file)
    #expect(Set(names).count == names.count)
    for command in Program.all.commands.flatMap({ [$0] + $0.subcommands }) {
      #expect(names.contains("esmfold-\(command.path.joined(separator: "-")).1"))
    }
    for page in ManualPage.all { #expect(names.contains("esmfold-\(page.name).7")) }
    // They indent examples by 9 of 78 columns.
    for example in Program.all.leaves.flatMap(\.examples) { #expect(example.line.count <= 69, "\(example.line)") }
    #expect(run(["help", "--man", "list"]).output == names.map { $0 + "\n" }.joined())
    #expect(run(["help", "--man", "esmfold-fodl.1"]).error.contains("did you mean esmfold-fold.1?"))
  }

  @Test(arguments: Program.all.leaves.map(\.path))
  func commandPagesHaveEveryOptionAndNoOther(_ path: [String]) throws {
    let (command, _) = try Program.all.command(for: path)
    let text = plain(run(["help", "--man", "esmfold-\(path.joined(separator: "-")).1"]).output)
    let options = try #require(text.components(separatedBy: ".SH \"OPTIONS\"\n").dropFirst().first)
      .components(separatedBy: ".SH")[0]
    let heads = options.components(separatedBy: ".TP\n").dropFirst().flatMap { entry in
      entry.prefix { $0 != "\n" }.split(separator: " ").filter { $0.hasPrefix("-") }.map { word in
        word.prefix { $0 != "," && $0 != "[" }.description
      }
    }
    #expect(Set(heads) == Set(command.ownOptions.flatMap(\.spellings)))
    let page = plain(run(["help", "--man", "esmfold.1"]).output)
    let others = command.options.filter { option in !option.isHidden && !command.ownOptions.contains(option) }
    for option in others { #expect(page.contains("\n\(option.short.map { "-\($0), " } ?? "")\(option.flag)")) }
    #expect(page.contains("\n\(path.joined(separator: " "))\n"))
  }

  @Test func theScriptWritesPagesThatManReads() throws {
    let scratch = try ScratchFolder()
    let ran = try Binary.run(
      [repository + "/Scripts/manpages", scratch.path, Binary.path], executable: "/bin/bash")
    #expect(ran.status == 0, "\(ran.error)")
    #expect(Set(scratch.names("man1") + scratch.names("man7")) == Set(ManPages.all.map(\.file)))
    for entry in ManPages.all {
      let path = "\(scratch.path)/man\(entry.section)/\(entry.file)"
      #expect(try String(contentsOfFile: path, encoding: .utf8) == entry.text())
      // Every installed program reads them; none may complain.
      if let groff = installed("groff") {
        let ran = try Binary.run(["-man", "-ww", "-Tutf8", path], executable: groff)
        #expect(ran.status == 0)
        #expect(ran.error.isEmpty, "\(entry.file): \(ran.error)")
      }
      if let mandoc = installed("mandoc") {
        let ran = try Binary.run(["-T", "lint", path], executable: mandoc)
        // A slow clock on the machine is not the page's fault.
        let faults = ran.output.split(separator: "\n").filter { !$0.contains("date in the future") }
        #expect(faults.isEmpty, "\(faults)")
      }
    }
  }

  private func installed(_ name: String) -> String? {
    ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  @Test func textThatRoffWouldTakeForItsOwnIsEscaped() {
    var roff = Roff("x", section: 1)
    roff.paragraph(".begin 'quoted' \\n é ≤ a-b --option")
    #expect(roff.text.contains("\n\\&.begin \\(aqquoted\\(aq \\(rsn \\[u00E9] \\[u2264] a-b \\-\\-option\n"))
  }
}
