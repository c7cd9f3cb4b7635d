// How much room a disk has.

import Glibc

/// The bytes that this user may still write in `folder` (empty: the current one); nil when that cannot be told.
func freeRoom(in folder: String) -> Int? {
  var status = statvfs()
  guard statvfs(folder.isEmpty ? "." : folder, &status) == 0 else { return nil }
  let (bytes, isHuge) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
  return isHuge ? Int.max : Int(clamping: bytes)
}
