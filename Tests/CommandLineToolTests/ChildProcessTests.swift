// The helper that starts programs: nothing that a test starts outlives it.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct ChildProcessTests {
  /// Starts a grandchild, prints its process id, and waits forever.
  private static let hanging = "sleep 100000 & echo $!; wait"
  private static let environment = ["PATH": "/usr/bin:/bin"]

  /// A process that has ended may still be listed until its parent collects its status.
  private static func isAlive(_ identifier: pid_t) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8) else { return false }
    return !text[(text.lastIndex(of: ")") ?? text.startIndex)...].hasPrefix(") Z")
  }

  private static func grandchild(_ process: ChildProcess) throws -> pid_t {
    #expect(holds { process.outputSoFar.hasSuffix("\n") })
    let identifier = try #require(pid_t(process.outputSoFar.dropLast()))
    #expect(isAlive(identifier))
    return identifier
  }

  @Test("A hung program is killed with everything it started") func hang() throws {
    let process = try ChildProcess("/bin/bash", ["-c", Self.hanging], environment: Self.environment)
    let grandchild = try Self.grandchild(process)
    #expect(process.ended(within: 0) == .killedAtTheLimit)
    #expect(holds { !Self.isAlive(process.identifier) && !Self.isAlive(grandchild) })
  }

  @Test("A hang of the program is a failure that names what was run") func recorded() throws {
    let started = try Binary.Started(["-c", Self.hanging, "a word"], executable: "/bin/bash")
    let grandchild = try Self.grandchild(started.process)
    withKnownIssue {
      #expect(started.ended(within: 0).status == nil)
    } matching: { issue in
      issue.comments.contains { "\($0)".contains("still running after 0.0 s") && "\($0)".contains("a word") }
    }
    #expect(holds { !Self.isAlive(grandchild) })
  }

  @Test("Processes that a program leaves behind are killed, too") func leftBehind() throws {
    let process = try ChildProcess(
      "/bin/bash", ["-c", "sleep 100000 & echo $!; exit 7"], environment: Self.environment)
    #expect(process.ended() == .exited(7))
    let grandchild = try #require(pid_t(process.outputSoFar.dropLast()))
    #expect(holds { !Self.isAlive(grandchild) })
  }

  @Test("A process that is never waited for ends with the test") func forgotten() throws {
    func start() throws -> (pid_t, pid_t) {
      let process = try ChildProcess("/bin/bash", ["-c", Self.hanging], environment: Self.environment)
      return (process.identifier, try Self.grandchild(process))
    }
    let (child, grandchild) = try start()
    #expect(holds { !Self.isAlive(child) && !Self.isAlive(grandchild) })
  }

  @Test("When the tests themselves are killed, so are the processes they started") func keeper() throws {
    let keeper = try ChildProcess(
      "/bin/bash", ["-c", Keeper.script], environment: Self.environment, input: .open)
    let processes = try (0..<2).map { _ in
      try ChildProcess("/bin/bash", ["-c", Self.hanging], environment: Self.environment)
    }
    let grandchildren = try processes.map(Self.grandchild)
    keeper.write(
      Array("started \(processes[0].identifier)\nstarted \(processes[1].identifier)\n".utf8)
        + Array("ended \(processes[1].identifier)\n".utf8))
    keeper.closeInput()
    #expect(keeper.ended() == .exited(0))
    #expect(holds { !Self.isAlive(grandchildren[0]) })
    #expect(processes[0].ended() == .signalled(SIGKILL))
    #expect(processes[1].isRunning)
  }

  @Test("Statuses, signals and standard input arrive") func streams() throws {
    let process = try ChildProcess(
      "/bin/bash", ["-c", "cat; echo $NAME >&2; kill -USR1 $$"], environment: ["PATH": "/bin", "NAME": "value"],
      input: .content(Array("line\n".utf8)))
    #expect(process.ended() == .signalled(SIGUSR1))
    #expect(process.outputSoFar == "line\n" && process.errorSoFar == "value\n")
    #expect(throws: ChildProcess.Failure.self) { try ChildProcess("/no/such", [], environment: [:]) }
  }
}
