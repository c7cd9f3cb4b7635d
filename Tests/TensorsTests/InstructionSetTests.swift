// Which kernels run: the processor's, or those named by ESMFOLD_ISA.

import CKernels
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Instruction sets") struct InstructionSetTests {
  init() { Buffer.isPoisoned = true }

  /// The processor's instruction sets according to the system, best first.
  static var expected: [String] {
    #if arch(x86_64)
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
      let flags = Set(line.split(separator: " ").map(String.init))
      let needs: [(String, [String])] = [
        ("v4bf16", ["avx512_bf16"]), ("v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
        ("v3", ["avx2", "fma", "f16c", "bmi1", "bmi2", "movbe"]), ("base", []),
      ]
      // A set needs all that the lesser ones need.
      return needs.indices.filter { needs[$0...].allSatisfy { flags.isSuperset(of: $0.1) } }.map { needs[$0].0 }
    #else
      return ["base"]
    #endif
  }

  @Test("The processor's sets are found, best first") func available() {
    #expect(Kernels.available == Self.expected)
    #expect(KernelTests.sets.map(\.name) == Self.expected + ["blas"], "the sets that the other tests run on")
    #expect(String(cString: ck_best().pointee.name) == Self.expected.first)
    for name in ["", "V3", "v5", "v4bf16 ", "basement", "avx2"] {
      #expect(Kernels(named: name) == nil, "\(name)")
    }
  }

  @Test("Each set has its own name", arguments: KernelTests.ownSets) func widths(_ kernels: Kernels) {
    #if arch(arm64)
      let widths = ["base": (4, 16)]
    #else
      let widths = ["base": (4, 8), "v3": (8, 16), "v4": (16, 64), "v4bf16": (16, 64)]
    #endif
    #expect(Kernels(named: kernels.name)?.name == kernels.name)
    #expect(kernels.vectorWidth == widths[kernels.name]?.0)
    for precision in Precision.allCases { #expect(kernels.panelWidth(precision) == widths[kernels.name]?.1) }
    #expect(kernels.hasFastBFloat16 == (kernels.name == "v4bf16"))
  }

  @Test("ESMFOLD_ISA chooses", arguments: Kernels.available + ["blas"]) func request(_ name: String) async throws {
    try await Handed.over(name) {
      await #expect(processExitsWith: .success) {
        let name = try Handed.taken(String.self)
        setenv("ESMFOLD_ISA", name, 1)
        #expect(Kernels.active.name == name)
        #expect(Kernels.unavailableRequest == nil)
        // It is read once: panels packed with one set are never multiplied with another.
        setenv("ESMFOLD_ISA", name == "base" ? "v3" : "base", 1)
        #expect(Kernels.active.name == name)
      }
    }
  }

  @Test("Without a valid request the best set is used", arguments: [nil, "", "nonsense", "v3 "])
  func noRequest(_ value: String?) async throws {
    try await Handed.over(value) {
      await #expect(processExitsWith: .success) {
        let value = try Handed.taken((String?).self)
        if let value { setenv("ESMFOLD_ISA", value, 1) } else { unsetenv("ESMFOLD_ISA") }
        #expect(Kernels.active.name == InstructionSetTests.expected.first)
        #expect(Kernels.unavailableRequest == (value == "" ? nil : value))
      }
    }
  }

  @Test("A test run with a requested set uses it") func thisRun() {
    let request = ProcessInfo.processInfo.environment["ESMFOLD_ISA"] ?? ""
    let isPossible = (Self.expected + ["blas"]).contains(request)
    #expect(Kernels.active.name == (isPossible ? request : Self.expected.first))
    #expect(Kernels.unavailableRequest == (isPossible || request.isEmpty ? nil : request))
  }
}
