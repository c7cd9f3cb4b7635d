// The directory of a zip file of stored entries, as PyTorch writes its checkpoints (APPNOTE 6.3, with zip64).

import Platform

/// What a zip file says that it holds; every number is checked against the size of the file.
struct ZipArchive {
  /// One stored entry.
  struct Entry: Equatable {
    let name: String
    /// Where its bytes are in the file.
    let range: Range<Int>
    /// Their CRC-32 as the directory has it; 0 where it was not computed (`torch.serialization.set_crc32_options`).
    let checksum: UInt32
  }

  /// Entries by name.
  let entries: [String: Entry]

  /// Far above any checkpoint.
  private static let maximumEntries = 1 << 20
  private static let endSize = 22, longEndSize = 56, longLocatorSize = 20, longestComment = 65_535

  private let file: UnsafeRawBufferPointer
  private let path: String

  /// Reads the directory of `file`. Throws when it is damaged, or has entries that are compressed, encrypted, beyond the
  /// end of the file, or named like a path out of the archive.
  init(_ file: UnsafeRawBufferPointer, path: String) throws(WeightError) {
    self.file = file
    self.path = path
    let directory = try Self.directory(file, path)
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: file[..<(directory.end)]), at: directory.start)
    var entries: [String: Entry] = [:]
    for _ in 0..<directory.count {
      let entry = try Self.entry(&reader, file, path)
      guard let entry else { continue }
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw .malformed(
          path: path, what: "zip entry", found: "\(quoted(entry.name)) twice", expected: "every name once")
      }
    }
    self.entries = entries
  }

  /// The checksums of all entries that have one, in the order of their bytes.
  ///
  /// Throws when two share bytes: no program writes that, and a small file could make work without end.
  func checksums() throws(WeightError) -> [StoredChecksum] {
    let known = entries.values.filter { $0.checksum != 0 && !$0.range.isEmpty }
      .sorted { ($0.range.lowerBound, $0.name) < ($1.range.lowerBound, $1.name) }
    for (entry, next) in zip(known, known.dropFirst()) where next.range.lowerBound < entry.range.upperBound {
      throw .malformed(
        path: path, what: "zip entry \(quoted(next.name))", found: "bytes of \(quoted(entry.name))",
        expected: "bytes of its own")
    }
    return known.map { StoredChecksum(name: $0.name, range: $0.range, value: $0.checksum) }
  }

  /// Whether bytes begin as a zip file does.
  static func isZip(_ file: UnsafeRawBufferPointer) -> Bool {
    file.count >= 4 && file.starts(with: [0x50, 0x4B, 0x03, 0x04])
  }

  // MARK: The end of the file

  private static func directory(
    _ file: UnsafeRawBufferPointer, _ path: String
  ) throws(WeightError) -> (start: Int, end: Int, count: Int) {
    guard file.count >= endSize, let end = findEnd(file) else {
      throw .malformed(
        path: path, what: "zip directory", found: "no end record", expected: "one: the file may have been cut short")
    }
    var reader = ByteReader(file, at: end + 10)
    guard let entryCount = reader.number(UInt16.self), let size = reader.number(UInt32.self),
      let offset = reader.number(UInt32.self)
    else { throw damaged(path, "end record") }
    var count = UInt64(entryCount), length = UInt64(size), start = UInt64(offset)
    if entryCount == .max || size == .max || offset == .max {
      var locator = ByteReader(file, at: max(0, end - longLocatorSize))
      guard end >= longLocatorSize, locator.number(UInt32.self) == 0x0706_4B50, locator.number(UInt32.self) != nil,
        let place = locator.number(UInt64.self).flatMap({ Int(exactly: $0) }), place <= file.count - longEndSize
      else { throw damaged(path, "zip64 locator") }
      var long = ByteReader(file, at: place)
      guard long.number(UInt32.self) == 0x0606_4B50, long.take(28) != nil, let all = long.number(UInt64.self),
        let longSize = long.number(UInt64.self), let longStart = long.number(UInt64.self)
      else { throw damaged(path, "zip64 end record") }
      (count, length, start) = (all, longSize, longStart)
    }
    let (stop, overflow) = start.addingReportingOverflow(length)
    guard !overflow, stop <= UInt64(end), let first = Int(exactly: start), let last = Int(exactly: stop) else {
      throw .malformed(
        path: path, what: "zip directory", found: "bytes \(start) to \(start &+ length)", expected: "at most \(end)")
    }
    // An entry of the directory has at least 46 bytes.
    guard count <= UInt64(maximumEntries), count * 46 <= length else {
      throw .malformed(
        path: path, what: "zip directory", found: "\(count) entries in \(length) bytes", expected: "46 bytes each")
    }
    return (first, last, Int(count))
  }

  private static func findEnd(_ file: UnsafeRawBufferPointer) -> Int? {
    let last = file.count - endSize
    for place in stride(from: last, through: max(0, last - longestComment), by: -1)
    where file[place] == 0x50 && file[place + 1] == 0x4B && file[place + 2] == 0x05 && file[place + 3] == 0x06 {
      return place
    }
    return nil
  }

  private static func damaged(_ path: String, _ what: String) -> WeightError {
    .malformed(path: path, what: "zip directory", found: "a damaged \(what)", expected: "a whole one")
  }

  // MARK: Entries

  /// The next entry of the directory; `nil` for a folder.
  private static func entry(
    _ reader: inout ByteReader, _ file: UnsafeRawBufferPointer, _ path: String
  ) throws(WeightError) -> Entry? {
    guard reader.number(UInt32.self) == 0x0201_4B50, reader.take(4) != nil, let flags = reader.number(UInt16.self),
      let method = reader.number(UInt16.self), reader.take(4) != nil, let checksum = reader.number(UInt32.self),
      let packed = reader.number(UInt32.self),
      let plain = reader.number(UInt32.self), let nameLength = reader.number(UInt16.self),
      let extraLength = reader.number(UInt16.self), let commentLength = reader.number(UInt16.self),
      reader.take(8) != nil, let offset = reader.number(UInt32.self), let nameBytes = reader.take(Int(nameLength)),
      let extra = reader.take(Int(extraLength)), reader.take(Int(commentLength)) != nil
    else { throw damaged(path, "entry") }
    guard let name = String(validating: nameBytes, as: UTF8.self), !name.isEmpty else {
      throw .malformed(path: path, what: "zip entry", found: "a name that is not text", expected: "a name")
    }
    try check(name, path)
    if name.hasSuffix("/") { return nil }
    guard flags & 1 == 0 else {
      throw .malformed(path: path, what: "zip entry \(quoted(name))", found: "encrypted bytes", expected: "plain ones")
    }
    var sizes = (plain: UInt64(plain), packed: UInt64(packed), offset: UInt64(offset))
    try widen(&sizes, extra, (plain == .max, packed == .max, offset == .max), name, path)
    guard method == 0, sizes.plain == sizes.packed else {
      throw .malformed(
        path: path, what: "zip entry \(quoted(name))", found: "compressed bytes (method \(method))",
        expected: "stored ones, as PyTorch writes them")
    }
    return Entry(
      name: name, range: try range(sizes.offset, sizes.plain, name, file, path), checksum: checksum)
  }

  /// Names are never used as paths here; one that would lead out of the archive is malicious.
  private static func check(_ name: String, _ path: String) throws(WeightError) {
    let parts = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
    guard !name.hasPrefix("/"), !name.hasPrefix("\\"), !parts.contains(".."), !name.contains("\0") else {
      throw .malformed(
        path: path, what: "zip entry", found: "the name \(quoted(name)), which leads out of the archive",
        expected: "names within it")
    }
  }

  /// Numbers that do not fit into 32 bits are in the extra field of type 1, in this order.
  private static func widen(
    _ sizes: inout (plain: UInt64, packed: UInt64, offset: UInt64), _ extra: UnsafeRawBufferPointer,
    _ isLong: (Bool, Bool, Bool), _ name: String, _ path: String
  ) throws(WeightError) {
    guard isLong.0 || isLong.1 || isLong.2 else { return }
    var reader = ByteReader(extra)
    while let kind = reader.number(UInt16.self), let length = reader.number(UInt16.self) {
      guard let field = reader.take(Int(length)) else { break }
      guard kind == 1 else { continue }
      var numbers = ByteReader(field)
      func next(_ isLong: Bool, _ short: UInt64) throws(WeightError) -> UInt64 {
        guard isLong else { return short }
        guard let number = numbers.number(UInt64.self) else { throw damaged(path, "zip64 field of \(quoted(name))") }
        return number
      }
      sizes.plain = try next(isLong.0, sizes.plain)
      sizes.packed = try next(isLong.1, sizes.packed)
      sizes.offset = try next(isLong.2, sizes.offset)
      return
    }
    throw damaged(path, "zip64 field of \(quoted(name))")
  }

  /// The position of the bytes: after the local header, whose name and extra field have their own lengths.
  private static func range(
    _ offset: UInt64, _ size: UInt64, _ name: String, _ file: UnsafeRawBufferPointer, _ path: String
  ) throws(WeightError) -> Range<Int> {
    let what = "zip entry \(quoted(name))"
    guard let place = Int(exactly: offset), place <= file.count, let count = Int(exactly: size) else {
      throw .malformed(path: path, what: what, found: "a place at byte \(offset)", expected: "at most \(file.count)")
    }
    var reader = ByteReader(file, at: place)
    guard reader.number(UInt32.self) == 0x0403_4B50, reader.take(22) != nil,
      let nameLength = reader.number(UInt16.self), let extraLength = reader.number(UInt16.self),
      let own = reader.take(Int(nameLength)),
      reader.take(Int(extraLength)) != nil
    else {
      throw .malformed(path: path, what: what, found: "no local header", expected: "one at byte \(place)")
    }
    guard own.elementsEqual(name.utf8) else {
      throw .malformed(path: path, what: what, found: "another name in its local header", expected: "the same")
    }
    guard count <= reader.remaining else {
      throw .malformed(
        path: path, what: what, found: "\(count) bytes", expected: "at most \(reader.remaining), to the end")
    }
    return reader.position..<reader.position + count
  }
}
