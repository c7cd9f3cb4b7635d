// Kills the processes that tests have started when the tests themselves are killed.

import Glibc

/// A small process that briefly outlives this one: it reads which process groups are running, and kills those left
/// when its input is closed. A separate group, which killing a hung program needs, does not end with the group of the
/// tests.
package enum Keeper {
  package static let script = """
    declare -A groups
    while read -r word group; do
      case $word in
        started) groups[$group]=1 ;;
        ended) unset "groups[$group]" ;;
      esac
    done
    for group in "${!groups[@]}"; do kill -KILL -- "-$group"; done
    """

  /// Our end of its standard input; negative if it could not be started, in which case tests do without.
  private static let input: Int32 = {
    // Writing to a program that has ended must not kill the writer.
    signal(SIGPIPE, SIG_IGN)
    guard let ends = try? ChildProcess.pipe() else { return -1 }
    defer { close(ends.reading) }
    let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(nowhere) }
    do throws(ChildProcess.Failure) {
      _ = try ChildProcess.spawn(
        "/bin/bash", ["-c", script], ["PATH": "/usr/bin:/bin"], [ends.reading, nowhere, nowhere])
      return ends.writing
    } catch {
      close(ends.writing)
      return -1
    }
  }()

  static func start() { _ = input }

  /// Reports the state of a group.
  static func tell(_ word: String, _ group: pid_t) {
    let line = Array("\(word) \(group)\n".utf8)
    _ = write(input, line, line.count)
  }
}
