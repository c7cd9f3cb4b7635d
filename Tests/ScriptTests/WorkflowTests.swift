// Scripts/test, manual-options and docs with a fake compiler: what they call, in which order, and that the
// first failure ends them.

import Testing

@Suite struct WorkflowTests {
  private static let parity = "ParityTests|PrecisionTests|BatchTests|InstructionSetTests"
  private static let tests = "esmfoldPackageTests.xctest --testing-library swift-testing"
  private static let steps = [
    "swift format lint --strict --recursive Sources Tests Package.swift", "swift build -c release --build-tests",
    "swift build -c release --show-bin-path", tests,
    "ESMFOLD_ISA=v4 \(tests) --filter \(parity)", "ESMFOLD_ISA=v3 \(tests) --filter \(parity)",
    "ESMFOLD_ISA=base \(tests) --filter \(parity)", "ESMFOLD_ISA=blas \(tests) --filter \(parity)",
    "test-library ", "docs ",
  ]

  /// The steps of Scripts/test without their work; the one with this number fails.
  private func tree(failing: Int = 0) throws -> ScriptTree {
    let tree = try ScriptTree(["test", "check-imports"])
    try tree.write("Sources/Protein/A.swift", "// nothing\n")
    let fails = #"[ "$(wc -l < "$TREE/log")" = "\#(failing)" ] && exit 3; exit 0"#
    try tree.program("swift", #"case "$*" in *--show-bin-path) echo "$TREE/bin" ;; esac; "# + fails)
    try tree.program("esmfoldPackageTests.xctest", fails)
    for script in ["docs", "test-library", "install-deps", "fetch-viewer"] {
      try tree.program(script, fails)
      let text =
        ["install-deps", "fetch-viewer"].contains(script)
        ? "echo \(script) >> \"$TREE/installed\"" : "exec \"$TREE/bin/\(script)\""
      try tree.write("Scripts/\(script)", "#!/bin/sh\n\(text)\n", isProgram: true)
    }
    return tree
  }

  @Test func everyStepIsDone() throws {
    let tree = try tree()
    let ran = try tree.run("test")
    #expect(
      ran.status == 0 && ran.error.isEmpty && tree.log == Self.steps
        && tree.read("installed") == "install-deps\nfetch-viewer\n")
    for set in ["v4", "v3", "base", "blas"] { #expect(ran.output.contains("Parity with the kernels of \(set)\n")) }
  }

  @Test("A failing step is the last one", arguments: 1...10) func failures(step: Int) throws {
    let tree = try tree(failing: step)
    #expect(try tree.run("test").status != 0)
    #expect(tree.log == Array(Self.steps[..<step]))
  }

  @Test func importsAndLibrariesAreSteps() throws {
    let first = try tree()
    try first.write("Sources/Protein/A.swift", "import Glibc\n")
    #expect(try first.run("test").status != 0 && first.log == [Self.steps[0]])
    let second = try tree()
    try second.write("Scripts/install-deps", "#!/bin/sh\nexit 1\n", isProgram: true)
    #expect(try second.run("test").status != 0 && second.log.isEmpty)
  }

  @Test("With arguments, only the named tests are run") func arguments() throws {
    let tree = try tree()
    #expect(try tree.run("test", ["--filter", "A B"]).status == 0)
    #expect(tree.log == Array(Self.steps[..<3]) + [Self.tests + " --filter A B"])
  }

  @Test("A test that hangs is a failure, and named") func hangs() throws {
    let tree = try tree()
    let lines = [
      "◇ Test run started.", "◇ Suite S started.", "◇ Test \"A name\" started.", "◇ Test b(_:) started.",
      "◇ Test \"A test passed\" started.", "◇ Test case passing 1 argument x → 1 to b(_:) started.",
      "◇ Test c() started.",
      "◇ Test \"D\" started.", "✔ Test b(_:) with 1 test case passed after 0.001 seconds.",
      "✔ Test \"A name\" with 2 test cases passed after 12.5 seconds.",
      "✘ Test \"D\" failed after 1.0 seconds with 1 issue.",
    ]
    try tree.write("lines", lines.joined(separator: "\n") + "\n")
    try tree.program("esmfoldPackageTests.xctest", #"cat "$TREE/lines"; exec sleep 600"#)
    let ran = try tree.run("test", environment: ["ESMFOLD_SUITE_LIMIT": "1"])
    #expect(ran.status == 124 && tree.log.count == 4)
    #expect(ran.error == "test: the tests did not end within 1 s; these have not:\n  \"A test passed\"\n  c()\n")
  }

  // === The readme ===

  private static let page = "Sources/CommandLineTool/Manual/options.md"

  private static let pageBefore = """
    before
    <!-- options:begin here -->
    old
    old
    <!-- options:end -->
    after\\n 1 & 2

    """

  @Test func theOptionSection() throws {
    let tree = try ScriptTree(["manual-options"])
    try tree.program("swift", #"case "$*" in *--show-bin-path) echo "$TREE/bin" ;; esac"#)
    try tree.program("esmfold", #"[ "$*" = "help --markdown" ] && printf '| `--x` | a & b \\n |\nlast\n'"#)
    try tree.write(Self.page, Self.pageBefore)
    let ran = try tree.run("manual-options")
    #expect(ran.status == 0 && ran.error.isEmpty, "\(ran.error)")
    #expect(
      tree.read(Self.page) == """
        before
        <!-- options:begin here -->

        | `--x` | a & b \\n |
        last
        <!-- options:end -->
        after\\n 1 & 2

        """)
    #expect(tree.log.first == "swift build -c release --product esmfold")
  }

  @Test("The page stays unchanged if the program fails", arguments: ["swift", "esmfold"])
  func theOptionSectionStays(failing: String) throws {
    let tree = try ScriptTree(["manual-options"])
    try tree.program(
      "swift", failing == "swift" ? "exit 1" : #"case "$*" in *--show-bin-path) echo "$TREE/bin" ;; esac"#)
    try tree.program("esmfold", "echo new; exit 1")
    try tree.write(Self.page, Self.pageBefore)
    #expect(try tree.run("manual-options").status != 0)
    #expect(tree.read(Self.page) == Self.pageBefore)
  }

  // === Documentation ===

  @Test func documentation() throws {
    let tree = try ScriptTree(["docs"])
    let graphs = ".build/docs-build/graphs"
    try tree.program(
      "swift",
      "for name in ESMFoldKit ESMFoldKit@Swift Tensors; do : > \(graphs)/$name.symbols.json; done")
    try tree.program("docc", "ls=$(echo \(graphs)/*.json); echo $ls >> \"$TREE/log\"; exit ${DOCC:-0}")
    let ran = try tree.run("docs")
    #expect(ran.status == 0 && ran.output == ".build/docs/ESMFoldKit.doccarchive\n", "\(ran.error)")
    try #require(tree.log.count == 3)
    #expect(tree.log[0].hasPrefix("swift build --target ESMFoldKit -Xswiftc -emit-symbol-graph "))
    #expect(tree.log[1].hasPrefix("docc convert Sources/ESMFoldKit/ESMFoldKit.docc "))
    #expect(tree.log[1].hasSuffix(" --warnings-as-errors") && tree.log[1].contains(" \(graphs) "))
    // Only the library's public interface is documented.
    #expect(tree.log[2] == "\(graphs)/ESMFoldKit.symbols.json \(graphs)/ESMFoldKit@Swift.symbols.json")
    #expect(try tree.run("docs", environment: ["DOCC": "1"]).status != 0)
    // If nothing is recompiled, the compiler writes no graphs; those of the last run still exist.
    try tree.program("swift")
    #expect(try tree.run("docs").status == 0)
    #expect(tree.log.last == tree.log[2])
  }
}
