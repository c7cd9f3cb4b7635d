// The strip of pLDDT at the end of a line: on a terminal with colours and with room for it, and nowhere else.

import CommandLineTool
import Foundation
import Glibc
import Protein
import TestSupport
import Testing

@Suite struct ConfidenceStripTests {
  private static let block = "\u{2584}"

  private func said(
    _ plddt: [Double?], after text: String = "a line", terminal: Caught = Caught(isTerminal: true),
    usesColour: Bool = true, hasTrueColour: Bool = true, format: Diagnostics.Format = .text
  ) -> String {
    let diagnostics = Diagnostics(
      output: Caught().sink, error: terminal.sink, usesColour: usesColour, hasTrueColour: hasTrueColour)
    diagnostics.configure(level: .normal, format: format)
    diagnostics.note(text, event: "folded", strip: ConfidenceStrip(plddt))
    return terminal.text
  }

  @Test("Blocks have the classes of the means of their residues") func blocks() {
    let strip = ConfidenceStrip([100, 90, 90, 60, 50, 30, nil, nil, nil, 80])
    #expect(strip.blocks(5) == [.veryHigh, .confident, .veryLow, nil, .confident])
    #expect(
      strip.blocks(10) == [.veryHigh, .confident, .confident, .low, .veryLow, .veryLow, nil, nil, nil, .confident])
    // 10 residues in 3 blocks: 3, 3 and 4.
    #expect(strip.blocks(3) == [.veryHigh, .veryLow, .confident])
    #expect(strip.blocks(1) == [.confident])
    #expect(ConfidenceStrip([.nan, 80]).blocks(1) == [nil])
  }

  @Test("All colours, or the nearest of 256") func colours() {
    let plddt: [Double?] = [95, 95, 80, 60, nil, 20, 20]
    let b = Self.block
    #expect(
      said(plddt)
        == "a line  \u{1B}[38;2;0;83;214m\(b)\(b)\u{1B}[38;2;101;203;243m\(b)\u{1B}[38;2;255;219;19m\(b)"
        + "\u{1B}[38;2;170;170;170m\(b)\u{1B}[38;2;255;125;69m\(b)\(b)\u{1B}[0m\n")
    #expect(
      said(plddt, hasTrueColour: false)
        == "a line  \u{1B}[38;5;26m\(b)\(b)\u{1B}[38;5;81m\(b)\u{1B}[38;5;220m\(b)\u{1B}[38;5;248m\(b)"
        + "\u{1B}[38;5;209m\(b)\(b)\u{1B}[0m\n")
    #expect(Tool.hasTrueColour { ["COLORTERM": "truecolor"][$0] } && Tool.hasTrueColour { ["COLORTERM": "24bit"][$0] })
    for value in ["", "1", "yes", "256"] { #expect(!Tool.hasTrueColour { ["COLORTERM": value][$0] }) }
    #expect(!Tool.hasTrueColour { _ in nil })
  }

  @Test("Files, pipes, JSON and terminals without colour have none") func elsewhere() {
    let plddt = [Double?](repeating: 95, count: 40)
    #expect(said(plddt, terminal: Caught()) == "a line\n")
    #expect(said(plddt, usesColour: false) == "a line\n")
    let json = said(plddt, format: .json)
    #expect(!json.contains("\u{1B}") && !json.contains(Self.block) && json.contains("\"a line\""))
    #expect(said([]) == "a line\n")
  }

  @Test("A line never becomes longer than the terminal is wide") func width() {
    let plddt = [Double?](repeating: 95, count: 500)
    func count(_ text: String, _ columns: Int, _ plddt: [Double?]) -> Int {
      said(plddt, after: text, terminal: Caught(isTerminal: true, columns: columns)).count { String($0) == Self.block }
    }
    let text = String(repeating: "x", count: 40)
    // The last column stays empty, and two are between text and strip.
    for (columns, expected) in [
      (200, 32), (75, 32), (74, 31), (60, 17), (51, 8), (50, 0), (43, 0), (40, 0), (1, 0), (0, 0),
    ] {
      #expect(count(text, columns, plddt) == expected, "\(columns)")
    }
    #expect(count(text, 200, Array(plddt.prefix(5))) == 5)
    #expect(count(text, 48, Array(plddt.prefix(5))) == 5)
    #expect(count(text, 47, Array(plddt.prefix(5))) == 0)
    // Wide letters take two columns, and what is shown of a control several.
    #expect(count(String(repeating: "日", count: 20), 60, plddt) == 17)
    #expect(count("\u{1B}" + String(repeating: "x", count: 34), 60, plddt) == 17)
  }

  /// A fold whose messages go to a terminal of its own.
  private func onTerminal(_ environment: [String: String], _ options: [String] = [], columns: UInt16 = 120) throws
    -> String
  {
    let scratch = try ScratchFolder()
    let fasta = try scratch.file("in.fasta", ">ab\u{1B}[31m\nNLYIQWLKDGGPSSGRPPPS\n")
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(terminal >= 0)
    defer { close(terminal) }
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    #expect(ioctl(terminal, UInt(TIOCSWINSZ), &size) == 0)
    // unlockpt and ptsname, which the module of the C library leaves out: TIOCSPTLCK and TIOCGPTN of Linux.
    var lock: Int32 = 0, number: Int32 = 0
    try #require(ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
    let name = "/dev/pts/\(number)"
    // Open as long as the program runs and until its last words have been read.
    let other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(other >= 0)
    defer { close(other) }
    let shell = ["-c", "exec \"$@\" 2> \(name)", "sh", Binary.path]
    let words = ["fold", fasta, "-o", scratch.path + "/out", "-n", "0", "--model", "demo"] + options
    let ran = try Binary.run(shell + words, executable: "/bin/sh", environment: environment)
    #expect(ran.status == 0 && ran.error.isEmpty, "\(ran.error)")
    _ = fcntl(terminal, F_SETFL, O_NONBLOCK)
    var bytes: [UInt8] = [], block = [UInt8](repeating: 0, count: 4096)
    while case let count = read(terminal, &block, block.count), count > 0 { bytes += block[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "The program on a terminal",
    .disabled(if: Emulator.isUsed, "the emulator does not know TCGETS2, by which glibc 2.42 tells a terminal"))
  func terminal() throws {
    let text = try onTerminal(["TERM": "xterm-256color", "COLORTERM": "truecolor"])
    let line = try #require(text.split(whereSeparator: { $0.isNewline }).first { $0.contains("mean pLDDT") })
    #expect(line.count { String($0) == Self.block } == 20)
    #expect(line.hasSuffix("\(Self.block)\u{1B}[0m") && line.contains("s (1/1)  \u{1B}[38;2;"))
    // Nothing of the header's escape sequence.
    #expect(!text.contains("\u{1B}[31m"))
    let indexed = try onTerminal(["TERM": "xterm-256color"])
    #expect(indexed.contains("s (1/1)  \u{1B}[38;5;") && !indexed.contains("[38;2;"))
  }

  @Test(
    "The program on a terminal that wants none, or has no room",
    arguments: [
      (["NO_COLOR": "1"], [], 120), (["TERM": "dumb"], [], 120), ([:], ["--log-format", "json"], 120), ([:], [], 60),
      ([:], ["--quiet"], 120),
    ] as [([String: String], [String], UInt16)])
  func without(_ environment: [String: String], _ options: [String], _ columns: UInt16) throws {
    let text = try onTerminal(
      ["TERM": "xterm", "COLORTERM": "24bit"].merging(environment) { $1 }, options, columns: columns)
    #expect(!text.contains(Self.block) && !text.contains("[38;"))
    #expect(text.contains("mean pLDDT") != options.contains("--quiet"))
  }
}
