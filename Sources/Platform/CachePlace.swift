// Where the folder of imported models is: one rule for all programs.

import Glibc

/// Where the folder of imported models is.
package enum CachePlace {
  /// `$ESMFOLD_CACHE`, else `$XDG_CACHE_HOME/esmfold`, else `~/.cache/esmfold`.
  ///
  /// Jobs of a cluster and services may have no `HOME`, or one that is no absolute path; then the user's entry in the system's list says it, as for a
  /// shell, and never is the cache in whatever folder the program runs in.
  ///
  /// - Parameters:
  ///   - environment: The value of an environment variable; an empty one counts as none.
  ///   - home: The home of the user in the system's list; `nil` where the system does not know the user.
  /// - Returns: The path of the folder, which need not exist.
  package static func path(
    environment: (String) -> String?, home: () -> String? = homeOfUser
  ) -> String {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    if let folder = value("ESMFOLD_CACHE") { return folder }
    // The XDG base directory rules say to ignore a relative path.
    if let folder = value("XDG_CACHE_HOME"), folder.hasPrefix("/") { return folder + "/esmfold" }
    let home = value("HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home()
    return (home ?? "") + "/.cache/esmfold"
  }

  /// The home of this process's user in the system's list of users.
  package static func homeOfUser() -> String? {
    var entry = passwd(), found: UnsafeMutablePointer<passwd>?
    var texts = [CChar](repeating: 0, count: 1 << 14)
    guard getpwuid_r(getuid(), &entry, &texts, texts.count, &found) == 0, found != nil, let home = entry.pw_dir else {
      return nil
    }
    return String(cString: home)
  }
}
