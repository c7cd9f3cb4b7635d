// Ends what tests have started when the tests themselves are killed.

import Glibc

/// A small process that outlives this one by a moment: it reads which groups are under way, and kills those that are left
/// when nobody is there any more to tell it. A group of its own, which a hang needs, is not ended with the group of the
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

  /// Our end of its standard input; negative where it could not be started, and tests do without.
  private static let input: Int32 = {
    // Who writes to a program that has ended must not end with it.
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

  /// Says what has become of a group.
  static func tell(_ word: String, _ group: pid_t) {
    let line = Array("\(word) \(group)\n".utf8)
    _ = write(input, line, line.count)
  }
}
