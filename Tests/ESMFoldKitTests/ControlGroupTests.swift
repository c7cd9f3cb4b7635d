// Control group limits, from copies of the system's files.

import ESMFoldKit
import Foundation
import Testing

@Suite("Control groups") struct ControlGroupTests {
  /// Writes files in a separate folder and reads the limits from them.
  private static func group<T>(_ files: [String: String], _ look: (ControlGroup) -> T) throws -> T {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("esmfold-cgroup-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return look(ControlGroup(root: root.path))
  }

  @Test("Version 2: the tightest limit applies") func version2() throws {
    let files = [
      "proc/self/cgroup": "0::/slurm/job\n",
      "sys/fs/cgroup/cpu.max": "max 100000\n",
      "sys/fs/cgroup/slurm/cpu.max": "800000 100000\n",
      "sys/fs/cgroup/slurm/job/cpu.max": "250000 100000\n",
      "sys/fs/cgroup/slurm/memory.max": "1000\n",
      "sys/fs/cgroup/slurm/memory.current": "700\n",
      "sys/fs/cgroup/slurm/memory.stat": "anon 500\ninactive_file 200\n",
      "sys/fs/cgroup/slurm/job/memory.max": "max\n",
      "sys/fs/cgroup/slurm/job/memory.current": "100\n",
    ]
    #expect(try Self.group(files, \.processors) == 3)
    #expect(try Self.group(files, \.availableMemory) == 500)
  }

  @Test("Version 1") func version1() throws {
    let files = [
      "proc/self/cgroup": "4:memory:/box\n2:cpuacct:/\n1:cpu:/box\n0::/\n",
      "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "150000\n",
      "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "5000\n",
      "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "4500\n",
      "sys/fs/cgroup/memory/box/memory.stat": "cache 3000\ntotal_inactive_file 2500\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "100000\n",
    ]
    #expect(try Self.group(files, \.processors) == 2)
    #expect(try Self.group(files, \.availableMemory) == 3000)
  }

  @Test("No limits") func unlimited() throws {
    let files = [
      "proc/self/cgroup": "1:cpu:/\n0::/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n", "sys/fs/cgroup/cpu.max": "max 100000\n",
    ]
    #expect(try Self.group(files, \.processors) == nil)
    #expect(try Self.group([:], \.availableMemory) == nil)
    let first = [
      "proc/self/cgroup": "1:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "100000\n",
    ]
    #expect(try Self.group(first, \.availableMemory) == nil)
    #expect(try Self.group(["proc/self/cgroup": "garbage\n:::\n"], \.processors) == nil)
  }

  @Test(
    "Parts of a processor are rounded up, and one is the least",
    arguments: [
      ("250000 100000", 3), ("200000 100000", 2), ("200001 100000", 3), ("1 100000", 1), ("100000 100000", 1),
      ("max 100000", nil), ("0 100000", nil), ("100000 0", nil), ("-1 100000", nil), ("x 100000", nil), ("100000", nil),
      ("9223372036854775807 1", Int.max),
    ])
  func rounding(_ text: String, _ expected: Int?) throws {
    let files = ["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": text + "\n"]
    #expect(try Self.group(files, \.processors) == expected, "\(text)")
  }

  @Test("The tightest limit of all groups applies, wherever it is", arguments: ["", "/a", "/a/b", "/a/b/c"])
  func narrowest(_ place: String) throws {
    var files = ["proc/self/cgroup": "0::/a/b/c\n"]
    for group in ["", "/a", "/a/b", "/a/b/c"] {
      files["sys/fs/cgroup\(group)/cpu.max"] = group == place ? "300000 100000\n" : "700000 100000\n"
      files["sys/fs/cgroup\(group)/memory.max"] = group == place ? "1000\n" : "5000\n"
      files["sys/fs/cgroup\(group)/memory.current"] = "100\n"
    }
    #expect(try Self.group(files, \.processors) == 3)
    #expect(try Self.group(files, \.availableMemory) == 900)
  }

  @Test("File pages count as free, up to the memory used; nothing is free beyond the limit") func files() throws {
    func available(limit: String, used: String, stat: String?) throws -> Int? {
      var files = [
        "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": limit, "sys/fs/cgroup/memory.current": used,
      ]
      files["sys/fs/cgroup/memory.stat"] = stat
      return try Self.group(files, \.availableMemory)
    }
    #expect(try available(limit: "1000", used: "400", stat: nil) == 600)
    #expect(try available(limit: "1000", used: "400", stat: "active_file 70\ninactive_file 150\n") == 820)
    // What a process has mapped, the program itself for instance, would be read again and again.
    let mapped = "active_file 70\nfile_mapped 90\ninactive_file 150\n"
    #expect(try available(limit: "1000", used: "400", stat: mapped) == 730)
    #expect(try available(limit: "1000", used: "400", stat: "file_mapped 90\ninactive_file 50\n") == 600)
    #expect(try available(limit: "1000", used: "400", stat: "inactive_file 900\n") == 1000)
    #expect(try available(limit: "1000", used: "1400", stat: "inactive_file 100\n") == 0)
    #expect(try available(limit: "max", used: "400", stat: nil) == nil)
    #expect(try available(limit: "1000", used: "x", stat: nil) == nil)
  }

  @Test("Version 1 names its controllers, several in one line, and counts the pages of nested groups")
  func controllers() throws {
    let files = [
      "proc/self/cgroup": "7:cpu,cpuacct:/box:1\n6:memory:/box:1/inner\n5:cpuset:/other\n",
      "sys/fs/cgroup/cpu/box:1/cpu.cfs_quota_us": "400000\n", "sys/fs/cgroup/cpu/box:1/cpu.cfs_period_us": "100000\n",
      // A group of this name that is not ours.
      "sys/fs/cgroup/cpu/other/cpu.cfs_quota_us": "100000\n",
      "sys/fs/cgroup/cpu/other/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/box:1/memory.limit_in_bytes": "5000\n",
      "sys/fs/cgroup/memory/box:1/memory.usage_in_bytes": "4500\n",
      "sys/fs/cgroup/memory/box:1/memory.stat": "inactive_file 10\ntotal_inactive_file 500\n",
    ]
    #expect(try Self.group(files, \.processors) == 4)
    #expect(try Self.group(files, \.availableMemory) == 1000)
  }

  @Test("The machine's own numbers are within those of the system") func machine() throws {
    let meminfo = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8)
    let line = try #require(meminfo.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") })
    let kibibytes = try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    let info = SystemInfo.current, group = ControlGroup()
    // Free memory changes constantly, but does not halve or double between two readings.
    let expected = min(kibibytes * 1024, group.availableMemory ?? Int.max)
    #expect(info.availableMemory > expected / 2 && info.availableMemory < 2 * expected)
    let processors = ProcessInfo.processInfo.activeProcessorCount
    #expect(info.availableThreads >= 1 && info.availableThreads <= min(processors, group.processors ?? Int.max))
    #expect(info.instructionSets.contains(info.instructionSet) && info.instructionSets.last == "base")
  }
}
