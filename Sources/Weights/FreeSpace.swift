// Whether a large file will fit, asked before it is written.

import Glibc

package enum FreeSpace {
  /// Throws `WeightError.noSpace` when less than `needed` bytes are free in the folder of `path`.
  package static func check(for needed: Int, beside path: String) throws(WeightError) {
    var status = statvfs()
    guard statvfs(path.folder, &status) == 0 else { throw .system(path: path.folder, call: "statvfs", code: errno) }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    let available = overflow ? Int.max : Int(clamping: bytes)
    if available < needed { throw .noSpace(path: path, needed: needed, available: available) }
  }
}
