// Standard streams that the parent process has closed.

import Glibc

enum StandardStreams {
  /// Occupy descriptors 0, 1 and 2 where they are free; call this before any file is opened.
  ///
  /// The next file would otherwise get such a number and be mistaken for a standard stream: messages would end up in a
  /// result, or the program would wait forever for its own pipe. They are opened in the opposite direction, so that
  /// reading and writing fail just as on a closed stream.
  static func reserve() {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      _ = open("/dev/null", mode)
    }
  }
}
