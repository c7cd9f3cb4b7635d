// Standard input, output and error that whoever started the program has closed.

import Glibc

enum StandardStreams {
  /// Occupy the numbers 0, 1 and 2 where they are free; to be called before any file is opened.
  ///
  /// The next file would otherwise get such a number and be taken for a standard stream: messages would go into a result,
  /// or the program would read its own pipe for ever. The places are opened the wrong way round, so that reading and
  /// writing fail just as they do on a closed stream.
  static func reserve() {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      _ = open("/dev/null", mode)
    }
  }
}
