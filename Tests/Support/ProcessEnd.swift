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

  /// The status as of `wait`, or nil if the process is still running after so many seconds.
  func status(within seconds: Double) -> Int32? {
    condition.lock()
    defer { condition.unlock() }
    let limit = Date(timeIntervalSinceNow: seconds)
    while found == nil, condition.wait(until: limit) {}
    return found
  }

  /// The status as of `wait`, when the process has ended.
  func status() -> Int32 {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let found { return found }
      condition.wait()
    }
  }

  /// Sends a signal if the process is still running: its number may be another one's afterwards.
  func send(_ signal: Int32) {
    condition.lock()
    defer { condition.unlock() }
    if found == nil { kill(identifier, signal) }
  }

  /// Kills the process and everything that it started, if it is still running.
  func killGroup() {
    condition.lock()
    defer { condition.unlock() }
    guard found == nil else { return }
    isKilled = true
    kill(-identifier, SIGKILL)
  }

  /// Whether `killGroup` found it running.
  var wasKilled: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isKilled
  }
}
