// SIGINT and SIGTERM in the middle of a fold: finished work is kept, unfinished files are removed, the end is prompt.

import Foundation
import Glibc
import Testing

@Suite struct InterruptionBinaryTests {
  /// Long enough that the second protein is under way for minutes.
  private static let slowProtein = String(repeating: "MKVLAAGIVGACDEFHNPQR", count: 25)
  private static let manyRecycles = "200"
  /// A program that ends only after the next block of the trunk would take longer.
  private static let secondsToEnd = 5.0
  private static let secondsToBegin = 120.0

  @Test(arguments: [(SIGINT, Int32(130), "SIGINT"), (SIGTERM, 143, "SIGTERM")])
  func endsPromptly(_ signal: Int32, _ status: Int32, _ name: String) throws {
    let scratch = try ScratchFolder()
    let file = try scratch.file("a.fasta", ">quick\nM\n>slow\n\(Self.slowProtein)\n")
    let out = scratch.path + "/out"
    let process = try Binary.Started(
      ["fold", file, "-o", out, "--model", "demo", "--recycles", Self.manyRecycles, "--save-tensors"])
    let limit = Date(timeIntervalSinceNow: Self.secondsToBegin)
    while !FileManager.default.fileExists(atPath: out + "/quick.pdb"), process.isRunning, Date() < limit {
      usleep(5_000)
    }
    usleep(200_000)
    #expect(process.isRunning)
    process.send(signal)
    let ran = try process.ended(within: Self.secondsToEnd)
    #expect(ran.status == status)
    #expect(ran.error.contains("stopped by \(name)"))
    #expect(scratch.names("out") == ["quick.pdb", "quick.tensors.h5", "summary.tsv"])
    #expect(summaryRows(try scratch.text("out/summary.tsv")).map { $0[0] } == ["quick"])

    // The same command goes on where it was stopped.
    let quick = try scratch.file("quick.fasta", ">quick\nM\n")
    let again = try Binary.fold([quick], to: out, ["--save-tensors"])
    #expect(again.status == 0)
    #expect(again.error.contains("folded 0, skipped 1, failed 0"))
  }

  @Test func whileReadingStandardInput() throws {
    let scratch = try ScratchFolder()
    let process = try Binary.Started(
      ["fold", "-", "-o", scratch.path + "/out", "--model", "demo"], keepsInputOpen: true)
    let limit = Date(timeIntervalSinceNow: Self.secondsToBegin)
    while !FileManager.default.fileExists(atPath: scratch.path + "/out/summary.tsv"), Date() < limit { usleep(5_000) }
    usleep(100_000)
    process.send(SIGTERM)
    #expect(try process.ended(within: Self.secondsToEnd).status == 143)
    #expect(scratch.names("out") == ["summary.tsv"])
  }
}
