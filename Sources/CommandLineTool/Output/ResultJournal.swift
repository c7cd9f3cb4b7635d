// Finished records of a run whose output is one file: appended one by one, so that a kill loses none of them, and
// combined when all are finished.

import CZlib
package import ESMFoldKit
import Glibc
import Platform

/// An append-only file of entries, each with its length and checksum. What a kill or a crash has cut off is dropped when
/// the journal is opened again.
package final class ResultJournal {
  /// Where the journal is.
  package let path: String
  /// The path of the result, for messages.
  private let result: String
  private let descriptor: Int32
  /// Whether no other process can be writing this result; unknown where locks are not supported.
  let isLocked: Bool
  private let firstEntry: Int
  private var end: Int
  /// Which records are in the journal: hashes of name and sequence.
  package private(set) var done: Set<UInt64> = []
  /// The same in the order in which they were appended.
  package private(set) var order: [UInt64] = []

  /// What its name adds to that of the result.
  static let ending = ".partial"
  private static let magic = Array("esmfold journal 1\n".utf8)

  /// Opens or creates the journal of a result. One that has no records yet may be of other settings.
  ///
  /// - Parameters:
  ///   - result: the path of the result; the journal lies beside it.
  ///   - settings: everything that the results depend on except the input.
  ///   - startsAnew: whether the results of an interrupted run are discarded.
  /// - Throws: `OutputError` when it cannot be written, is in use, or was begun with other settings.
  package init(for result: String, settings: String, startsAnew: Bool) throws(OutputError) {
    let journal = result + Self.ending
    self.result = result
    path = journal
    (descriptor, isLocked) = try Self.open(journal, result)
    // The name of the model does not count.
    let head = Self.magic + Self.framed(Array(ResultSettings.withoutName(settings).utf8))
    firstEntry = head.count
    end = head.count
    let size = Int(lseek(descriptor, 0, SEEK_END))
    // A header that was cut off is not followed by entries.
    let isEmpty = try isEmpty(size)
    if startsAnew || size < head.count || isEmpty {
      guard ftruncate(descriptor, 0) == 0 else { throw failure("empty", errno) }
      try write(head, at: 0)
    } else {
      guard try read(count: head.count, at: 0) == head else {
        throw .otherSettings(path: result, left: journal.lastComponent)
      }
      try scan(size)
    }
  }

  /// Opens the journal and locks it. Another process may complete its result, and with it remove the journal, in between.
  private static func open(_ journal: String, _ result: String) throws(OutputError) -> (Int32, isLocked: Bool) {
    while true {
      let descriptor = Glibc.open(journal, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .system(path: journal, action: "create", code: errno) }
      // Where locks are not supported (some network file systems), nothing is known.
      let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
      if !isLocked, errno == EWOULDBLOCK {
        close(descriptor)
        throw .inUse(path: result)
      }
      if FileLock.names(descriptor, journal) { return (descriptor, isLocked) }
      close(descriptor)
    }
  }

  deinit {
    // A process that is being started may have a copy of the descriptor for a moment, and with it the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// The hash that identifies a record.
  static func hash(name: String, sequence: String) -> UInt64 {
    shortHash((name + "\u{0}" + sequence).utf8)
  }

  /// Adds the results of a record.
  ///
  /// - Throws: `OutputError` when they cannot be written; the journal then ends before them. `inUse` when another process
  ///   has written to it, which only happens where there are no locks: what this one would write might be in its midst.
  package func append(_ record: ResultRecord) throws(OutputError) {
    guard Int(lseek(descriptor, 0, SEEK_END)) == end else { throw .inUse(path: result) }
    // In three pieces, since a copy of some results takes more memory than everything else.
    let payload = JournalEncoder.encode(record)
    do throws(OutputError) {
      try write(JournalEncoder.encode(payload.count), at: end)
      try write(payload, at: end + 8)
      try write(JournalEncoder.encode(Self.checksum(payload)), at: end + 8 + payload.count)
    } catch {
      ftruncate(descriptor, end)
      throw error
    }
    end += payload.count + 16
    note(record)
  }

  private func note(_ record: ResultRecord) {
    let hash = Self.hash(name: record.name, sequence: record.sequence)
    done.insert(hash)
    order.append(hash)
  }

  /// Whether a journal has no records, whatever its settings.
  private func isEmpty(_ size: Int) throws(OutputError) -> Bool {
    guard try read(count: Self.magic.count, at: 0) == Self.magic,
      let (_, next) = try entry(at: Self.magic.count, fileSize: size)
    else { return false }
    return next == size
  }

  /// Where the record of each hash is.
  func places() throws(OutputError) -> [UInt64: Int] {
    var places: [UInt64: Int] = [:], place = firstEntry
    while place < end {
      let (record, next) = try decoded(at: place)
      places[Self.hash(name: record.name, sequence: record.sequence)] = place
      place = next
    }
    return places
  }

  /// The record at a place that `places` tells.
  func record(at place: Int) throws(OutputError) -> ResultRecord { try decoded(at: place).record }

  private func decoded(at place: Int) throws(OutputError) -> (record: ResultRecord, next: Int) {
    guard let (payload, next) = try entry(at: place, fileSize: end), let record = JournalDecoder.decode(payload) else {
      throw .damagedJournal(path: path, offset: place)
    }
    return (record, next)
  }

  /// Passes on all records, in the order in which they were appended.
  ///
  /// - Throws: What `body` throws, and `OutputError.damagedJournal` when a record is not read back as it was appended: the
  ///   result would lack it and all that follow.
  package func forEach(_ body: (ResultRecord) throws -> Void) throws {
    var place = firstEntry
    while place < end {
      let (record, next) = try decoded(at: place)
      try body(record)
      place = next
    }
  }

  /// Removes the journal, once its result is complete.
  func remove() { unlink(path) }

  // === Bytes ===

  /// Length, bytes, CRC-32.
  private static func framed(_ payload: [UInt8]) -> [UInt8] {
    var encoder = JournalEncoder()
    encoder.block(payload)
    encoder.number(checksum(payload))
    return encoder.bytes
  }

  private static func checksum(_ bytes: [UInt8]) -> Int {
    // zlib counts in 32 bits.
    var sum = crc32(0, nil, 0), start = 0
    while start < bytes.count {
      let count = min(bytes.count - start, 1 << 30)
      sum = bytes[start..<start + count].withUnsafeBufferPointer { crc32(sum, $0.baseAddress, UInt32(count)) }
      start += count
    }
    return Int(sum)
  }

  /// Finds the complete entries and cuts off what follows them.
  private func scan(_ size: Int) throws(OutputError) {
    while let (payload, next) = try entry(at: end, fileSize: size), let record = JournalDecoder.decode(payload) {
      note(record)
      end = next
    }
    guard ftruncate(descriptor, end) == 0 else { throw failure("cut", errno) }
  }

  /// The entry at a place and where the next begins; nil when there is no complete one.
  private func entry(at place: Int, fileSize: Int) throws(OutputError) -> (payload: [UInt8], next: Int)? {
    guard fileSize - place >= 16 else { return nil }
    var length = JournalDecoder(try read(count: 8, at: place))
    guard let count = length.number(), count <= fileSize - place - 16 else { return nil }
    let payload = try read(count: count, at: place + 8)
    var sum = JournalDecoder(try read(count: 8, at: place + 8 + count))
    guard payload.count == count, sum.number() == Self.checksum(payload) else { return nil }
    return (payload, place + 16 + count)
  }

  private func read(count: Int, at offset: Int) throws(OutputError) -> [UInt8] {
    try OutputError.wrapping(try readAll(count, at: offset, from: descriptor, path))
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(OutputError) {
    let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor, at: offset) }
    guard code == 0 else { throw failure("write", code) }
  }

  private func failure(_ action: String, _ code: Int32) -> OutputError {
    .system(path: path, action: action, code: code)
  }
}
