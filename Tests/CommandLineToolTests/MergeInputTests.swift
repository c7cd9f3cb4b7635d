// `esmfold merge --fasta` by the built program: results of other sequences, records without results, interrupted runs.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 10)) struct MergeInputTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func path(_ name: String) -> String { scratch.path + "/" + name }

  private func run(_ words: [String]) throws -> Binary.Ran { try Binary.run(words) }

  /// What merges two shards, and what comes of it.
  enum Form: String, CaseIterable {
    case inFolder, folders, tar, hdf5, numpy

    var computes: [String] {
      switch self {
      case .inFolder, .folders, .tar: ["fold", "-n", "0"]
      case .hdf5: ["embed"]
      case .numpy: ["embed", "--format", "npy"]
      }
    }

    func output(_ shard: Int) -> String {
      switch self {
      case .inFolder, .numpy: "out"
      case .folders: "part\(shard)"
      case .tar: "out.tar"
      case .hdf5: "out.h5"
      }
    }

    var merges: [String] {
      switch self {
      case .folders: ["part1", "part2", "-o", "all"]
      default: [output(1)]
      }
    }

    var result: String {
      switch self {
      case .inFolder: "out/summary.tsv"
      case .numpy: "out/index.tsv"
      case .folders: "all"
      case .tar, .hdf5: output(1)
      }
    }
  }

  private func compute(_ form: Form, _ input: String, _ options: [String] = []) throws {
    try compute(form, input, [options, options])
  }

  /// The options of each shard.
  private func compute(_ form: Form, _ input: String, _ options: [[String]]) throws {
    for (shard, options) in zip(1..., options) {
      let ran = try run(
        form.computes + [input, "-o", path(form.output(shard)), "--model", "demo", "--shard", "\(shard)/2"]
          + options)
      try #require(ran.status == 0, "\(ran.error)")
    }
  }

  private func merge(_ form: Form, _ options: [String]) throws -> Binary.Ran {
    try run(["merge"] + form.merges.map { $0 == "-o" ? $0 : path($0) } + options)
  }

  private static let fasta = ">a one\nMKVLA\n>b\nMKVLAA\n>c\nMKVWWWW\n>d\nMK\n"

  @Test("Results of another sequence are not merged", arguments: Form.allCases) func others(_ form: Form) throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    try compute(form, input)
    // The same name, header and length: only the sequence differs.
    let other = try scratch.file("other.fasta", Self.fasta.replacing("MKVWWWW", with: "MKVWWWG"))
    let ran = try merge(form, ["-i", other])
    #expect(ran.status == 1, "\(ran.error)")
    #expect(ran.error.contains("\"c\": ") && ran.error.contains("of another sequence, expected"), "\(ran.error)")
    #expect(!FileManager.default.fileExists(atPath: path(form.result)))
    // A pipe cannot be read twice, and is not.
    let piped = try Binary.run(
      ["-c", "exec \"$0\" merge \"$@\" -i <(cat \(other))", Binary.path]
        + form.merges.map { $0 == "-o" ? $0 : path($0) }, executable: "/bin/bash")
    #expect(piped.status == 1 && piped.error.contains("of another sequence, expected"), "\(piped.error)")
    let right = try merge(form, ["-i", input])
    #expect(right.status == 0 && right.error.contains("merged 4 records"), "\(right.error)")
  }

  @Test("A record without results is an error behind the merge, or a warning", arguments: Form.allCases)
  func lacking(_ form: Form) throws {
    let input = try scratch.file("in.fasta", Self.fasta),
      more = try scratch.file("more.fasta", Self.fasta + ">e\nMKW\n")
    try compute(form, input)
    let ran = try merge(form, ["-i", more])
    #expect(ran.status == 1, "\(ran.error)")
    #expect(
      ran.error.contains(
        "error: \(more): found 1 record without results, expected none\nhint: what is there was merged"
      ),
      "\(ran.error)")
    #expect(FileManager.default.fileExists(atPath: path(form.result)))
    if form == .folders { try FileManager.default.removeItem(atPath: path("all")) }
    let partial = try merge(form, ["-i", more, "--partial", "--overwrite"])
    #expect(
      partial.status == 0 && partial.error.contains("warning: \(more): found 1 record without"), "\(partial.error)")
  }

  @Test("A file that is gone or cut off shows in the exit status", arguments: [Form.inFolder, .folders, .numpy])
  func lost(_ form: Form) throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    try compute(form, input)
    let folder = form.output(1), file = form == .numpy ? "a.npy" : "a.pdb"
    let name = [folder, form.output(2)].map { "\($0)/\(file)" }.first {
      FileManager.default.fileExists(atPath: path($0))
    }
    let place = path(try #require(name)), whole = try Data(contentsOf: URL(fileURLWithPath: place))
    for cut in [whole.dropLast(100), nil] {
      try FileManager.default.removeItem(atPath: place)
      if let cut { try cut.write(to: URL(fileURLWithPath: place)) }
      let ran = try merge(form, ["-i", input])
      #expect(ran.status == 1, "\(ran.error)")
      #expect(
        ran.error.contains("found 1 record without results") || ran.error.contains("cut off")
          || ran.error.contains("without its structure"), "\(ran.error)")
      if form == .numpy {
        // Into a new folder it is never merged.
        let new = try run(["merge", path("out"), "-o", path("new")])
        #expect(
          new.status == 1 && new.error.contains("found an array w"), "\(new.error)")
      }
      try whole.write(to: URL(fileURLWithPath: place))
    }
  }

  @Test("Copies are told") func copies() throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    try compute(.folders, input, ["--copies", "2"])
    let single = try merge(.folders, ["-i", input])
    #expect(single.status == 1 && single.error.contains("with the same options"), "\(single.error)")
    let ran = try merge(.folders, ["-i", input, "--copies", "2"])
    #expect(ran.status == 0, "\(ran.error)")
  }

  @Test("A structure of which no summary has a line is said to be none that is missing") func unlisted() throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    #expect(try run(["fold", input, "-o", path("out"), "--model", "demo", "-n", "0"]).status == 0)
    let lines = try scratch.text("out/summary.tsv").split(separator: "\n")
    _ = try scratch.file("out/summary.tsv", lines.dropLast().joined(separator: "\n") + "\n")
    let ran = try run(["merge", path("out"), "-i", input, "-o", path("whole")])
    #expect(ran.status == 1 && !ran.error.contains("without results"), "\(ran.error)")
    #expect(ran.error.contains("found 1 record with files and without a line of a summary"), "\(ran.error)")
    let partial = try run(["merge", path("out"), "-i", input, "-o", path("part"), "--partial"])
    #expect(partial.status == 0 && partial.error.contains("warning: "), "\(partial.error)")
  }

  @Test("Where tables alone are merged, no message leads to the status of none") func hintForTables() throws {
    let input = try scratch.file("in.fasta", Self.fasta),
      more = try scratch.file("more.fasta", Self.fasta + ">e\nMKW\n")
    for shard in 1...2 {
      let words = [
        "score", input, "-o", path("s.tsv"), "--model", Fixtures.path("family/esm2"), "--shard", "\(shard)/2",
      ]
      #expect(try run(words).status == 0)
    }
    let ran = try run(["merge", path("s.1-of-2.tsv"), path("s.2-of-2.tsv"), "-o", path("s.tsv"), "-i", more])
    #expect(ran.status == 1 && ran.error.contains("found 1 record without results"), "\(ran.error)")
    #expect(ran.error.contains("hint: what is there was merged; --partial"), "\(ran.error)")
  }

  @Test("A record without contacts lacks nothing") func contacts() throws {
    let input = try scratch.file("in.fasta", Self.fasta), model = Fixtures.path("family/esm2")
    for shard in 1...2 {
      let ran = try run(
        ["contacts", input, "-o", path("c.tsv"), "--model", model, "--shard", "\(shard)/2", "--min-separation", "6"]
          + ["--min-probability", "0"])
      try #require(ran.status == 0, "\(ran.error)")
    }
    let ran = try run(["merge", path("c.1-of-2.tsv"), path("c.2-of-2.tsv"), "-o", path("c.tsv"), "-i", input])
    #expect(ran.status == 0 && !ran.error.contains("without results"), "\(ran.error)")
    #expect(try scratch.text("c.tsv").split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("c\t") })
  }

  @Test("A tar of an interrupted run is merged with status 1") func interrupted() throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    try compute(.tar, input)
    // As a kill leaves it: without the summary.
    let tar = path("out.1-of-2.tar"), whole = try Data(contentsOf: URL(fileURLWithPath: tar))
    let found = try TestTar(whole), summary = try #require(found.entries.last).content.count
    try whole.prefix(found.end - 512 - (summary + 511) / 512 * 512).write(to: URL(fileURLWithPath: tar))
    let ran = try merge(.tar, [])
    #expect(
      ran.status == 1 && ran.error.contains("out.1-of-2.tar: found a tar of a run that was interrupted"), "\(ran.error)"
    )
    let partial = try merge(.tar, ["--partial", "--overwrite"])
    #expect(partial.status == 0 && partial.error.contains("warning: "), "\(partial.error)")
  }

  @Test("Outputs are called what they are, and shards of another number are told apart from missing ones")
  func names() throws {
    let input = try scratch.file("in.fasta", Self.fasta)
    try compute(.tar, input)
    for name in ["q.h5", "q.tsv", "q.csv", "q.tar.gz", "q.zip"] {
      let ran = try run(["merge", path("out.tar"), "-o", path(name)])
      #expect(ran.status == 2 && ran.error.contains("expected a name for a tar, FILE.tar"), "\(ran.error)")
    }
    let folder = try run(["merge", scratch.path, "-o", path("q.tar")])
    #expect(folder.status == 2 && folder.error.contains("expected a name for a folder"), "\(folder.error)")
    try FileManager.default.copyItem(atPath: path("out.1-of-2.tar"), toPath: path("out.1-of-3.tar"))
    let left = try merge(.tar, ["-i", input])
    #expect(
      left.status == 1
        && left.error.contains("found none of 2-of-3, 3-of-3, expected all\nhint: all of 2 shards are there"),
      "\(left.error)")
    // A table that was merged is no part that has finished nothing.
    try compute(.inFolder, input)
    #expect(try merge(.inFolder, ["-i", input]).status == 0)
    let status = try run(["status", path("out"), "-i", input])
    #expect(status.status == 0 && !status.output.contains("finished 0"), "\(status.output)")
    #expect(status.output.split(separator: "\n").count == 3)
  }

  /// Settings of two shards, and what tells them apart.
  static let settings: [(first: [String], second: [String], words: String)] = [
    (["--residue-offset", "10"], ["--residue-offset", "20"], "linker 25 G offset 20"),
    (["--samples", "2", "--seed", "0"], ["--samples", "2", "--seed", "5"], "mask rate 0.15 seed 5"),
    (["--samples", "2"], [], "demo, fp32, 0 recycles"),
    (["--recycle-tolerance", "100"], [], "no recycle tolerance"),
    (["--numbering", "model"], [], "numbering chain"),
  ]

  @Test("Shards of other settings are not joined", arguments: settings, [Form.inFolder, .folders, .tar])
  func otherSettings(_ settings: (first: [String], second: [String], words: String), _ form: Form) throws {
    let input = try scratch.file("in.fasta", ">a\nMKV:GS\n>b\nMKTV:GS\n>c\nMKV\n>d\nMKVL\n")
    try compute(form, input, [settings.first, settings.second])
    let ran = try merge(form, ["-i", input])
    #expect(
      ran.status == 1 && ran.error.contains("found results with ") && ran.error.contains(settings.words), "\(ran.error)"
    )
    #expect(ran.error.contains("hint: merge results of one model and the same settings only"))
    #expect(!FileManager.default.fileExists(atPath: path(form.result)))
  }

  @Test("Shards whose best samples differ are joined", arguments: [Form.inFolder, .tar]) func samples(_ form: Form)
    throws
  {
    let input = try scratch.file("in.fasta", ">a\nMKV:GS\n>b\nMKTV:GS\n>c\nMKV\n>d\nMKVL\n")
    try compute(form, input, ["--samples", "3", "--numbering", "model", "--recycle-tolerance", "100"])
    let ran = try merge(form, ["-i", input])
    #expect(ran.status == 0, "\(ran.error)")
  }

  @Test("Shards of other weights under one name are not joined") func otherWeights() throws {
    let input = try scratch.file("in.fasta", ">a\nMKV\n>b\nMKTV\n")
    #expect(try run(["weights", "export", "demo", "-o", path("demo")]).status == 0)
    for (shard, model) in [(1, "demo"), (2, path("demo"))] {
      let ran = try run(["fold", "-n", "0", input, "-o", path("out"), "--model", model, "--shard", "\(shard)/2"])
      #expect(ran.status == 0, "\(ran.error)")
    }
    let ran = try run(["merge", path("out"), "-i", input])
    #expect(ran.status == 1 && ran.error.contains("found results with weights "), "\(ran.error)")
  }
}
