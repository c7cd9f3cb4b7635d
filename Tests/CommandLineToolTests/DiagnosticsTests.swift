import CommandLineTool
import Foundation
import Glibc
import Testing

@Suite struct DiagnosticsTests {
  private let output = Caught()
  private let error = Caught()

  private func diagnostics(_ level: Diagnostics.Level, _ format: Diagnostics.Format = .text) -> Diagnostics {
    let diagnostics = Diagnostics(output: output.sink, error: error.sink, usesColour: true)
    diagnostics.configure(level: level, format: format)
    return diagnostics
  }

  private func sayEverything(_ diagnostics: Diagnostics) {
    diagnostics.result("result\n")
    diagnostics.error("an error\nhint: a hint")
    diagnostics.warning("a warning")
    diagnostics.notice("a notice")
    diagnostics.note("a note", event: "folded", [("length", .whole(3)), ("ptm", .decimal(.nan, 2))])
    diagnostics.detail("a detail")
    diagnostics.progress(0.5, "half")
    diagnostics.endProgress()
  }

  @Test(arguments: [
    (Diagnostics.Level.quiet, "error: an error\nhint: a hint\nnotice: a notice\n"),
    (.normal, "error: an error\nhint: a hint\nwarning: a warning\nnotice: a notice\na note\n"),
    (.verbose, "error: an error\nhint: a hint\nwarning: a warning\nnotice: a notice\na note\na detail\n"),
  ])
  func levels(_ level: Diagnostics.Level, _ expected: String) {
    let diagnostics = diagnostics(level)
    sayEverything(diagnostics)
    #expect(error.text == expected)
    #expect(output.text == "result\n")
    #expect(diagnostics.errorCount == 1)
    #expect(diagnostics.warningCount == 1)
    #expect(diagnostics.outputError == 0)
  }

  @Test func jsonIsOneObjectPerLine() throws {
    sayEverything(diagnostics(.verbose, .json))
    let objects = try error.lines.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["level"] as? String } == ["error", "warning", "notice", "info", "debug"])
    #expect(objects[0]["message"] as? String == "an error")
    #expect(objects[0]["hint"] as? String == "a hint")
    #expect(objects[3]["event"] as? String == "folded")
    #expect(objects[3]["length"] as? Int == 3)
    #expect(objects[3]["ptm"] is NSNull)
    #expect((objects[0]["time"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
  }

  @Test func terminalHasColourAndBar() {
    let terminal = Caught(isTerminal: true)
    let diagnostics = Diagnostics(output: output.sink, error: terminal.sink, usesColour: true)
    diagnostics.progress(0.5, String(repeating: "long ", count: 40))
    diagnostics.error("an error")
    #expect(terminal.text.contains("[############------------] long"))
    #expect(terminal.text.contains("\r\u{1B}[2K\u{1B}[1;31merror:\u{1B}[0m an error\n"))
    #expect(terminal.text.split(separator: "\u{1B}[2K").allSatisfy { $0.count < 90 })

    let plain = Caught(isTerminal: true)
    let withoutColour = Diagnostics(output: output.sink, error: plain.sink, usesColour: false)
    withoutColour.error("an error")
    #expect(plain.text == "error: an error\n")
    // The bar is emptied by spaces then.
    withoutColour.progress(1, "done")
    withoutColour.note("a note")
    withoutColour.progress(1, "more")
    withoutColour.lastWords("the end")
    let bar = "[########################] done", empty = "\r" + String(repeating: " ", count: bar.count) + "\r"
    let begin = "error: an error\n\r\r\(bar)\(empty)a note\n\r\r[#"
    #expect(plain.text.hasPrefix(begin) && !plain.text.contains("\u{1B}"), "\(plain.text.debugDescription)")
  }

  @Test("Only the program's own escape sequences reach a terminal") func textsOfOthers() throws {
    let evil = "x\u{1B}]0;y\u{7}\u{9B}31m\r\n\u{202E}z"
    let shown = "x\\u{1B}]0;y\\u{07}\\u{009B}31m\\r\\n\\u{202E}z"
    let terminal = Caught(isTerminal: true), output = Caught(isTerminal: true)
    let diagnostics = Diagnostics(output: output.sink, error: terminal.sink, usesColour: true)
    diagnostics.error("\(evil)\nerror: fake\nhint: \(evil)\n      and \(evil)")
    diagnostics.progress(1, evil)
    diagnostics.lastWords(evil)
    diagnostics.context(evil + "\n")
    let head = "\u{1B}[1;31merror:\u{1B}[0m "
    #expect(terminal.text.hasPrefix("\(head)\(shown)\\nerror: fake\nhint: \(shown)\n      and \(shown)\n"))
    #expect(terminal.text.contains("\r\u{1B}[2K[########################] \(shown)"))
    let own = ["\u{1B}[1;31m", "\u{1B}[0m", "\r\u{1B}[2K"]
    let rest = own.reduce(terminal.text) { $0.replacing($1, with: "") }
    #expect(!rest.contains("\u{1B}") && !rest.contains("\r") && !rest.contains("\u{7}"))
    diagnostics.result("\(evil)\tb\n")
    let visible = shown.replacing("\\n", with: "\n")
    #expect(output.text == "\(visible)\tb\n")

    let log = Caught(isTerminal: true)
    let json = Diagnostics(output: output.sink, error: log.sink, usesColour: true)
    json.configure(level: .verbose, format: .json)
    json.detail(evil, event: "test", [("text", .text(evil))])
    #expect(log.text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A } && !log.text.contains("\u{9B}"))
    let line = try #require(JSONSerialization.jsonObject(with: Data(log.text.utf8)) as? [String: Any])
    #expect(line["message"] as? String == evil && line["text"] as? String == evil)
  }

  @Test func failedOutputIsRemembered() {
    let full = Diagnostics(output: Caught(error: ENOSPC).sink, error: error.sink, usesColour: false)
    full.result("x")
    #expect(full.outputError == ENOSPC)
    let closed = Diagnostics(output: Caught(error: EPIPE).sink, error: error.sink, usesColour: false)
    closed.result("x")
    #expect(closed.outputError == 0)
  }
}
