// Systems that lack what is usually there: no /proc, texts that are not UTF-8, links to nowhere.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct BareSystemTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private static let lm = Fixtures.path("family/esm2")

  /// Runs the program by a shell whose first words come before.
  private func shell(_ script: String, _ words: [String], input: String = "") throws -> Binary.Ran {
    try Binary.run(
      ["-c", script, "bash", Binary.path] + words, executable: "/bin/bash", input: Data(input.utf8),
      environment: ["SCRATCH": scratch.path])
  }

  @Test("Without /proc everything works", .enabled(if: SmallDisk.canBeMade, "needs user namespaces to hide /proc"))
  func withoutProc() throws {
    let fasta = try scratch.file("a.fa", ">a\nGIVEQCCTSICSLYQLENYCN\n")
    for words in [
      ["--version"], ["info"],
      // Several threads, for more than a second.
      ["fold", fasta, "--model", "demo", "-o", "OUT2", "--recycles", "150", "--threads", "4"],
      ["score", fasta, "--model", Self.lm], ["fold", fasta, "--model", "demo", "-o", "OUT"],
      ["embed", fasta, "--model", Self.lm, "-o", "OUT.h5"], ["weights", "info", "demo"],
    ] {
      func run(_ script: String, _ out: String) throws -> Binary.Ran {
        try shell(script, words.map { $0.replacing("OUT", with: "\(scratch.path)/\(out)") })
      }
      let usual = try run("exec \"$@\"", "usual")
      let bare = try run(
        "exec unshare --user --map-root-user --mount bash -c 'mount -t tmpfs none /proc && exec \"$@\"' bash \"$@\"",
        "bare")
      #expect(usual.status == 0 && bare.status == 0, "\(words): \(bare.error)")
      if words != ["info"] { #expect(bare.output == usual.output) }
    }
    for name in ["/a.pdb", ".h5"] {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/bare" + name))
          == Data(contentsOf: URL(fileURLWithPath: scratch.path + "/usual" + name)))
    }
  }

  @Test(
    "Arguments and variables that are not UTF-8 are refused, not read as another name",
    arguments: [
      ("\"$@\" score $'a\\xff.fa'", "argument 2: found \"a\\xFF.fa\""),
      ("\"$@\" score -o $'\\xc3('", "argument 3: found \"\\xC3(\""),
      ("\"$@\" $'\\xed\\xa0\\x80\\e'", "argument 1: found \"\\xED\\xA0\\x80\\u{1B}\""),
      ("ESMFOLD_CACHE=$'/\\xff' \"$@\" info", "ESMFOLD_CACHE: found \"/\\xFF\""),
      ("HOME=$'/\\xff' \"$@\" info", "HOME: found \"/\\xFF\""),
    ])
  func notUTF8(_ script: String, _ message: String) throws {
    let ran = try shell(script, [])
    #expect(ran.status == 2 && ran.output.isEmpty)
    #expect(ran.error.hasPrefix("error: esmfold: \(message), expected text in UTF-8\nhint: "), "\(ran.error)")
    let log = try shell(script.replacing("$@\"", with: "$@\" --log-format json"), [])
    #expect(log.status == 2 && log.error.hasPrefix("{") && log.error.split(separator: "\n").count == 1)
  }

  @Test("A folder above that is not UTF-8 is none of the program's business") func folderAbove() throws {
    let ran = try shell(
      """
      cd "$SCRATCH" && mkdir $'\\xff' && cd $'\\xff' && cp -r '\(Self.lm)' lm && printf '>a\\nMKTV\\n' > a.fa \
      && "$@" embed a.fa --model lm -o e.h5 -q && "$@" weights import lm -o m.h5 && ls
      """, [])
    #expect(ran.status == 0 && ran.output == "m.h5\na.fa\ne.h5\nlm\nm.h5\n", "\(ran)")
  }

  @Test(
    "What cannot be written at the end is said at the beginning",
    arguments: [
      ("nowhere/e.h5", "No such file or directory"), ("loop.h5", "Too many levels of symbolic links"),
      ("$'\\xff'", "Invalid or incomplete multibyte or wide character"),
    ])
  func links(_ target: String, _ words: String) throws {
    // A fault of the model would come later.
    let ran = try shell(
      "cd \"$SCRATCH\" && ln -s \(target) loop.h5 && \"$@\"",
      ["embed", "-", "--model", Self.lm, "-o", "loop.h5", "--verbose"], input: ">a\nMKTV\n")
    #expect(ran.status == 1 && ran.error.contains("cannot create: \(words)"), "\(ran.error)")
    #expect(!ran.error.contains("embedded") && scratch.names() == ["loop.h5"])
  }

  @Test("Results may have names of any length that the system takes") func longNames() throws {
    for length in [230, 240, 255] {
      let name = String(repeating: "x", count: length)
      let ran = try Binary.run(
        ["score", "-", "--model", Self.lm, "-o", "\(scratch.path)/\(name)"], input: Data(">a\nMKTV\n".utf8))
      #expect(ran.status == 0 && scratch.names().contains(name), "\(ran.error)")
    }
    let name = String(repeating: "x", count: 247)
    let ran = try Binary.run(
      ["embed", "-", "--model", Self.lm, "-o", "\(scratch.path)/\(name)"], input: Data(">a\nMKTV\n".utf8))
    #expect(ran.status == 0 && scratch.names().contains(name), "\(ran.error)")
  }

  @Test("An empty name is shown as one") func emptyNames() throws {
    let ran = try Binary.run(["weights", "import", ""])
    #expect(ran.status == 1 && ran.error.hasPrefix("error: \"\": open: No such file or directory"), "\(ran.error)")
  }
}
