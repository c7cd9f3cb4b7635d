// Folders: created with those above them, listed, made durable, and the free space of their disk.

import Glibc

/// What programs do with folders.
package enum Folder {
  /// Creates the folder `path` and those above it, where they are not there yet.
  ///
  /// - Throws: `SystemError`, action `create folder`, which names the part of the path that could not be created or is
  ///   something else than a folder.
  package static func create(_ path: String) throws(SystemError) {
    switch FileStatus.kind(of: path) {
    case .folder: return
    case .some: throw SystemError(path: path, action: "create folder", code: ENOTDIR)
    case nil: break
    }
    let above = path.folder
    if above != path { try create(above) }
    // Another process may create it at the same time.
    guard mkdir(path, 0o777) != 0 else { return }
    let code = errno
    guard !path.isFolder else { return }
    throw SystemError(path: path, action: "create folder", code: code == EEXIST ? ENOTDIR : code)
  }

  /// Creates a folder of a new name, readable for this user alone.
  ///
  /// - Parameter start: The path without its last characters, which are chosen.
  /// - Returns: The path.
  /// - Throws: `SystemError`, action `create folder`.
  package static func createTemporary(_ start: String) throws(SystemError) -> String {
    var template = "\(start)XXXXXX".utf8CString
    // The path that mkdtemp returns is the template, which `&template` would keep for the call only.
    let path = template.withUnsafeMutableBufferPointer {
      $0.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let path else { throw SystemError(path: start, action: "create folder") }
    return path
  }

  /// The names in the folder `path` but `.` and `..`, sorted.
  ///
  /// - Throws: `SystemError`, action `open`.
  package static func names(in path: String) throws(SystemError) -> [String] {
    guard let stream = opendir(path) else { throw SystemError(path: path, action: "open") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// A name in a folder.
  package struct Entry {
    /// Its bytes.
    package let name: UnsafeRawBufferPointer
    fileprivate let folder: Int32

    /// The size of the regular file that it leads to; `nil` when there is none.
    package var sizeOfFile: Int? {
      // Behind the name is a zero.
      guard let text = name.assumingMemoryBound(to: CChar.self).baseAddress else { return nil }
      var status = stat()
      guard fstatat(folder, text, &status, 0) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return Int(status.st_size)
    }
  }

  /// Some names in a folder. `@unchecked Sendable`: several threads may look at them, nothing changes.
  package struct Names: @unchecked Sendable {
    fileprivate let folder: Int32
    /// One after the other, each with a zero at its end.
    fileprivate let bytes: UnsafeBufferPointer<CChar>
    fileprivate let starts: [Int]

    /// How many there are.
    package var count: Int { starts.count - 1 }

    /// One of them.
    package subscript(_ place: Int) -> Entry {
      let text = UnsafeBufferPointer(rebasing: bytes[starts[place]..<starts[place + 1]])
      return Entry(name: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text).dropLast()), folder: folder)
    }
  }

  /// Passes on the names in the folder `path` but `.` and `..`, in no order: for folders of a million files.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - most: How many are passed on at a time.
  ///   - body: Takes names, which are there as long as it runs.
  /// - Throws: `SystemError`, action `open`.
  package static func forEachNames(in path: String, atMost most: Int, _ body: (Names) -> Void) throws(SystemError) {
    guard let stream = opendir(path) else { throw SystemError(path: path, action: "open") }
    defer { closedir(stream) }
    let folder = dirfd(stream)
    var bytes: [CChar] = [], starts = [0]
    func pass() {
      bytes.withUnsafeBufferPointer { body(Names(folder: folder, bytes: $0, starts: starts)) }
      bytes.removeAll(keepingCapacity: true)
      starts = [0]
    }
    while let entry = readdir(stream) {
      withUnsafeMutablePointer(to: &entry.pointee.d_name) { name in
        let text = UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), count = strlen(text)
        // `.` and `..`
        if text[0] == 46, count == 1 || (count == 2 && text[1] == 46) { return }
        bytes += UnsafeBufferPointer(start: text, count: count + 1)
        starts.append(bytes.count)
      }
      if starts.count > most { pass() }
    }
    if starts.count > 1 { pass() }
  }

  /// Passes on the names in the folder `path` but `.` and `..`, one by one.
  ///
  /// - Throws: `SystemError`, action `open`.
  package static func forEachName(in path: String, _ body: (Entry) -> Void) throws(SystemError) {
    try forEachNames(in: path, atMost: 256) { names in
      for place in 0..<names.count { body(names[place]) }
    }
  }

  /// Makes the names in a folder durable, as far as the file system can.
  package static func synchronize(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    // A folder that cannot be synchronised is no reason to give up what is in it.
    fsync(descriptor)
    close(descriptor)
  }

  /// The bytes that this user may still write on the disk of the folder `path`.
  ///
  /// - Throws: `SystemError`, action `statvfs`.
  package static func freeSpace(in path: String) throws(SystemError) -> Int {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { throw SystemError(path: path, action: "statvfs") }
    let (bytes, isHuge) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return isHuge ? Int.max : Int(clamping: bytes)
  }
}
