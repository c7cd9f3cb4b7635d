// Files and the process's memory, through the C library.

import Glibc

/// Whole text files.
enum TextFile {
  static func read(_ path: String) throws(BenchmarkError) -> String {
    guard let file = fopen(path, "r") else { throw failure(path, "open") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&part, 1, part.count, file)
      guard count > 0 else { break }
      bytes += part[..<count]
    }
    guard ferror(file) == 0 else { throw failure(path, "read") }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ text: String, to path: String) throws(BenchmarkError) {
    guard let file = fopen(path, "w") else { throw failure(path, "create") }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten else { throw failure(path, "write") }
  }

  private static func failure(_ path: String, _ action: String) -> BenchmarkError {
    .file(path: path, action: action, reason: String(cString: strerror(errno)))
  }
}

/// This process's resident memory.
enum ResidentMemory {
  /// The maximum since `resetPeak`, in bytes, or since the start if the system cannot reset it.
  static var peak: Int {
    let line = ((try? TextFile.read("/proc/self/status")) ?? "").split(separator: "\n")
      .first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }

  /// Resets the maximum to the current value (man proc_pid_clear_refs).
  static func resetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }
}
