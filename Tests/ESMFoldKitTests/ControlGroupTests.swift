// Limits of control groups, from copies of the system's files.

import ESMFoldKit
import Foundation
import Testing

@Suite("Control groups") struct ControlGroupTests {
  /// Writes files under a folder of its own and looks at them.
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

  @Test("Version 2: the narrowest group counts") func version2() throws {
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
    #expect(try Self.group(["proc/self/cgroup": "garbage\n:::\n"], \.processors) == nil)
  }
}
