// Libraries that tests compile, to be loaded by the program.

import Foundation
import Testing

enum CompiledLibrary {
  struct NoCompiler: Error {}

  /// Compiles a library by whichever C compiler there is.
  ///
  /// - Parameters:
  ///   - source: the path of a C file.
  ///   - target: the path of the library.
  /// - Returns: `target`.
  /// - Throws: `NoCompiler` if no compiler is found or none accepts the file.
  static func make(_ source: String, at target: String) throws -> String {
    let variables = ProcessInfo.processInfo.environment
    for compiler in ["cc", "clang", "gcc"] {
      let ran = try Binary.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", target, source, "-ldl"], executable: "/usr/bin/env",
        environment: ["PATH": variables["PATH"] ?? "/usr/bin:/bin"])
      if ran.status == 0 { return target }
    }
    throw NoCompiler()
  }
}
