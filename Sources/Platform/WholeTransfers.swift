// Reading and writing everything requested: a system call may do a part of it, or be interrupted.

import Glibc

/// Writes all of `bytes` to an open file, going on after short and interrupted writes.
///
/// - Parameters:
///   - bytes: What to write.
///   - descriptor: The open file.
///   - offset: The place in the file; `nil` writes where the last write ended, also into a pipe or a terminal.
/// - Returns: 0, or the system's error number.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int? = nil) -> Int32 {
  var done = 0
  while done < bytes.count {
    let start = bytes.baseAddress.map { $0 + done }, rest = bytes.count - done
    let count = offset.map { pwrite(descriptor, start, rest, off_t($0 + done)) } ?? write(descriptor, start, rest)
    if count < 0 {
      if errno == EINTR { continue }
      guard errno == EAGAIN else { return errno }
      // Another process made the pipe non-blocking: wait until it accepts more.
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&request, 1, -1)
      continue
    }
    if count == 0 { return ENOSPC }
    done += count
  }
  return 0
}

/// Reads bytes of an open file, going on after short and interrupted reads.
///
/// - Parameters:
///   - count: How many; fewer come where the file ends before.
///   - offset: The place in the file; `nil` reads where the last read ended.
///   - descriptor: The open file.
///   - path: Its name in errors.
/// - Returns: The bytes.
/// - Throws: `SystemError`, action `read`.
package func readAll(
  _ count: Int, at offset: Int? = nil, from descriptor: Int32, _ path: String
) throws(SystemError) -> [UInt8] {
  var code: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    while initialized < count {
      let start = buffer.baseAddress.map { $0 + initialized }, rest = count - initialized
      let part = offset.map { pread(descriptor, start, rest, off_t($0 + initialized)) } ?? read(descriptor, start, rest)
      if part < 0 {
        if errno == EINTR { continue }
        code = errno
      }
      if part <= 0 { break }
      initialized += part
    }
  }
  guard code == 0 else { throw SystemError(path: path, action: "read", code: code) }
  return bytes
}
