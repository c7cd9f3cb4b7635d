// The name of the processor from /proc/cpuinfo, as x86 and arm64 write it.

import ESMFoldKit
import Testing

@Suite struct ProcessorNameTests {
  private static func name(_ text: String) -> String? { ProcessorName.read(text.split(separator: "\n")) }

  @Test("x86 says the model's name") func x86() {
    #expect(
      Self.name("processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9B14\nflags\t: fpu\nmodel name\t: other")
        == "AMD EPYC 9B14")
    #expect(Self.name("model name : Some: thing ") == "Some: thing")
  }

  @Test(
    "arm64 says numbers",
    arguments: [
      ("0x41", "0xd0c", "ARM Neoverse N1"), ("0x41", "0xd4f", "ARM Neoverse V2"), ("0xc0", "0xac3", "Ampere-1"),
      ("0x61", "0x022", "arm64 processor of maker 0x61, part 0x022"),
      ("0x51", "0xd0c", "arm64 processor of maker 0x51, part 0xd0c"),
    ])
  func arm64(maker: String, part: String, expected: String) {
    let text = """
      processor\t: 0
      BogoMIPS\t: 50.00
      Features\t: fp asimd evtstrm aes
      CPU implementer\t: \(maker)
      CPU architecture: 8
      CPU variant\t: 0x3
      CPU part\t: \(part)
      CPU revision\t: 1
      """
    #expect(Self.name(text) == expected)
  }

  @Test("Where neither is said there is no name", arguments: ["", "processor\t: 0", "model name", "CPU part : 0xd0c"])
  func none(_ text: String) {
    #expect(Self.name(text) == nil)
  }
}
