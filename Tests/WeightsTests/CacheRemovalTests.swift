// Removal from the cache: only models, only in the folder; and leftovers of killed imports.

import Checkpoints
import Glibc
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct CacheRemovalTests {
  private let folder: TemporaryFolder
  private let cache: CacheFolder

  init() throws {
    folder = try TemporaryFolder()
    cache = CacheFolder(path: folder("cache"))
    try cache.create()
    try Importer(try ModelSource(Fixtures.path("weights")), modelName: "m", program: "p").run(to: folder("cache/m.h5"))
  }

  private func removal(_ name: String) -> WeightError? {
    failure { () throws(WeightError) in try cache.remove(name) }
  }

  @Test func aModelGoesAndNothingElse() throws {
    try folder.write("cache/notes.txt", "x")
    let removed = try cache.remove("m")
    #expect(removed.path == folder("cache/m.h5") && removed.bytes > 0 && removed.target == nil)
    #expect(TemporaryFolder.names(cache.path) == ["notes.txt"])
    #expect(removal("m") == .missing(tensor: "m", path: cache.path))
    #expect(removal("notes.txt") == .missing(tensor: "notes.txt", path: cache.path))
  }

  @Test func pathsAreNoNames() throws {
    try folder.write("out.h5", content(folder("cache/m.h5")))
    for name in ["../out", "..", ".", "", "/etc/passwd", "./m", "m/", ".m"] {
      #expect(removal(name) == .missing(tensor: name, path: cache.path), "\(name)")
    }
    #expect(folder.names() == ["cache", "out.h5"] && TemporaryFolder.names(cache.path) == ["m.h5"])
  }

  @Test func ofALinkTheLink() throws {
    try folder.write("out.h5", content(folder("cache/m.h5")))
    symlink(folder("out.h5"), folder("cache/link.h5"))
    symlink(folder("nowhere"), folder("cache/dangling.h5"))
    let removed = try cache.remove("link")
    #expect(removed.bytes == 0 && removed.target?.hasSuffix("/out.h5") == true)
    _ = try cache.remove("dangling")
    #expect(TemporaryFolder.names(cache.path) == ["m.h5"])
    #expect(try WeightCache.open(folder("out.h5")).names.count == 6)
  }

  @Test func filesOfOthersStay() throws {
    try folder.write("cache/other.h5", content(Fixtures.path("weights/foreign.h5")))
    try folder.write("cache/text.h5", String(repeating: "PDB ", count: 100))
    mkdir(folder("cache/folder.h5"), 0o755)
    #expect(removal("other") == .notRemovable(name: "other", found: "an HDF5 file of another program"))
    #expect(removal("text") == .notRemovable(name: "text", found: "no HDF5 file"))
    guard case .notRemovable? = removal("folder") else {
      Issue.record("a folder")
      return
    }
    #expect(TemporaryFolder.names(cache.path) == ["folder.h5", "m.h5", "other.h5", "text.h5"])
  }

  @Test func damagedModelsGo() throws {
    let whole = try content(folder("cache/m.h5"))
    try folder.write("cache/short.h5", Array(whole.dropLast(100)))
    #expect(removal("short") == nil)
    #expect(TemporaryFolder.names(cache.path) == ["m.h5"])
  }

  // MARK: Leftovers

  @Test func leftoversAreFoundAndGoWithTheNextImport() throws {
    let left = [".a.h5.part-1", ".b.c.h5.part-77-3"]
    // Names that almost match unfinished imports, a folder, a link to a file elsewhere.
    let others = [
      ".a.h5.part-", ".a.h5.part-1-2-3", ".a.h5.part-x", "a.h5.part-1", ".out.tsv.part-5", ".a.h5.partial",
      ".a.h5.part-1-", ".a b.h5.part-1", "..h5.part-1", "..a.h5.part-1", ".a.h5.part-\u{661}",
    ]
    for name in left + others { try folder.write("cache/\(name)", "x") }
    mkdir(folder("cache/.d.h5.part-4"), 0o755)
    try folder.write("out", "x")
    symlink(folder("out"), folder("cache/.e.h5.part-4"))
    try #require(makePipe(folder("cache/.f.h5.part-4")))
    #expect(cache.leftovers().map(\.path) == left.map { "\(cache.path)/\($0)" })
    #expect(cache.leftovers().allSatisfy { $0.bytes > 0 })

    _ = try cache.imported(try ModelSource(Fixtures.path("family/esm2")), program: "p")
    let names = TemporaryFolder.names(cache.path)
    #expect(Set(names).isSuperset(of: others + [".d.h5.part-4", ".e.h5.part-4", ".f.h5.part-4", "m.h5"]))
    #expect(Set(names).isDisjoint(with: left))
    #expect(cache.leftovers().isEmpty && names.count == others.count + 5)
  }

  @Test func anImportUnderWayIsNoLeftover() throws {
    var seen = 0
    try Importer(try ModelSource(Fixtures.path("weights")), modelName: "n", program: "p").run(
      to: folder("cache/n.h5")
    ) { _ in
      if !cache.leftovers().isEmpty { seen += 1 }
      cache.removeLeftovers()
    }
    #expect(seen == 0)
    #expect(try WeightCache.open(folder("cache/n.h5")).names.count == 6)
  }

  @Test func removalTakesTheModelsOwnLeftovers() throws {
    let model = try FileSpace(folder("cache/m.h5")).bytes
    for name in [".m.h5.part-1", ".m.n.h5.part-1", ".other.h5.part-1"] { try folder.write("cache/\(name)", "x") }
    let left = try FileSpace(folder("cache/.m.h5.part-1")).bytes
    #expect(left > 0 && model > 0)
    #expect(try cache.remove("m").bytes == model + left)
    #expect(TemporaryFolder.names(cache.path) == [".m.n.h5.part-1", ".other.h5.part-1"])
  }

  @Test("A file with several names frees nothing, one with a hole only its allocated blocks") func allocatedBytes()
    throws
  {
    link(folder("cache/m.h5"), folder("other name"))
    #expect(try cache.remove("m").bytes == 0)
    #expect(try WeightCache.open(folder("other name")).names.count == 6)
    rename(folder("other name"), folder("cache/m.h5"))
    truncate(folder("cache/m.h5"), 1 << 30)
    let allocated = try FileSpace(folder("cache/m.h5")).bytes
    #expect(allocated < 1 << 20)
    #expect(try cache.remove("m").bytes == allocated)
  }
}

/// The bytes that a file occupies on disk.
private struct FileSpace {
  let bytes: Int

  init(_ path: String) throws {
    var status = stat()
    try #require(stat(path, &status) == 0)
    bytes = Int(status.st_blocks) * 512
  }
}
