// Signals: SIGINT, SIGTERM, SIGHUP, SIGQUIT and the warnings of schedulers end the program at once, and SIGBUS says which file it
// read beyond its end; none leaves an unfinished file behind.

import Glibc
package import Platform
import Synchronization

package enum Interruption {
  /// The end of the pipe that the signal handler writes to.
  private static let signalPipe = Atomic<Int32>(-1)
  /// The signals that end the program, and its exit statuses: 128 + the number, as shells do. Schedulers warn by signals of
  /// their own before they kill (`sbatch --signal=B:USR1@60`, `qsub -notify`, limits of processor time); those count as
  /// SIGTERM, so that a script has one status to look for.
  private static let endings: [(number: Int32, name: String, status: Int32)] = [
    (SIGINT, "SIGINT", 130), (SIGTERM, "SIGTERM", 143), (SIGHUP, "SIGHUP", 129), (SIGQUIT, "SIGQUIT", 131),
    (SIGUSR1, "SIGUSR1", 143),
    (SIGUSR2, "SIGUSR2", 143), (SIGXCPU, "SIGXCPU", 143),
  ]
  /// The address whose page could not be read.
  private static let faultAddress = Atomic<UInt>(0)

  /// Prepare the process; call this once, before the work begins.
  ///
  /// The handler only writes one byte into a pipe, which is all that is safe there. A dedicated thread reads it, so
  /// that the program ends promptly even in the middle of a long calculation. (Blocking the signals and waiting for
  /// them would not work: libraries start threads before `main`.)
  ///
  /// - Parameters:
  ///   - files: the files to remove.
  ///   - diagnostics: prints the last message.
  package static func install(removing files: TemporaryFiles, diagnostics: Diagnostics) {
    // A closed pipe and a file size limit are reported as errors of the write; they do not end the process.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)

    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    signalPipe.store(ends[1], ordering: .sequentiallyConsistent)

    // Without a thread that acts on them, signals keep their default action, which ends the program as well.
    let waiter = Waiter(descriptor: ends[0], files: files, diagnostics: diagnostics)
    guard start(waiter) else { return }

    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      let before = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(Interruption.signalPipe.load(ordering: .relaxed), &byte, 1)
      errno = before
    }
    action.sa_flags = SA_RESTART
    // The parent process may have blocked the signals, and a child inherits that.
    var mask = sigset_t()
    sigemptyset(&mask)
    for number in endings.map(\.number) where !isIgnored(number) {
      sigaction(number, &action, nil)
      sigaddset(&mask, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)

    // Raised where a mapped file has become shorter. The thread that reads cannot go on, so it waits for the end.
    var fault = sigaction()
    fault.__sigaction_handler.sa_sigaction = { _, information, _ in
      Interruption.faultAddress.store(
        UInt(bitPattern: information?.pointee._sifields._sigfault.si_addr), ordering: .relaxed)
      var byte = UInt8(SIGBUS)
      _ = write(Interruption.signalPipe.load(ordering: .relaxed), &byte, 1)
      while true { pause() }
    }
    fault.sa_flags = SA_SIGINFO
    sigaction(SIGBUS, &fault, nil)
  }

  /// Whether the parent process wants the signal to be ignored: `nohup` does with SIGHUP, a script with SIGINT for what it
  /// runs in the background.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  /// Starts the thread that waits for signals; false when the system gives none.
  private static func start(_ waiter: Waiter) -> Bool {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(waiter).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Waiter>.fromOpaque(context).takeRetainedValue().wait()
        return nil
      }, context)
    if code == 0 { pthread_detach(thread) } else { Unmanaged<Waiter>.fromOpaque(context).release() }
    return code == 0
  }

  /// What the waiting thread needs.
  private final class Waiter: Sendable {
    let descriptor: Int32
    let files: TemporaryFiles
    let diagnostics: Diagnostics

    init(descriptor: Int32, files: TemporaryFiles, diagnostics: Diagnostics) {
      self.descriptor = descriptor
      self.files = files
      self.diagnostics = diagnostics
    }

    /// Wait for a signal; end the process with its status. SIGINT ends it by the signal itself: a
    /// shell then knows that a loop around the command shall end as well.
    func wait() {
      var byte: UInt8 = 0
      while read(descriptor, &byte, 1) < 0 {
        guard errno == EINTR else { return }
      }
      let number = Int32(byte)
      if number == SIGBUS { endAfterFault() }
      let ending = Interruption.endings.first { $0.number == number } ?? (number, "signal \(number)", 128 + number)
      files.end {
        diagnostics.lastWords("stopped by \(ending.name); \($0)")
      } by: {
        if number == SIGINT {
          signal(SIGINT, SIG_DFL)
          raise(SIGINT)
        }
        _exit(ending.status)
      }
    }

    /// Says which file has become shorter than it was; ends the process as an error does.
    private func endAfterFault() -> Never {
      let path = MappedRanges.path(at: Interruption.faultAddress.load(ordering: .relaxed))
      files.end { promise in
        guard let path else { return }
        diagnostics.lastWords(
          "\(path): reading: found that another program has cut the file short while it was in use, or that its disk "
            + "fails, expected it as it was opened; \(promise)\nhint: a file in use is replaced by renaming a new one to "
            + "its name (cp NEW X.tmp; mv X.tmp X)")
      } by: {
        if path == nil {
          signal(SIGBUS, SIG_DFL)
          raise(SIGBUS)
        }
        _exit(ExitStatus.failed)
      }
    }
  }
}
