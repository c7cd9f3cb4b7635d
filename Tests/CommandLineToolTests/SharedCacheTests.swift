// A read-only cache, as on an offline cluster, and several processes that read it at once.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct SharedCacheTests {
  private let scratch: ScratchFolder
  private var cachePath: String { scratch.path + "/shared" }

  init() throws {
    scratch = try ScratchFolder()
    let environment = ["ESMFOLD_CACHE": cachePath]
    for source in ["folding/folding-a", "family/esm2"] {
      #expect(try Binary.run(["weights", "import", Fixtures.path(source)], environment: environment).status == 0)
    }
    // An import that was not requested by name.
    let read = ["embed", "-", "-o", scratch.path + "/first.h5", "--model", Fixtures.path("family/esm1b")]
    #expect(try Binary.run(read, input: Data(">a\nMKT\n".utf8), environment: environment).status == 0)
    for name in scratch.names("shared") { chmod("\(cachePath)/\(name)", 0o444) }
    chmod(cachePath, 0o555)
    chmod(scratch.path, 0o755)
  }

  /// Whether tests run as root, to whom permissions do not apply: then the program runs as the user nobody.
  private static let isRoot = geteuid() == 0
  private static let nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

  /// Whether the program can be run by a user who may not write everywhere.
  static let canTest: Bool = {
    guard isRoot else { return true }
    let ran = try? Binary.run(
      Array(nobody.dropFirst()) + [Binary.path, "--version"], executable: nobody[0])
    return ran?.status == 0
  }()

  private func start(_ words: [String], _ environment: [String: String] = [:]) throws -> Binary.Started {
    let environment = ["ESMFOLD_CACHE": cachePath].merging(environment) { $1 }
    guard Self.isRoot else {
      return try Binary.Started(words, input: Data(shortFasta.utf8), environment: environment)
    }
    return try Binary.Started(
      Array(Self.nobody.dropFirst()) + [Binary.path] + words, executable: Self.nobody[0],
      input: Data(shortFasta.utf8), environment: environment)
  }

  /// A new world-writable folder.
  private func output(_ name: String) throws -> String {
    let path = "\(scratch.path)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    chmod(path, 0o777)
    return path
  }

  @Test("Several processes fold with one read-only model, and write nothing there", .enabled(if: canTest))
  func readOnly() throws {
    let before = scratch.names("shared")
    let folds = try (0..<4).map { number in
      try start(["fold", "-", "-o", output("out-\(number)"), "--model", "folding-a"])
    }
    for (number, fold) in folds.enumerated() {
      let ran = fold.ended()
      #expect(ran.status == 0, "\(ran.error)")
      for name in ["p1.pdb", "p2.pdb"] {
        #expect(try scratch.text("out-\(number)/\(name)") == scratch.text("out-0/\(name)"))
      }
    }
    for words in [
      ["list"], ["info", "folding-a", "--tensors"], ["verify", "esm2"], ["verify", "\(cachePath)/esm2.h5"],
    ] {
      let ran = try start(["weights"] + words).ended()
      #expect(ran.status == 0 && !ran.output.isEmpty, "\(words): \(ran.error)")
    }
    #expect(scratch.names("shared") == before)
  }

  @Test(
    "An imported model needs no write permission; one that is not imported is an error with a hint",
    .enabled(if: canTest))
  func unaskedImports() throws {
    let before = scratch.names("shared")
    let known = Fixtures.path("family/esm1b"), unknown = Fixtures.path("family/esm1v")
    #expect(try start(["embed", "-", "-o", output("a") + "/v.h5", "--model", known]).ended().status == 0)
    let ran = try start(["embed", "-", "-o", output("b") + "/v.h5", "--model", unknown]).ended()
    #expect(ran.status == 1)
    #expect(
      ran.error.contains("error: \(cachePath): found a folder in which no file can be created (Permission denied)"))
    #expect(ran.error.contains("hint: import it where you may write, `esmfold weights import \(unknown) -o FILE.h5`"))
    let removed = try start(["weights", "remove", "esm2"]).ended()
    #expect(removed.status == 1 && removed.error.contains("esm2.h5: remove: Permission denied"))
    let fetched = try start(["weights", "fetch", "esm1b_t33_650M_UR50S", "--from", scratch.path + "/"]).ended()
    #expect(fetched.status == 1 && fetched.error.contains("Permission denied\nhint: ESMFOLD_CACHE names"))
    let inside = try start(["weights", "export", "esm2", "-o", "\(cachePath)/new/folder"]).ended()
    #expect(inside.status == 1 && inside.error.contains("/new/folder: create folder: Permission denied\nhint: "))
    #expect(scratch.names("shared") == before)
  }

  @Test("An unreadable cache is not reported as empty", .enabled(if: canTest)) func hidden() throws {
    chmod(cachePath, Self.isRoot ? 0o700 : 0)
    defer { chmod(cachePath, 0o755) }
    for words in [["weights", "list"], ["embed", "-", "-o", try output("c") + "/v.h5", "--model", "esm2"]] {
      let ran = try start(words).ended()
      #expect(ran.status != 0 && ran.error.contains("\(cachePath): open: Permission denied"), "\(ran.error)")
      #expect(!ran.error.contains("empty"))
    }
  }

  @Test("A copy of a cache file is a model anywhere") func copies() throws {
    try FileManager.default.copyItem(atPath: "\(cachePath)/folding-a.h5", toPath: scratch.path + "/my model.h5")
    let ran = try Binary.run(
      ["fold", "-", "-o", scratch.path + "/out", "--model", scratch.path + "/my model.h5"],
      input: Data(shortFasta.utf8))
    #expect(ran.status == 0, "\(ran.error)")
    #expect(scratch.names("out") == ["p1.pdb", "p2.pdb", "summary.tsv"])
  }

  /// On network file systems the locks of the HDF5 library fail or wait. Here another process holds every kind of lock.
  @Test("Reading takes no locks, whatever HDF5's settings") func locks() throws {
    let descriptor = open("\(cachePath)/folding-a.h5", O_RDONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try #require(flock(descriptor, LOCK_EX) == 0)
    for locking in ["TRUE", "FALSE", "BEST_EFFORT"] {
      let started = try Binary.Started(
        ["fold", "-", "-o", scratch.path + "/out-\(locking)", "--model", "folding-a"], input: Data(shortFasta.utf8),
        environment: ["ESMFOLD_CACHE": cachePath, "HDF5_USE_FILE_LOCKING": locking])
      let ran = started.ended()
      #expect(ran.status == 0, "\(locking): \(ran.error)")
    }
  }
}
