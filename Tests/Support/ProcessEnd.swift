// The end of a started process, noticed at once.

import Foundation
import Glibc

/// How a process ended. A thread of its own waits for it, so that its status is collected as soon as it ends: while an ended
/// process is still listed, the thread of Swift Testing that waits for exit tests asks for it without a pause.
final class ProcessEnd: @unchecked Sendable {
  private let identifier: pid_t
  private let condition = NSCondition()
  // Both under the lock of `condition`.
  private var found: Int32?
  private var isKilled = false

  /// - Parameter identifier: a child of this process and the leader of its group; nobody else waits for it.
  init(of identifier: pid_t) {
    self.identifier = identifier
    Thread.detachNewThread { self.collect() }
  }

  private func collect() {
    var information = siginfo_t()
    while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    condition.lock()
    defer { condition.unlock() }
    // The group keeps its number until the status has been collected, so no other group can be hit.
    kill(-identifier, SIGKILL)
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    found = status
    Keeper.tell("ended", identifier)
    condition.broadcast()
  }

  var isRunning: Bool {
    condition.lock()
    defer { condition.unlock() }
    return found == nil
  }

  /// Waits for the end, and kills the process with everything that it started if it has not come after so many seconds.
  ///
  /// - Returns: the status as of `wait`, and whether the process was killed, by this call or an earlier one.
  func awaited(within seconds: Double) -> (status: Int32, isKilled: Bool) {
    condition.lock()
    defer { condition.unlock() }
    let limit = Date(timeIntervalSinceNow: seconds)
    while found == nil, condition.wait(until: limit) {}
    if found == nil {
      isKilled = true
      kill(-identifier, SIGKILL)
    }
    while true {
      if let found { return (found, isKilled) }
      condition.wait()
    }
  }

  /// Sends a signal if the process is still running: its number may be another one's afterwards.
  func send(_ signal: Int32) {
    condition.lock()
    defer { condition.unlock() }
    if found == nil { kill(identifier, signal) }
  }
}
