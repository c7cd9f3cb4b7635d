// The fuzzing program as a user runs it: its output, the files it keeps, its exit status.

import Foundation
import Platform
import TestSupport
import Testing
import esmfold_fuzz

@Suite struct FuzzProgramTests {
  @Test("A short run ends with a table") func run() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("esmfold-fuzz-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let ran = try program(["variants", "--seconds", "1", "--findings", folder.path])
    #expect(ran.status == 0, "\(ran.output)")
    let row = try #require(ran.output.split(separator: "\n").last { $0.hasPrefix("variants ") }).split(separator: " ")
    #expect(row.count == 9 && (Int(row[2]) ?? 0) > 0 && row[8] == "0", "\(ran.output)")
  }

  @Test("An input that crashes the process is kept, and shows in the exit status") func findings() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("esmfold-fuzz-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let ran = try program([Subject.broken.name, "--seconds", "1", "--findings", folder.path])
    #expect(ran.status == 1)
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let name = try #require(kept.first { $0.hasPrefix("broken-") && !$0.hasSuffix(".log") }, "\(kept) \(ran.output)")
    let input = try WholeFile.read("\(folder.path)/\(name)")
    #expect(input.count > 40)
    #expect(try program([Subject.broken.name, "--input", "\(folder.path)/\(name)"]).status != 0)
  }

  @Test("A single input, reasons, help, usage errors") func others() throws {
    let file = Fixtures.path("fuzz/pickle/one-element-as-four-terabytes")
    #expect(try program(["pickle", "--input", file]).output.contains("pickle: refused: "))
    #expect(try program(["config", "--reasons", "50"]).output.contains("  accepted\n"))
    #expect(try program(["--help"]).output.contains("usage: esmfold-fuzz"))
    for words in [["nonsense"], ["--minutes"], ["--minutes", "0"], ["--seed", "x"]] {
      #expect(try program(words).status == 2, "\(words)")
    }
  }

  /// Runs the built program, which is beside the running test bundle.
  private func program(_ arguments: [String]) throws -> (status: Int32?, output: String) {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("esmfold-fuzz").path
    let process = try ChildProcess(path, arguments, environment: ProcessInfo.processInfo.environment)
    switch process.ended() {
    case .exited(let status): return (status, process.outputSoFar)
    case .signalled: break
    case .killedAtTheLimit: Issue.record("still running after \(ChildProcess.limit) s: \(arguments)")
    }
    return (nil, process.outputSoFar)
  }
}
