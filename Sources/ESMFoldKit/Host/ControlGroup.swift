// The limits that a container or a cluster's scheduler sets for this process (Linux control groups, versions 1 and 2).

import Glibc
import Platform

/// Limits of this process's control group and of its ancestors; the narrowest counts.
package struct ControlGroup {
  /// A prefix of /proc and /sys, for tests.
  private let root: String

  /// The group of this process.
  package init(root: String = "") { self.root = root }

  /// The number of processors that the group may use, rounded up; `nil` without a limit.
  package var processors: Int? {
    folders(of: "cpu").compactMap { folder -> Int? in
      // Version 2: "max 100000" or "200000 100000", microseconds of processor time for each period; version 1: two files.
      if let fields = line("\(folder)/cpu.max")?.split(separator: " "), fields.count == 2 {
        return Self.processors(quota: Int(fields[0]), period: Int(fields[1]))
      }
      return Self.processors(
        quota: line("\(folder)/cpu.cfs_quota_us").flatMap { Int($0) },
        period: line("\(folder)/cpu.cfs_period_us").flatMap { Int($0) })
    }.min()
  }

  /// Bytes that the group may still allocate; cached file pages count as free unless a process has mapped them, since the
  /// system can drop them. `nil` without a limit.
  package var availableMemory: Int? {
    folders(of: "memory").compactMap { folder -> Int? in
      let names =
        access("\(folder)/memory.max", R_OK) == 0
        ? (limit: "memory.max", used: "memory.current", prefix: "", mapped: "file_mapped")
        : (limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes", prefix: "total_", mapped: "mapped_file")
      guard let limit = line("\(folder)/\(names.limit)").flatMap({ Int($0) }), limit < Self.noLimit,
        let used = line("\(folder)/\(names.used)").flatMap({ Int($0) })
      else { return nil }
      let statistics = WholeFile.lines("\(folder)/memory.stat")
      func bytes(_ name: String) -> Int {
        let start = "\(names.prefix)\(name) "
        let line = statistics.first { $0.hasPrefix(start) }
        return line.flatMap { Int($0.dropFirst(start.count)) }.map { min(max($0, 0), 1 << 60) } ?? 0
      }
      let files = max(0, bytes("inactive_file") + bytes("active_file") - bytes(names.mapped))
      let (free, overflow) = limit.subtractingReportingOverflow(max(0, max(0, used) - files))
      return overflow ? nil : max(0, free)
    }.min()
  }

  /// Version 1 has no word for "none" but a number near 2⁶³. What such a group uses need not be read, which takes the system
  /// longer than all the rest.
  private static let noLimit = 1 << 60

  private static func processors(quota: Int?, period: Int?) -> Int? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return max(1, quota / period + (quota % period > 0 ? 1 : 0))
  }

  /// The folders of this process's group and of its ancestors, innermost first.
  private func folders(of controller: String) -> [String] {
    var folders: [String] = []
    for entry in WholeFile.lines("\(root)/proc/self/cgroup") {
      // "0::/path" in version 2, "5:cpu,cpuacct:/path" in version 1.
      let fields = entry.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let controllers = fields[1].split(separator: ",").map(String.init)
      guard fields[1].isEmpty || controllers.contains(controller) else { continue }
      let mount = "\(root)/sys/fs/cgroup" + (fields[1].isEmpty ? "" : "/\(controller)")
      var parts = fields[2].split(separator: "/")
      while true {
        folders.append(parts.isEmpty ? mount : "\(mount)/\(parts.joined(separator: "/"))")
        if parts.isEmpty { break }
        parts.removeLast()
      }
    }
    return folders
  }

  private func line(_ path: String) -> String? { WholeFile.lines(path).first.map(String.init) }
}
