// Whether anybody still reads what is written to a pipe, while there is nothing to do but to wait for input.

import Glibc

/// Waits until something can be read from an open file, or until nobody reads the other end of a pipe any more.
///
/// - Parameters:
///   - input: What is to be read next.
///   - output: What is written to; only a pipe, a socket or a terminal can lose its reader.
/// - Returns: Whether to read; false when the reader has gone, so that nothing that is read is of use.
package func waitForInput(_ input: Int32, whileReadFrom output: Int32) -> Bool {
  while true {
    // The loss of the reader is reported without being asked for.
    var requests = [pollfd(fd: input, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: 0, revents: 0)]
    if poll(&requests, 2, -1) < 0 {
      if errno == EINTR { continue }
      return true
    }
    if requests[1].revents & Int16(POLLERR | POLLHUP) != 0 { return false }
    // An end or an error of the input is found by reading.
    return true
  }
}
