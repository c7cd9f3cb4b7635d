// The limits that a shell sets with `ulimit`.

package import Glibc

package enum ResourceLimit {
  /// The limit that holds for this process now; nil for none.
  package static func current(_ resource: __rlimit_resource) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else {
      return nil
    }
    return Int(limit.rlim_cur)
  }
}
