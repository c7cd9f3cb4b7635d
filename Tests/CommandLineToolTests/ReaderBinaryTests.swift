// A pipe whose reader goes: the program ends at once, even while it waits for input that never comes.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct ReaderBinaryTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  static let lm = Fixtures.path("family/esm2")
  /// Commands that write a table while they read, and a first part of an input for each.
  static let commands: [(words: [String], input: String)] = [
    (["tokenize"], ">a\nMKTV\n>b\n"), (["tokenize", "--decode"], "a\t0 5 2\n"),
    (["score", "--model", lm], ">a\nMKTV\n"), (["score", "--model", lm, "--method", "wt-marginals"], ">a\nMKTV\n"),
    (["score", "--model", lm, "--per-residue"], ">a\nMKTV\n"), (["score", "--model", lm, "--all"], ">a\nMKTV\n"),
    (["score", "--model", lm, "--variant", "M1A"], ">a\nMKTV\n"), (["contacts", "--model", lm], ">a\nMKTV\n"),
    (["fill", "--model", lm], ">a\nMK<mask>V\n"),
    (["classify", "--model", Fixtures.path("family/single-label")], ">a\nMKTV\n"),
  ]

  /// A shell that gives the program the descriptors 3 as input and a pipe to a reader of one line as output; standard input
  /// of the shell stays open, and the program's end is told in a file.
  private func start(_ words: [String], _ reader: String) throws -> Binary.Started {
    try Binary.Started(
      [
        "-c", "exec 3<&0; { \"$@\" - <&3; echo $? > \"$STATUS\"; } | { \(reader); exec 0<&-; }", "bash", Binary.path,
      ] + words,
      executable: "/bin/bash", environment: ["STATUS": scratch.path + "/status"], keepsInputOpen: true)
  }

  @Test("The end of the reader ends a program that waits for input", arguments: commands.indices)
  func waiting(_ index: Int) throws {
    let (words, input) = Self.commands[index]
    let process = try start(words, "head -n 1")
    process.process.write(Array(input.utf8))
    let ran = process.ended(within: 60)
    #expect(ran.status == 0 && ran.output.split(separator: "\n").count == 1, "\(words): \(ran)")
    // Nobody wanted more: that is no failure.
    #expect(try scratch.text("status") == "0\n")
    #expect(!ran.error.contains("error") && !ran.error.contains("hint"), "\(ran.error)")
  }

  @Test("Input without end is not read any more", arguments: commands.indices) func endless(_ index: Int) throws {
    let (words, input) = Self.commands[index]
    // A variant is of one sequence only: the second is an error, which ends the run as well.
    if words.contains("--variant") { return }
    let file = try scratch.file("in", String(repeating: input.replacing(">b\n", with: ""), count: 1000))
    let ran = try Binary.run(
      [
        "-c",
        "while cat \"$IN\"; do :; done 2> \"$IN.err\" | { \"$@\" -q -; echo $? > \"$IN.status\"; } | head -n 1", "bash",
        Binary.path,
      ] + words, executable: "/bin/bash", environment: ["IN": file])
    #expect(ran.status == 0 && ran.output.split(separator: "\n").count == 1, "\(words): \(ran)")
    #expect(try scratch.text("in.status") == "0\n")
  }

  @Test("The reader of a named pipe may go, too") func namedPipe() throws {
    let pipe = scratch.path + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    let process = try Binary.Started(["score", "-", "--model", Self.lm, "-o", pipe], keepsInputOpen: true)
    var byte: UInt8 = 0
    process.wait { read(reader, &byte, 1) == 1 }
    close(reader)
    #expect(process.ended(within: 60).status == 0)
  }

  @Test("A command that does not write to standard output goes on without its reader") func otherOutput() throws {
    let process = try start(
      ["embed", "--model", Self.lm, "-o", scratch.path + "/e.h5"], "exec < /dev/null; touch \"$STATUS.gone\"")
    process.wait { scratch.names().contains("status.gone") }
    process.process.write(Array(">a\nMKTV\n".utf8))
    process.process.closeInput()
    _ = process.ended(within: 60)
    #expect(try scratch.text("status") == "0\n" && scratch.names().contains("e.h5"))
  }
}
