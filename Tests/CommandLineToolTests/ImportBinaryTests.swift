// `esmfold weights import` and `--model` with PyTorch checkpoints, as a user runs them.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct ImportBinaryTests {
  private let scratch: ScratchFolder
  private var cache: [String: String] { ["ESMFOLD_CACHE": scratch.path + "/cache"] }

  init() throws {
    scratch = try ScratchFolder()
  }

  /// The vectors of a sequence as NumPy's bytes, hidden states and logits.
  private func vectors(_ model: String) throws -> [Data] {
    let out = scratch.path + "/vectors-\(UUID().uuidString)"
    let options = ["--format", "npy", "--layers", "all", "--include", "logits", "--model", model]
    let ran = try Binary.run(
      ["embed", "-", "-o", out] + options, input: Data(">a\nMKTVRQERLKSIVRILE\n".utf8), environment: cache)
    #expect(ran.status == 0, "\(ran.error)")
    return try ["a.npy", "a.logits.npy"].map { try Data(contentsOf: URL(fileURLWithPath: "\(out)/\($0)")) }
  }

  @Test("PyTorch shards are bit-identical to the safetensors that they were saved from") func shards() throws {
    let model = Fixtures.path("torch/shards")
    let ran = try Binary.run(["weights", "import", model, "--name", "sharded"], environment: cache)
    #expect(ran.status == 0 && ran.output.hasSuffix("/cache/sharded.h5\n"), "\(ran.error)")
    let expected = try vectors(Fixtures.path("family/esm2"))
    #expect(try vectors("sharded") == expected)
    // Without an import by name, and by the index file.
    #expect(try vectors(model) == expected)
    #expect(try vectors(model + "/pytorch_model.bin.index.json") == expected)
  }

  @Test(
    "No file that a model comes from is replaced by its import",
    arguments: [
      "config.json", "pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "link",
    ]) func outputIsSource(_ name: String) throws
  {
    let source = scratch.path + "/source"
    try FileManager.default.copyItem(atPath: Fixtures.path("torch/shards"), toPath: source)
    try FileManager.default.linkItem(
      atPath: source + "/pytorch_model-00002-of-00002.bin", toPath: source + "/link")
    let before = try Data(contentsOf: URL(fileURLWithPath: "\(source)/\(name)"))
    let ran = try Binary.run(["weights", "import", source, "-o", "\(source)/\(name)"], environment: cache)
    #expect(ran.status == 1)
    #expect(ran.error.contains("/\(name): found a file that the model is imported from, expected another"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(source)/\(name)")) == before)
  }

  @Test("An import replaces models only, and is a model by any name") func otherFiles() throws {
    let fasta = try scratch.file("a.fasta", shortFasta), vectors = scratch.path + "/vectors.h5"
    let source = Fixtures.path("family/esm2"), model = scratch.path + "/model"
    try #require(try Binary.run(["embed", fasta, "-o", vectors, "--model", source], environment: cache).status == 0)
    for file in [fasta, vectors] {
      let before = try Data(contentsOf: URL(fileURLWithPath: file))
      let ran = try Binary.run(["weights", "import", source, "-o", file], environment: cache)
      #expect(
        ran.status == 1 && ran.error.contains("found a file of another kind, expected none, or an imported model"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }
    // An empty file is what mktemp makes.
    _ = try scratch.file("model", "")
    for name in ["first", "second"] {
      #expect(
        try Binary.run(["weights", "import", source, "-o", model, "--name", name], environment: cache).status == 0)
      #expect(try Binary.run(["weights", "info", model], environment: cache).output.contains(name))
    }
  }

  @Test("A .pt file alone is a model") func fairESM() throws {
    let model = Fixtures.path("torch/fair-esm/esm1b_tiny.pt")
    #expect(try Binary.run(["weights", "import", model], environment: cache).status == 0)
    #expect(scratch.names("cache") == ["esm1b_tiny.h5"])
    let info = try Binary.run(["weights", "info", "esm1b_tiny"], environment: cache)
    #expect(info.output.contains("learned, up to 40 tokens") && info.output.contains("masked language, contacts"))
    #expect(try vectors("esm1b_tiny") == vectors(model))
  }

  @Test("The language model is stored in the requested type") func type() throws {
    let model = Fixtures.path("family/esm1b")
    var sizes: [String: Double] = [:]
    for type in ["keep", "float32", "float16", "bfloat16"] {
      let ran = try Binary.run(["weights", "import", model, "--name", type, "--dtype=\(type)"], environment: cache)
      #expect(ran.status == 0, "\(ran.error)")
      let info = try Binary.run(["weights", "info", type], environment: cache)
      let line = try #require(info.output.split(separator: "\n").first { $0.hasPrefix("tensors") })
      // "40, 64.5 kB"
      let size = try #require(line.split(separator: " ").dropLast().last.flatMap { Double($0) } as Double?)
      sizes[type] = size
    }
    // The checkpoint is float32.
    #expect(sizes["keep"] == sizes["float32"] && sizes["float16"] == sizes["bfloat16"])
    let whole = try #require(sizes["float32"]), half = try #require(sizes["float16"])
    #expect(abs(whole - 2 * half) <= whole / 10)
    #expect(try vectors("keep") == vectors("float32"))
    #expect(try vectors("keep") != vectors("float16"))
    let wrong = try Binary.run(["weights", "import", model, "--dtype", "int8"], environment: cache)
    #expect(wrong.status == 2 && wrong.error.contains("expected keep, float32, float16 or bfloat16"))
  }

  @Test("Meta's trunk folds with the language model beside it, or named") func trunk() throws {
    let folder = Fixtures.path("torch/esmfold")
    let fasta = try scratch.file("a.fasta", ">a\nMKTVRQERLKS\n")
    func fold(_ model: String, to out: String) throws -> String {
      let ran = try Binary.run(
        ["fold", fasta, "-o", scratch.path + "/" + out, "--model", model], environment: cache)
      #expect(ran.status == 0, "\(ran.error)")
      return try structure(out)
    }
    /// The file, the digests of model and request included, without the name of the model.
    func structure(_ out: String) throws -> String {
      try scratch.text("\(out)/a.pdb").replacing(/REMARK   6 MODEL: .*/, with: "")
    }
    let expected = try fold(folder, to: "beside")
    #expect(expected.contains(" CA  MET A   1"))

    // The trunk alone.
    try FileManager.default.createDirectory(atPath: scratch.path + "/alone", withIntermediateDirectories: false)
    let trunk = scratch.path + "/alone/esmfold_3B_v1.pt"
    try FileManager.default.copyItem(atPath: folder + "/esmfold_tiny.pt", toPath: trunk)
    let refused = try Binary.run(["weights", "import", trunk], environment: cache)
    #expect(refused.status == 1)
    #expect(refused.error.contains("found the trunk of ESMFold only, expected esm2_t36_3B_UR50D.pt in the same folder"))
    #expect(refused.error.contains("hint: "))
    let languageModel = folder + "/esm2_t36_3B_UR50D.pt"
    let named = try Binary.run(["weights", "import", trunk, "--language-model", languageModel], environment: cache)
    #expect(named.status == 0, "\(named.error)")
    #expect(try fold("esmfold_3B_v1", to: "named") == expected)

    // As pipelines call Meta's esm-fold: the model folder has both files in checkpoints/.
    let hub = scratch.path + "/hub/checkpoints"
    try FileManager.default.createDirectory(atPath: hub, withIntermediateDirectories: true)
    for (from, to) in [("esmfold_tiny.pt", "esmfold_3B_v1.pt"), ("esm2_t36_3B_UR50D.pt", "esm2_t36_3B_UR50D.pt")] {
      try FileManager.default.copyItem(atPath: "\(folder)/\(from)", toPath: "\(hub)/\(to)")
    }
    let pipeline = [
      "fold", "-i", fasta, "-o", scratch.path + "/hubbed", "-m", scratch.path + "/hub", "--num-recycles", "3",
    ]
    let ran = try Binary.run(pipeline, environment: cache)
    #expect(ran.status == 0, "\(ran.error)")
    #expect(try structure("hubbed") == expected)
    // The very command line of nf-core/proteinfold's module, by the second name of the program.
    let task = scratch.path + "/task"
    try FileManager.default.createDirectory(atPath: task, withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: hub, toPath: task + "/checkpoints")
    try FileManager.default.createSymbolicLink(atPath: scratch.path + "/esm-fold", withDestinationPath: Binary.path)
    let module = try Binary.run(
      [
        "-ec",
        """
        cd "$TASK"; printf '>T1024\\n%s\\n' GIVEQCCTSICSLYQLENYCN > T1024.fasta
        esm-fold -i T1024.fasta -o $PWD -m $PWD --num-recycles 4 --cpu-only
        mv *.pdb T1024_esmfold.pdb
        """,
      ],
      executable: "/bin/bash",
      environment: cache.merging(["TASK": task, "PATH": "\(scratch.path):/usr/bin:/bin"]) { $1 })
    #expect(module.status == 0, "\(module.error)")
    #expect(try scratch.text("task/T1024_esmfold.pdb").contains(" CA  GLY A   1"))
    // A user who takes -m for --model means a name in the cache.
    let byName = try Binary.run(
      ["fold", fasta, "-o", scratch.path + "/named-again", "-m", "esmfold_3B_v1"], environment: cache)
    #expect(byName.status == 0, "\(byName.error)")

    let surplus = try Binary.run(
      ["weights", "import", Fixtures.path("family/esm2"), "--stem", languageModel], environment: cache)
    #expect(surplus.status == 1 && surplus.error.contains("found a model that has its own"))
    let missing = try Binary.run(
      ["weights", "import", trunk, "--stem", scratch.path + "/none.pt"], environment: cache)
    #expect(missing.status == 1 && missing.error.contains("none.pt: open: No such file or directory"))
    let itself = try Binary.run(
      ["weights", "import", trunk, "--stem", languageModel, "-o", languageModel], environment: cache)
    #expect(itself.status == 1)
  }

  @Test(
    "Every command refuses a checkpoint that would run code, and names the call",
    arguments: [
      ("os-system", "found a call of posix.system"), ("eval-beside-tensors", "found a call of builtins.eval"),
    ])
  func hostile(_ name: String, _ message: String) throws {
    let model = Fixtures.path("torch/hostile/\(name).pt"), fasta = try scratch.file("a.fasta", shortFasta)
    for command in [["weights", "import", model], ["embed", fasta, "-o", scratch.path + "/a.h5", "--model", model]] {
      let ran = try Binary.run(command, environment: cache)
      #expect(ran.status == 1 && ran.error.contains(message), "\(ran.error)")
      #expect(ran.error.contains("hint: "))
    }
    #expect(scratch.names("cache").isEmpty)
  }
}
