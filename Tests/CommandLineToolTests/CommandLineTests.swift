// Complete command lines, run in this process; those that need a model are in the tests of the binary.

import CommandLineTool
import ESMFoldKit
import Testing

@Suite struct CommandLineTests {
  @Test(arguments: [["--help"], ["-h"], ["help"]])
  func programHelp(_ words: [String]) {
    let ran = run(words)
    #expect(ran.status == 0)
    #expect(ran.error.isEmpty)
    #expect(ran.output.hasPrefix("Usage: esmfold COMMAND"))
  }

  @Test(arguments: [
    (["fold"], "fold"), (["weights"], "weights"), (["weights", "list"], "weights list"),
    (["weights", "info"], "weights info"), (["weights", "import"], "weights import"),
    (["weights", "fetch"], "weights fetch"), (["info"], "info"),
    (["completion"], "completion"), (["help"], "help"),
  ])
  func commandHelpIsTheSameEverywhere(_ path: [String], _ name: String) {
    let ran = run(path + ["--help"])
    #expect(ran.status == 0)
    #expect(ran.error.isEmpty)
    #expect(ran.output.hasPrefix("Usage: esmfold \(name)"))
    #expect(run(path + ["-h"]).output == ran.output)
    // Help for a command that is also a topic continues with the manual page.
    #expect(run(["help"] + path).output.hasPrefix(ran.output))
    if path != ["weights"] { #expect(run(["help"] + path).output == ran.output) }
    #expect(run(path + ["--version"]).output == run(["--version"]).output)
  }

  @Test func version() {
    let lines = run(["--version"]).output.split(separator: "\n").map(String.init)
    // Scripts read the first line; a commit is there in packages alone.
    #expect(lines.count == 3 && lines.first == "esmfold \(programVersion)")
    #expect(
      lines.dropFirst().first == "instruction sets: \(SystemInfo.current.instructionSets.joined(separator: ", "))"
        + " (in use: \(SystemInfo.current.instructionSet))")
    let libraries = /libraries: glibc 2\.\d+, zlib 1\.[\d.]+, OpenSSL \d+\.\d+\.\d+, libcurl \d+\.\d+\.\d+\S*/
    #expect(lines.last?.wholeMatch(of: libraries) != nil)
  }

  @Test(arguments: [
    ([], "no command given"),
    (["fodl"], "did you mean fold?"),
    (["imbed"], "unknown command \"imbed\""),
    (["--verison"], "did you mean --version?"),
    (["weights"], "no command given: expected one of list, info, fetch, import"),
    (["weights", "imprt"], "did you mean import?"),
    (["weights", "--frobnicate"], "unknown option \"--frobnicate\""),
    (["weights", "list", "x"], "unexpected argument: found \"x\""),
    (["weights", "info"], "missing argument: expected MODEL"),
    (["weights", "info", "a", "b"], "unexpected argument: found \"b\""),
    (["weights", "import"], "missing argument: expected SOURCE"),
    (["weights", "fetch"], "missing argument: expected NAME, one of esmfold_v1, "),
    (["weights", "fetch", "esmfold_v1", "x"], "unexpected argument: found \"x\""),
    (["weights", "fetch", "esmfold_v1", "--dtype", "int8"], "--dtype: found \"int8\""),
    (["weights", "import", "x", "--name", "a/b"], "--name: found \"a/b\""),
    (["weights", "import", "x", "--name", "demo"], "--name: found \"demo\""),
    (["weights", "import", "x", "--name", ".."], "--name: found \"..\""),
    (["help", "fodl"], "did you mean fold?"),
    (["help", "weights", "lst"], "did you mean list?"),
    (["help", "fold", "x"], "unexpected argument: found \"x\""),
    (["completion"], "missing argument: expected the shell"),
    (["completion", "tcsh"], "found \"tcsh\", expected one of bash, zsh, fish"),
    (["completion", "bash", "zsh"], "found \"zsh\""),
    (["info", "x"], "found \"x\""),
    (["info", "--length", "0"], "--length: found \"0\""),
    (["fold", "x.fasta"], "--output DIR|FILE.tar is missing"),
    (["fold", "-o", "out"], "no input"),
    (["fold", "x.fasta", "-o", ""], "--output: found \"\""),
    (["fold", "x.fasta", "-o", "-"], "--output: found \"-\""),
    (["fold", "x.fasta", "-o", "out", "--recyles", "3"], "did you mean --recycles?"),
    (["fold", "x.fasta", "-o", "out", "--format", "bcif"], "--format: found \"bcif\", expected pdb, cif"),
    (["fold", "x.fasta", "-o", "out", "--format", "both"], "--format: found \"both\", expected pdb"),
    (["fold", "x.fasta", "-o", "out", "--precision", "fp16"], "--precision: found \"fp16\", expected fp32 or bf16"),
    (["fold", "x.fasta", "-o", "out", "--threads", "0"], "--threads: found \"0\""),
    (["fold", "x.fasta", "-o", "out", "--chunk-size", "many"], "--chunk-size: found \"many\""),
    (["fold", "x.fasta", "-o", "out", "--log-format", "xml"], "--log-format: found \"xml\", expected text or json"),
    (["fold", "x.fasta", "-o", "out", "--paes"], "unknown option \"--paes\""),
    (
      ["fold", "x.fasta", "-o", "out", "--residue-index", "1-1000001"],
      "expected numbers from -1000000 to 1000000 such as 1-50,61-120, or a file that exists"
    ),
    (["classify", "x.fasta"], "--model MODEL is missing"),
    (["score", "x.fasta", "--offset", "5"], "--offset numbers variants: found none"),
    (["score", "x.fasta", "--all", "--offset", "5"], "--offset numbers variants: found none"),
    (["score", "x.fasta", "--variant", "A1G", "--column", "x"], "--column is one of a table: found none"),
    (["contacts", "x.fasta", "-o", "x.h5", "--format", "h5", "--min-separation", "3"], "--format h5 has all pairs"),
    (["contacts", "x.fasta", "-o", "x.h5", "--format", "h5", "--min-probability", "0"], "--format h5 has all pairs"),
    (["tokenize", "x.fasta", "--tokens", "--decode"], "--decode reads ids: found --tokens"),
  ])
  func mistakesEndWithStatus2(_ words: [String], _ message: String) {
    let ran = run(words)
    #expect(ran.status == 2)
    #expect(ran.output.isEmpty)
    #expect(ran.error.hasPrefix("error: esmfold"))
    #expect(ran.error.contains(message))
  }

  @Test func badValueShowsOnlyTheHelpOfItsOption() {
    let ran = run(["fold", "x.fasta", "-o", "out", "--recycles", "two"])
    #expect(ran.error.contains("  -n, --recycles N"))
    #expect(longOptions(in: ran.error) == ["--recycles", "--num-recycles"])
  }

  @Test func environmentIsNamedInTheMessage() throws {
    let ran = run(["fold", "x.fasta", "-o", "out"], environment: ["ESMFOLD_THREADS": "all"])
    #expect(ran.status == 2)
    #expect(ran.error.contains("ESMFOLD_THREADS: found \"all\""))
    let scratch = try ScratchFolder(), model = ["ESMFOLD_MODEL": "none", "ESMFOLD_CACHE": scratch.path]
    let other = run(["fold", "x.fasta", "-o", scratch.path + "/out"], environment: model)
    #expect(other.status == 2 && other.error.contains("ESMFOLD_MODEL: found no model \"none\""))
    let named = run(["fold", "x.fasta", "-o", scratch.path + "/out", "--model", "no"], environment: model)
    #expect(named.status == 2 && named.error.contains("--model: found no model \"no\""))
  }

  @Test func cacheFolder() {
    for (environment, line) in [
      (["ESMFOLD_CACHE": "/c", "HOME": "/h"], "/c"), (["ESMFOLD_CACHE": "", "HOME": "/h"], "/h/.cache/esmfold"),
    ] {
      let ran = run(["info"], environment: environment)
      #expect(
        ran.status == 0
          && ran.output.split(separator: "\n").contains { $0.hasPrefix("cache folder") && $0.hasSuffix(" \(line)") },
        "\(ran.output)")
    }
  }

  @Test func noModelNamesTheTwoWaysOn() throws {
    let scratch = try ScratchFolder()
    let ran = run(
      ["fold", "x.fasta", "-o", "\(scratch.path)/out"], environment: ["ESMFOLD_CACHE": scratch.path])
    #expect(ran.status == 2)
    #expect(ran.error.contains("(8.4 GB)") && ran.error.contains("esmfold weights fetch esmfold_v1"))
    #expect(ran.error.contains("--model demo"))
    #expect(scratch.names().isEmpty)
  }
}
