// Every command that writes, and what is wrong with the files that a disturbed run has left.

import Foundation
import TestSupport
import Testing

/// A command and what it writes to, below `OUT`; models are `LM`, `LABELS` and `FOLDER`.
struct WritingJob: CustomStringConvertible {
  let description: String
  private let template: [String]

  init(_ words: String) {
    description = words
    template = words.split(separator: " ").map(String.init)
  }

  static let all = [
    "fold IN -o OUT --model demo", "fold IN -o OUT --model demo --save-tensors",
    "fold IN -o OUT --model demo --format pdb,cif --pae --scores --plddt --cif-pae --plots",
    "fold IN -o OUT --model demo --samples 2 --save-recycles -n 1 --copies 2",
    "fold IN -o OUT --model demo --save-tensors=all", "fold IN -o OUT/r.tar --model demo --pae --save-tensors",
    "embed IN -o OUT/e.h5 --model LM",
    "embed IN -o OUT/e --format npy --model LM", "score IN --all -o OUT/s.h5 --model LM",
    "score IN --all -o OUT/s.tsv --model LM", "score IN -o OUT/s.tsv --model LM", "contacts IN -o OUT/c.tsv --model LM",
    "contacts IN --format h5 -o OUT/c.h5 --model LM", "classify IN -o OUT/k.tsv --model LABELS",
    "merge SHARDS -o OUT/m.h5", "merge TABLES -o OUT/m.tsv", "merge PARTS/1 PARTS/2 -o OUT/all",
    "merge TARS -o OUT/m.tar",
    "weights import FOLDER -o OUT/m.h5", "weights export LM -o OUT/m", "weights export LM -o OUT/m.safetensors",
    fetch,
  ].map(WritingJob.init)

  /// Writes below the cache, which is `OUT`.
  private static let fetch = "weights fetch \(Hub.name)"

  private var isFetch: Bool { description == Self.fetch }

  /// Whether runs give the same bytes: the times of an import are among them.
  var isExact: Bool { !description.hasPrefix("weights import") && !isFetch }

  /// Whether a finished result refuses to be made again.
  var isOnce: Bool { description.hasPrefix("weights export") || description.hasPrefix("merge") }

  /// The folder of what the jobs read, made once.
  static func inputs() throws -> String { try prepared.get().path }

  private static let prepared = Result {
    let folder = try ScratchFolder.lasting()
    try prepare(folder)
    return folder
  }

  private static func prepare(_ scratch: ScratchFolder) throws {
    _ = try scratch.file("in.fasta", shortFasta)
    for (model, name) in [("esm2", "lm"), ("single-label", "labels")] {
      let ran = try Binary.run(
        ["weights", "import", Fixtures.path("family/\(model)"), "-o", "\(scratch.path)/\(name).h5"])
      try #require(ran.status == 0, "\(ran.error)")
    }
    try prepareShards(scratch)
  }

  /// Results of two shards: HDF5 files, tables, folders.
  private static func prepareShards(_ scratch: ScratchFolder) throws {
    for (number, fasta) in [(1, ">s1\nMKV\n"), (2, ">s2\nMKVL\n>s3\nMKW\n")] {
      let file = try scratch.file("shard.fasta", fasta), label = "\(number)-of-2", model = "\(scratch.path)/lm.h5"
      for words in [
        ["embed", file, "-o", "\(scratch.path)/shards.\(label).h5", "--model", model],
        ["score", file, "-o", "\(scratch.path)/tables.\(label).tsv", "--model", model],
        ["fold", file, "-o", "\(scratch.path)/parts/\(number)", "--model", "demo", "-n", "0"],
        ["fold", file, "-o", "\(scratch.path)/tars.\(label).tar", "--model", "demo", "-n", "0"],
      ] {
        let ran = try Binary.run(words, environment: ["ESMFOLD_CACHE": scratch.path + "/cache"])
        try #require(ran.status == 0, "\(ran.error)")
      }
    }
  }

  /// The command line that writes below a folder.
  func words(below folder: String) throws -> [String] {
    let scratch = try Self.inputs()
    let places = [
      "IN": scratch + "/in.fasta", "LM": scratch + "/lm.h5", "LABELS": scratch + "/labels.h5",
      "FOLDER": Fixtures.path("family/esm2"), "PARTS/1": scratch + "/parts/1", "PARTS/2": scratch + "/parts/2",
    ]
    let shards = ["SHARDS": "shards.%.h5", "TABLES": "tables.%.tsv", "TARS": "tars.%.tar"]
    return template.flatMap { word in
      if let name = shards[word] {
        return ["1-of-2", "2-of-2"].map { "\(scratch)/\(name.replacingOccurrences(of: "%", with: $0))" }
      }
      return [places[word] ?? (word.hasPrefix("OUT") ? folder + word.dropFirst(3) : word)]
    }
  }

  func environment(below folder: String, _ hub: Hub) throws -> [String: String] {
    isFetch ? hub.environment(["ESMFOLD_CACHE": folder]) : ["ESMFOLD_CACHE": try Self.inputs() + "/cache"]
  }

  /// The files that a job which is not exact has left, and that are wrong; `isWhole` if its model must be there, and nothing
  /// else.
  func wrongFiles(in folder: String, isWhole: Bool = false) throws -> [String] {
    var wrong: [String] = []
    let names = try ResultFiles.all(in: folder).keys.filter { !ResultFiles.isUnfinished($0) || isWhole }
    for name in names.sorted() {
      if name.hasSuffix(".h5") {
        let verified = try Binary.run(["weights", "verify", "\(folder)/\(name)"])
        if verified.status != 0 { wrong.append("\(name): \(verified.error)") }
      } else if name.hasPrefix("downloads/\(Hub.name)/"), !isWhole {
        let file = URL(fileURLWithPath: name).lastPathComponent
        let right = FileManager.default.contents(atPath: Fixtures.path("family/esm2/\(file)"))
        if FileManager.default.contents(atPath: "\(folder)/\(name)") != right { wrong.append("\(name) is wrong") }
      } else {
        wrong.append("\(name) should not exist")
      }
    }
    if isWhole, !names.contains(where: { $0.hasSuffix(".h5") }) { wrong.append("no model") }
    return wrong
  }
}

/// Results of two runs of one command.
enum ResultFiles {
  /// The files below a folder with their contents; in the place of a tar those in it.
  static func all(in folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    let walk = FileManager.default.enumerator(atPath: folder)
    while let name = walk?.nextObject() as? String {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder), !isFolder.boolValue {
        let content = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
        found[name] = content
        guard name.hasSuffix(".tar"), !isUnfinished(name) else { continue }
        found[name] = nil
        guard !content.isEmpty else { continue }
        // Whoever looks at any moment finds a valid archive.
        for (member, content) in try TestTar(content).files { found["\(name)/\(member)"] = content }
      }
    }
    return found
  }

  /// Names that say of themselves that the file is not finished.
  static func isUnfinished(_ name: String) -> Bool {
    let parts = name.split(separator: "/"), endings = [".partial", ".part", ".part.resume", ".lock"]
    return parts.contains { $0.hasPrefix(".") } || endings.contains(where: name.hasSuffix)
  }

  /// Tables that grow line by line.
  static func grows(_ name: String) -> Bool { name.hasSuffix("summary.tsv") || name.hasSuffix("index.tsv") }

  /// The lines of a table without what differs between runs: times, and failures of runs with a fault.
  static func lines(_ table: Data) -> Set<[Substring]> {
    var lines = Set<[Substring]>()
    for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
      var fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      if fields.count >= 11, fields[8] == "failed" { continue }
      // name, length, mean pLDDT, pTM, seconds, …, finished, machine
      if fields.count >= 11 { (fields[4], fields[fields.count - 2]) = ("", "") }
      lines.insert(fields)
    }
    return lines
  }

  /// What is wrong in a folder after a run that may have failed; nothing if `isWhole` and it is as the undisturbed one.
  static func faults(in folder: String, _ expected: [String: Data], isWhole: Bool) throws -> [String] {
    let found = try all(in: folder)
    var faults: [String] = []
    for (name, content) in found where !isUnfinished(name) {
      guard let right = expected[name] else {
        faults.append("\(name) should not exist")
        continue
      }
      let isRight = grows(name) ? lines(content).isSubset(of: lines(right)) : content == right
      if !isRight { faults.append("\(name) is wrong") }
    }
    if isWhole {
      faults += expected.keys.filter { found[$0] == nil }.map { "\($0) is missing" }
      faults += expected.keys.filter { grows($0) && found[$0].map(lines) != lines(expected[$0] ?? Data()) }
        .map { "\($0) is incomplete" }
      faults += found.keys.filter(isUnfinished).map { "\($0) was left" }
    }
    return faults
  }
}
