// Bad input of every kind: a clear message, the right exit status, nothing half-written.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct BadInputBinaryTests {
  private let scratch: ScratchFolder
  private var out: String { scratch.path + "/out" }

  init() throws {
    scratch = try ScratchFolder()
  }

  /// Names in the output folder that are not `allowed`.
  private func surplus(_ allowed: [String] = []) -> [String] {
    scratch.names("out").filter { $0 != "summary.tsv" && !allowed.contains($0) }
  }

  @Test(arguments: [
    ("", "found none, expected at least one"),
    ("\n\n", "found none, expected at least one"),
    (">dna\nACGTACGTACGTACGT\n", "nucleotides"),
    (">rna\nACGUACGUACGUACGU\n", "nucleotides"),
    (">nothing\n", "found no residues"),
    (">two\nMKV::MKV\n", "chain 2 of 3"),
    (">odd\nMK1V!\n", "odd"),
    ("\u{0}\u{1}\u{2}", "expected text"),
  ])
  func badFasta(_ content: String, _ message: String) throws {
    let ran = try Binary.fold([try scratch.file("bad.fasta", content)], to: out)
    #expect(ran.status == 1)
    #expect(ran.error.contains("bad.fasta"))
    #expect(ran.error.contains(message))
    #expect(ran.error.contains("failed 1"))
    #expect(surplus().isEmpty)
  }

  @Test func badRecordsDoNotStopTheOthers() throws {
    let content = ">good1\nMKV\n>dna\nACGTACGTACGT\n>empty\n>good2\nMKVA\n"
    let files = ["/missing.fasta", "/out", "/a.fasta"].map { scratch.path + $0 }
    _ = try scratch.file("a.fasta", content)
    let ran = try Binary.fold(files, to: out)
    #expect(ran.status == 1)
    #expect(ran.error.contains("missing.fasta: cannot open: No such file or directory"))
    #expect(ran.error.contains("found a folder, expected a file"))
    #expect(ran.error.contains("a.fasta:3: record \"dna\""))
    #expect(ran.error.contains("a.fasta:5: record \"empty\""))
    #expect(ran.error.contains("folded 2, skipped 0, failed 4"))
    #expect(surplus() == ["good1.pdb", "good2.pdb"])
    let rows = summaryRows(try scratch.text("out/summary.tsv"))
    #expect(rows.filter { $0[8] == "failed" }.map { $0[0] } == ["dna", "empty"])
    #expect(rows.filter { $0[8] == "ok" }.map { $0[0] } == ["good1", "good2"])
  }

  @Test func proteinsBeyondTheMemory() throws {
    // 15 TB with the demo model, and a length whose memory needs overflow.
    let content = [200_000, 2_000_000].map { ">l\($0)\n\(String(repeating: "MKVLAAGIVG", count: $0 / 10))\n" }.joined()
    let ran = try Binary.fold([try scratch.file("a.fasta", content + ">good\nMKV\n")], to: out)
    #expect(ran.status == 1)
    #expect(ran.error.contains(try Regex("error: l200000: memory: 200000 residues need .* TiB, .* free")))
    #expect(
      ran.error.contains(try Regex("error: l2000000: memory: 2000000 residues need far more than the .* that are free"))
    )
    #expect(ran.error.contains(try Regex("hint: up to [0-9]+ residues fit; `esmfold info --length L` shows the plan")))
    #expect(ran.error.contains("folded 1, skipped 0, failed 2"))
    #expect(surplus() == ["good.pdb"])
  }

  @Test func missingFile() throws {
    let ran = try Binary.fold([scratch.path + "/missing.fasta"], to: out)
    #expect(ran.status == 1)
    #expect(ran.error.contains("missing.fasta: cannot open: No such file or directory"))
  }

  @Test func truncatedGzip() throws {
    let file = try scratch.file("a.fa.gz", Compressed.first + Compressed.second.dropLast(6))
    let ran = try Binary.fold([file], to: out)
    #expect(ran.status == 1)
    #expect(ran.error.contains("a.fa.gz: cannot decompress"))
    #expect(surplus() == ["a.pdb"])
  }

  @Test func unknownLettersFoldAsXWithOneWarning() throws {
    let ran = try Binary.fold([try scratch.file("a.fasta", ">p\nMKUVBX*\n")], to: out)
    #expect(ran.status == 0)
    #expect(ran.error.split(separator: "\n").count { $0.hasPrefix("warning: ") } == 1)
  }

  // === Output ===

  @Test func unusableOutputFolder() throws {
    let file = try scratch.file("a.fasta", shortFasta)
    for (folder, culprit) in [(file, file), (file + "/below", file), ("/proc", "/proc"), ("/proc/a", "/proc/a")] {
      let ran = try Binary.fold([file], to: folder)
      #expect(ran.status == 1)
      #expect(ran.error.contains("error: \(culprit): cannot "), "\(folder)")
      #expect(!ran.error.contains("mean pLDDT"))
    }
  }

  @Test func foreignSummary() throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: false)
    _ = try scratch.file("out/summary.tsv", "my\ttable\n")
    let ran = try Binary.fold([try scratch.file("a.fasta", shortFasta)], to: out)
    #expect(ran.status == 1)
    #expect(ran.error.contains("found another table"))
    #expect(try scratch.text("out/summary.tsv") == "my\ttable\n")
  }

  @Test func inputIsNeverOverwritten() throws {
    let file = try scratch.file("p1.pdb", shortFasta)
    let ran = try Binary.fold([file], to: scratch.path, ["--overwrite"])
    #expect(ran.status == 1)
    #expect(ran.error.contains("the output is also an input"))
    #expect(try scratch.text("p1.pdb") == shortFasta)
    #expect(scratch.names() == ["p1.pdb", "p2.pdb", "summary.tsv"])
  }

  @Test(.disabled(if: Emulator.isUsed, "the limit holds for files that the emulator writes for itself, too"))
  func limitOnFileSize() throws {
    // 4 KiB: space for one residue, not for a protein. A stand-in for a full disk that needs no privileges.
    let file = try scratch.file("a.fasta", ">small\nM\n>large\n\(String(repeating: "MKVLAAGIVG", count: 8))\n")
    let ran = try Binary.run(
      ["-c", "ulimit -f 4; exec \"$@\"", "bash", Binary.path, "fold", file, "-o", out, "--model", "demo"],
      executable: "/bin/bash")
    #expect(ran.status == 1)
    #expect(ran.error.contains("large.pdb: cannot write: File too large"))
    #expect(surplus() == ["small.pdb"])
    let rows = summaryRows(try scratch.text("out/summary.tsv"))
    #expect(rows.map { $0[8] } == ["ok", "failed"])
  }

  @Test(.enabled(if: SmallDisk.canBeMade, "needs user namespaces to mount a small file system"))
  func fullDisk() throws {
    let long = String(repeating: "MKVLAAGIVG", count: 8)
    let file = try scratch.file("a.fasta", ">small\nM\n>large\n\(long)\n>more\n\(long)\n")
    let ran = try SmallDisk.run(
      kilobytes: 12, at: scratch.path, "\"$@\"; status=$?; ls -A; exit $status",
      [Binary.path, "fold", file, "-o", ".", "--model", "demo"])
    #expect(ran.status == 1)
    #expect(ran.error.contains("large.pdb: cannot write: No space left on device"))
    #expect(ran.error.contains("1 more were not folded"))
    #expect(ran.output == "small.pdb\nsummary.tsv\n")
  }

  @Test func fullStandardOutput() throws {
    let ran = try Binary.run(
      ["-c", "exec \"$@\" > /dev/full", "bash", Binary.path, "help"], executable: "/bin/bash")
    #expect(ran.status == 1)
    #expect(ran.error.contains("standard output: cannot write: No space left on device"))
  }

  @Test func closedPipe() throws {
    let ran = try Binary.run(
      ["-c", "set -o pipefail; \"$@\" | true", "bash", Binary.path, "help"], executable: "/bin/bash")
    #expect(ran.status == 0)
    #expect(ran.error.isEmpty)
  }

  // === Models ===

  @Test func noModel() throws {
    let ran = try Binary.run(["fold", try scratch.file("a.fasta", shortFasta), "-o", out])
    #expect(ran.status == 2)
    #expect(ran.error.contains("esmfold weights fetch esmfold_v1"))
    #expect(ran.error.contains("--model demo"))
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test(arguments: ["nosuchmodel", "/missing/model.h5", "./missing"])
  func unknownModel(_ model: String) throws {
    let ran = try Binary.run(["fold", try scratch.file("a.fasta", shortFasta), "-o", out, "--model", model])
    #expect(ran.status == 2)
    #expect(ran.error.contains(model))
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test(arguments: ["model.h5", "model.safetensors"])
  func corruptModel(_ name: String) throws {
    let fasta = try scratch.file("a.fasta", shortFasta)
    _ = try scratch.file(
      "config.json", #"{"model_type": "esm", "vocab_size": 33, "is_folding_model": true, "pad_token_id": 1}"#)
    for content in [Data(), Data("not a model".utf8), Data(repeating: 0xFF, count: 5000), h5Head] {
      let model = try scratch.file(name, content)
      let ran = try Binary.run(
        ["fold", fasta, "-o", out, "--model", model], environment: ["ESMFOLD_CACHE": scratch.path + "/cache"])
      #expect(ran.status == 1)
      #expect(ran.error.contains(name))
      #expect(surplus().isEmpty)
      #expect(scratch.names("cache").isEmpty)
    }
  }

  /// The beginning of an HDF5 file, as left by an interrupted copy.
  private var h5Head: Data { Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0]) }

  @Test(arguments: [
    ("", "config.json"), ("not JSON", "config.json"), ("[]", "config.json"),
    (#"{"model_type": "bert"}"#, "bert"), (#"{"model_type": "esm", "hidden_size": -1}"#, "config.json"),
  ])
  func wrongConfiguration(_ config: String, _ message: String) throws {
    let model = scratch.path + "/model"
    try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: false)
    _ = try scratch.file("model/config.json", config)
    // A valid safetensors file without tensors: eight bytes of header length, then the header.
    _ = try scratch.file("model/model.safetensors", Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8))
    let environment = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    let fold = try Binary.run(
      ["fold", try scratch.file("a.fasta", shortFasta), "-o", out, "--model", model], environment: environment)
    #expect(fold.status == 1)
    #expect(fold.error.contains(message))
    #expect(surplus().isEmpty)
    let imported = try Binary.run(["weights", "import", model], environment: environment)
    #expect(imported.status == 1)
    #expect(imported.error.contains(message))
    #expect(scratch.names("cache").isEmpty)
  }

  // A model whose weights do not fit leaves nothing in the cache, and nothing in it is lost.
  @Test func weightsOfAnotherConfiguration() throws {
    let model = try otherConfiguration(), environment = ["ESMFOLD_CACHE": scratch.path + "/cache"]
    let fasta = try scratch.file("a.fasta", shortFasta)
    let fold = try Binary.run(["fold", fasta, "-o", out, "--model", model], environment: environment)
    #expect(fold.status == 1)
    #expect(fold.error.contains("importing "))
    let mismatch = "/model: esm.embeddings.word_embeddings.weight: found shape [33, 20], expected [33, 24]"
    #expect(fold.error.contains(mismatch))
    #expect(scratch.names("cache").isEmpty)

    let good = Fixtures.path("folding/folding-a")
    #expect(try Binary.run(["weights", "import", good, "--name", "m"], environment: environment).status == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/cache/m.h5"))
    let ran = try Binary.run(["weights", "import", model, "--name", "m"], environment: environment)
    #expect(ran.status == 1)
    #expect(ran.error.contains(mismatch))
    #expect(scratch.names("cache") == ["m.h5"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/cache/m.h5")) == before)
  }

  /// A folder with the weights of a fixture and the configuration of a slightly different model.
  private func otherConfiguration() throws -> String {
    let model = scratch.path + "/model", fixture = Fixtures.path("folding/folding-a")
    try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: fixture + "/model.safetensors", toPath: model + "/model.safetensors")
    let text = try String(contentsOfFile: fixture + "/config.json", encoding: .utf8)
    let other = text.replacing("\"hidden_size\": 20", with: "\"hidden_size\": 24")
    #expect(other != text)
    _ = try scratch.file("model/config.json", other)
    return model
  }

  @Test func describingAFolderSaysThatItImports() throws {
    let model = Fixtures.path("folding/folding-b")
    for words in [["weights", "info", model], ["info", "--length", "9", "--model", model]] {
      let ran = try Binary.run(words)
      #expect(ran.status == 0)
      #expect(ran.error.contains("importing \(model) into "))
    }
  }

  @Test func importOntoADevice() throws {
    let pipe = scratch.path + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let ran = try Binary.run(["weights", "import", Fixtures.path("folding/folding-a"), "-o", pipe])
    #expect(ran.status == 1)
    #expect(ran.error.contains("pipe: found a pipe, expected a file"))
    var status = stat()
    #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  // Newly opened files must not take the numbers of closed standard streams.
  @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-", ">&- 2>&-"])
  func closedStreams(_ redirections: String) throws {
    let file = try scratch.file("a.fasta", ">p\nMKV\n")
    let ran = try Binary.run(
      ["-c", "exec \"$@\" \(redirections)", "bash", Binary.path, "fold", file, "-o", out, "--model", "demo"],
      executable: "/bin/bash")
    #expect(ran.status == 0)
    #expect(scratch.names("out") == ["p.pdb", "summary.tsv"])
    #expect(try scratch.text("out/summary.tsv").split(separator: "\n").count == 2)
  }

  @Test func closedStandardInput() throws {
    let ran = try Binary.run(
      ["-c", "exec \"$@\" <&-", "bash", Binary.path, "fold", "-", "-o", out, "--model", "demo"],
      executable: "/bin/bash")
    #expect(ran.status == 1)
    #expect(ran.error.contains("standard input: cannot read: Bad file descriptor"))
  }

  @Test func importOntoItsSource() throws {
    let source = try scratch.file("model.safetensors", "x")
    let ran = try Binary.run(["weights", "import", source, "-o", source])
    #expect(ran.status == 1)
    #expect(ran.error.contains("the output is also an input"))
    #expect(try scratch.text("model.safetensors") == "x")
  }
}
