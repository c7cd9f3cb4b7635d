// Scripts/check-imports: that its table matches the project's, and that no form of import gets past it.

import Foundation
import Testing

@Suite struct CheckImportsTests {
  /// Modules that every target may have by a rule of its own; they are no targets.
  private static let system: Set = ["Glibc", "Synchronization"]

  /// `[target]="modules"` of the script.
  private func table() throws -> [String: Set<String>] {
    let text = try ScriptTree.text("Scripts/check-imports")
    let lines = text.split(separator: "\n").drop { !$0.hasPrefix("declare -A allowed") }.dropFirst().prefix {
      $0 != ")"
    }
    var table: [String: Set<String>] = [:]
    for line in lines {
      let parts = line.split(separator: "=", maxSplits: 1)
      let name = parts[0].trimmingCharacters(in: CharacterSet(charactersIn: " []"))
      table[name] = Set(parts[1].filter { $0 != "\"" }.split(separator: " ").map(String.init))
    }
    return table
  }

  @Test func theTableIsThatOfTheReadme() throws {
    let rows = try ScriptTree.text("Sources/README.md").split(separator: "\n")
      .drop { !$0.hasPrefix("| target |") }.dropFirst(2).prefix { $0.hasPrefix("|") }
    var expected: [String: Set<String>] = [:]
    for row in rows {
      let cells = row.split(separator: "|").map(String.init)
      let names = cells.map { cell in
        Set(cell.matches(of: /`([A-Za-z0-9-]+)`/).map { String($0.output.1) })
      }
      guard names[0].count == 1, let target = names[0].first, cells.count == 3, target != "COpenBLAS" else { continue }
      expected[target] = names[2].subtracting(Self.system)
    }
    let table = try table()
    #expect(table.mapValues { $0.subtracting(Self.system) } == expected)
    for modules in table.values {
      // `Foundation` is for tests; what else is allowed where is said below the table of the readme.
      #expect(!modules.contains("Foundation") && !modules.contains("FoundationEssentials"))
      #expect(!modules.contains("Dispatch"))
    }
    #expect(table["Protein"] == [])
  }

  @Test func theTableIsThatOfThePackage() throws {
    let package = try ScriptTree.text("Package.swift")
    let pattern = /\.(?:executableTarget|target)\(\s*name: "([^"]+)"(?:,\s*dependencies: \[([^\]]*)\])?/
    var expected: [String: Set<String>] = [:]
    for match in package.matches(of: pattern) where match.output.1.wholeMatch(of: /C[A-Z].*/) == nil {
      let names = match.output.2.map { $0.matches(of: /"([^"]+)"/).map { String($0.output.1) } } ?? []
      if !match.output.1.hasSuffix("TestSupport") { expected[String(match.output.1)] = Set(names) }
    }
    #expect(expected.count == 16)
    #expect(try table().mapValues { $0.subtracting(Self.system) } == expected)
  }

  @Test("A target imports every module that it may") func everyAllowanceIsUsed() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    for (target, modules) in try table() {
      var imported: Set<String> = []
      let folder = root.appendingPathComponent("Sources/\(target)")
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      while let file = files?.nextObject() as? URL {
        guard file.pathExtension == "swift" else { continue }
        let text = try String(contentsOf: file, encoding: .utf8)
        for match in text.matches(of: /(?m)^[a-z ]*import (\w+)/) { imported.insert(String(match.output.1)) }
      }
      #expect(modules.subtracting(imported).isEmpty, "\(target) imports \(imported.sorted())")
    }
  }

  @Test func theProjectPasses() throws {
    // The script finds its own folder, so the project's copy is run in place.
    let tree = try ScriptTree(["check-imports"])
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    try FileManager.default.createSymbolicLink(
      atPath: tree.path + "/Sources", withDestinationPath: root.path + "/Sources")
    let ran = try tree.run("check-imports")
    #expect(ran.status == 0 && ran.error.isEmpty, "\(ran.error)")
  }

  struct Violation: Sendable {
    let file: String, text: String
    /// The reported line and module; nil for none.
    let found: String?
  }

  @Test(arguments: [
    Violation(file: "Protein/A.swift", text: "import Tensors", found: "1: found import Tensors, expected one of: none"),
    Violation(file: "Protein/Deep/A.swift", text: "//\n\nimport Glibc", found: "3: found import Glibc"),
    Violation(file: "Tensors/A.swift", text: "import Weights", found: "1: found import Weights"),
    Violation(file: "Tensors/A.swift", text: "@_exported import Weights", found: "1: found import Weights"),
    Violation(
      file: "Tensors/A.swift", text: "@preconcurrency @testable import Weights", found: "1: found import Weights"),
    Violation(file: "Tensors/A.swift", text: "  package   import  Weights", found: "1: found import Weights"),
    Violation(
      file: "Tensors/A.swift", text: "@_spi(X) public import struct Weights.Store", found: "1: found import Weights"),
    Violation(file: "Tensors/A.swift", text: "import Weights.Part", found: "1: found import Weights"),
    Violation(file: "Tensors/A.swift", text: "import func Weights.read", found: "1: found import Weights"),
    Violation(file: "Tensors/A.swift", text: "import CKernels\nimport Foundation", found: "2: found import Foundation"),
    Violation(
      file: "esmfold-bench/A.swift", text: "import COpenBLAS",
      found: "1: found import COpenBLAS, expected it in Sources/esmfold-bench/Peak.swift only"),
    Violation(file: "Tensors/A.swift", text: "import Dispatch", found: "1: found import Dispatch"),
    Violation(file: "esmfold/A.swift", text: "import ESMFoldKit", found: "1: found import ESMFoldKit"),
    Violation(file: "Unknown/A.swift", text: "import Glibc", found: ": found a target that is not in the table"),
    Violation(file: "CKernels/a.h", text: "# include <openssl/ssl.h>", found: "openssl"),
    Violation(file: "esmfold-bench/Peak.swift", text: "import COpenBLAS\ninternal import Glibc", found: nil),
    Violation(file: "Tensors/A.swift", text: "// import Weights\nlet imports = \"import Weights\"", found: nil),
    Violation(file: "CKernels/a.h", text: "#include <math.h>\n#include \"b.h\"", found: nil),
    Violation(
      file: "ESM2/A.swift", text: "import Glibc\nprivate import Weights\nimport class Tensors.Buffer", found: nil),
  ])
  func imports(_ violation: Violation) throws {
    let tree = try ScriptTree(["check-imports"])
    try tree.write("Sources/Protein/Good.swift", "// nothing\n")
    try tree.write("Sources/\(violation.file)", violation.text + "\n")
    let ran = try tree.run("check-imports")
    guard let found = violation.found else {
      #expect(ran.status == 0 && ran.error.isEmpty, "\(ran.error)")
      return
    }
    #expect(ran.status == 1 && ran.error.contains(found), "\(ran.error)")
    #expect(ran.error.split(separator: "\n").count == 1, "\(ran.error)")
  }
}
