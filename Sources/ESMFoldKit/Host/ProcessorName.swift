// What a processor is called. x86 says it in /proc/cpuinfo; arm64 gives numbers there, of which lscpu has a longer list.

/// The name of a processor, from the lines of `/proc/cpuinfo`.
package enum ProcessorName {
  /// The model's name, as its maker calls it; on arm64 the core's, or its numbers where it is not in the list; nil where
  /// there is neither.
  package static func read(_ lines: [Substring]) -> String? {
    if let name = value("model name", lines), !name.isEmpty { return name }
    guard let maker = value("CPU implementer", lines), let part = value("CPU part", lines) else { return nil }
    return cores[Core(maker: maker, part: part)] ?? "arm64 processor of maker \(maker), part \(part)"
  }

  /// What stands behind the colon of the first line with this key.
  private static func value(_ key: String, _ lines: [Substring]) -> String? {
    for line in lines {
      let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2, trimmed(halves[0]) == key else { continue }
      return trimmed(halves[1])
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let first = text.firstIndex(where: { !blank($0) }), let last = text.lastIndex(where: { !blank($0) }) else {
      return ""
    }
    return String(text[first...last])
  }

  private struct Core: Hashable {
    let maker: String, part: String
  }

  /// Cores of servers and of common small machines: MIDR_EL1's fields, as the kernel's arch/arm64/include/asm/cputype.h
  /// lists them.
  private static let cores = [
    Core(maker: "0x41", part: "0xd03"): "ARM Cortex-A53", Core(maker: "0x41", part: "0xd08"): "ARM Cortex-A72",
    Core(maker: "0x41", part: "0xd0b"): "ARM Cortex-A76", Core(maker: "0x41", part: "0xd0c"): "ARM Neoverse N1",
    Core(maker: "0x41", part: "0xd40"): "ARM Neoverse V1", Core(maker: "0x41", part: "0xd49"): "ARM Neoverse N2",
    Core(maker: "0x41", part: "0xd4f"): "ARM Neoverse V2", Core(maker: "0x41", part: "0xd84"): "ARM Neoverse V3",
    Core(maker: "0x41", part: "0xd8e"): "ARM Neoverse N3", Core(maker: "0x46", part: "0x001"): "Fujitsu A64FX",
    Core(maker: "0x48", part: "0xd01"): "HiSilicon TSV110", Core(maker: "0xc0", part: "0xac3"): "Ampere-1",
    Core(maker: "0xc0", part: "0xac4"): "Ampere-1a",
  ]
}
