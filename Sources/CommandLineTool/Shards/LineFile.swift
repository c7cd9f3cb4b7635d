// Tables of any size, line by line as bytes.

import Glibc
import Platform

/// An open table.
final class LineFile {
  let path: String
  private let descriptor: Int32
  private static let pieceSize = 1 << 20
  /// Far more than a line of a table takes: headers have 64 KiB at most, sequences 16 MiB.
  private static let longestLine = 1 << 26

  /// - Throws: `ResultsError` when it cannot be opened, or is no file.
  init(_ path: String) throws(ResultsError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
    guard (try? FileStatus(descriptor: descriptor, path: path))?.kind == .file else {
      close(descriptor)
      throw .noTable(path: path, found: "no regular file", expected: "a table")
    }
  }

  deinit { close(descriptor) }

  /// Passes on each whole line without its end, and where it begins. What a crash has cut off has no line end and is left
  /// out.
  ///
  /// - Parameter body: takes a line; false ends the reading.
  /// - Returns: how many bytes follow the last whole line.
  /// - Throws: what `body` throws, and `ResultsError` when the file cannot be read.
  @discardableResult
  func forEachLine(
    _ body: (_ line: UnsafeRawBufferPointer, _ offset: Int) throws(ResultsError) -> Bool
  ) throws(ResultsError) -> Int {
    var rest: [UInt8] = [], start = 0, place = 0
    while true {
      let piece: [UInt8]
      do throws(SystemError) {
        piece = try readAll(Self.pieceSize, at: place, from: descriptor, path)
      } catch {
        throw .system(error)
      }
      guard !piece.isEmpty else { return rest.count }
      place += piece.count
      rest += piece
      var used = 0, goesOn = true, failure: ResultsError?
      rest.withUnsafeBytes { bytes in
        while goesOn, used < bytes.count, let base = bytes.baseAddress,
          let end = memchr(base + used, 10, bytes.count - used)
        {
          let length = UnsafeRawPointer(end) - (base + used)
          do throws(ResultsError) {
            goesOn = try body(UnsafeRawBufferPointer(rebasing: bytes[used..<used + length]), start + used)
          } catch {
            (failure, goesOn) = (error, false)
          }
          used += length + 1
        }
      }
      if let failure { throw failure }
      guard goesOn else { return 0 }
      rest.removeFirst(used)
      start += used
      guard rest.count <= Self.longestLine else {
        throw .noTable(path: path, found: "a line of more than \(byteCount(Self.longestLine))", expected: "a table")
      }
    }
  }

  /// The bytes from `offset` on.
  func bytes(_ count: Int, at offset: Int) throws(ResultsError) -> [UInt8] {
    do throws(SystemError) {
      return try readAll(count, at: offset, from: descriptor, path)
    } catch {
      throw .system(error)
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The fields of a line, which tabs separate.
  var fields: [UnsafeRawBufferPointer] {
    var fields: [UnsafeRawBufferPointer] = [], start = 0
    fields.reserveCapacity(SummaryRow.columns.count)
    while start < count, let base = baseAddress, let end = memchr(base + start, 9, count - start) {
      let length = UnsafeRawPointer(end) - (base + start)
      fields.append(UnsafeRawBufferPointer(rebasing: self[start..<start + length]))
      start += length + 1
    }
    fields.append(UnsafeRawBufferPointer(rebasing: self[start...]))
    return fields
  }

  var text: String { String(decoding: self, as: UTF8.self) }

  func ends(with ending: [UInt8]) -> Bool {
    guard count >= ending.count, let baseAddress else { return ending.isEmpty }
    return ending.withUnsafeBytes {
      memcmp(baseAddress + (count - ending.count), $0.baseAddress ?? baseAddress, $0.count)
    }
      == 0
  }

  /// Whether the bytes are those of a text.
  func isText(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount, let baseAddress else { return false }
    return memcmp(baseAddress, text.utf8Start, count) == 0
  }
}
