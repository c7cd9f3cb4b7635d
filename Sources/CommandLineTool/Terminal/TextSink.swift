// A place for text: standard output, standard error, or a list in a test.

import Glibc
import Platform

/// Where text goes; writing gives 0 or the system's error number.
package struct TextSink: Sendable {
  /// Whether this is a terminal, so that colour and a progress bar make sense.
  package let isTerminal: Bool
  /// The width of the terminal; 80 where it is not known.
  package let columns: @Sendable () -> Int
  package let write: @Sendable (String) -> Int32
  /// The open file, where it is one.
  package let descriptor: Int32?

  package init(
    isTerminal: Bool, descriptor: Int32? = nil, write: @escaping @Sendable (String) -> Int32,
    columns: @escaping @Sendable () -> Int
  ) {
    self.isTerminal = isTerminal
    self.descriptor = descriptor
    self.write = write
    self.columns = columns
  }

  /// A sink over an open file descriptor.
  package static func descriptor(_ descriptor: Int32) -> TextSink {
    TextSink(
      isTerminal: isatty(descriptor) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb",
      descriptor: descriptor,
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
