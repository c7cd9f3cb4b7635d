// How many files a process may have open.

import Glibc

package enum OpenFiles {
  /// The most files that this process may have open at the same time (`ulimit -n`).
  package static var limit: Int {
    var limit = rlimit()
    // Without an answer what POSIX promises.
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 20 }
    return Int(clamping: limit.rlim_cur)
  }
}
