// A place for text: standard output, standard error, or a list in a test.

import Glibc

/// Where text goes; writing gives 0 or the system's error number.
package struct TextSink: Sendable {
  /// Whether a person may be watching, so that colour and a progress bar make sense.
  package let isTerminal: Bool
  /// The width of a line on the terminal; 80 where it is not known.
  package let columns: @Sendable () -> Int
  package let write: @Sendable (String) -> Int32

  package init(isTerminal: Bool, write: @escaping @Sendable (String) -> Int32, columns: @escaping @Sendable () -> Int) {
    self.isTerminal = isTerminal
    self.write = write
    self.columns = columns
  }

  /// A sink over an open file descriptor.
  package static func descriptor(_ descriptor: Int32) -> TextSink {
    TextSink(
      isTerminal: isatty(descriptor) == 1,
      write: { text in
        var text = text
        return text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
      },
      columns: {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
      })
  }
}

/// Write all bytes, going on after a short or interrupted write.
///
/// - Returns: 0, or the system's error number.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var done = 0
  while done < bytes.count {
    let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
    if count < 0 {
      if errno == EINTR { continue }
      if errno == EAGAIN {
        // A pipe that somebody else made non-blocking: wait until it takes more.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, -1)
        continue
      }
      return errno
    }
    if count == 0 { return ENOSPC }
    done += count
  }
  return 0
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
