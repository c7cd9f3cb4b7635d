// When a cached model counts as up to date with its files: name, size and time of every file, each separately.

import Checkpoints
import Glibc
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct StaleCacheTests {
  private let folder: TemporaryFolder
  private let cache: CacheFolder

  init() throws {
    folder = try TemporaryFolder()
    cache = CacheFolder(path: folder("cache"))
    for name in ["model.safetensors", "config.json"] { try folder.write("s/\(name)", fixture(name)) }
  }

  /// Sets the modification time.
  private func touch(_ name: String, seconds: Int, nanoseconds: Int = 0) throws {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    try #require(utimensat(AT_FDCWD, folder(name), [time, time], 0) == 0)
  }

  /// Why the model would be imported, `nil` if the cached one is up to date.
  private func reason(_ argument: String = "s") throws -> CacheFolder.ImportReason? {
    var reason: CacheFolder.ImportReason?
    _ = try cache.imported(ModelSource(folder(argument)), program: "p") { reason = $0 }
    return reason
  }

  @Test("A time that differs by a nanosecond, with the same size", arguments: ["model.safetensors", "config.json"])
  func time(_ name: String) throws {
    try touch("s/\(name)", seconds: 1_700_000_000, nanoseconds: 5)
    #expect(try reason() == .absent)
    #expect(try reason() == nil)
    try touch("s/\(name)", seconds: 1_700_000_000, nanoseconds: 6)
    #expect(try reason() == .changed)
    #expect(try reason() == nil)
    // Backwards, too: an old file may be restored.
    try touch("s/\(name)", seconds: 1_600_000_000, nanoseconds: 6)
    #expect(try reason() == .changed)
  }

  @Test("A size that differs, with the same time") func size() throws {
    for name in ["model.safetensors", "config.json"] { try touch("s/\(name)", seconds: 1_700_000_000) }
    #expect(try reason() == .absent)
    try folder.write("s/config.json", fixture("config.json") + [0x20])
    try touch("s/config.json", seconds: 1_700_000_000)
    #expect(try reason() == .changed)
    #expect(try reason() == nil)
    // Only the second file.
    let header = #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    try folder.write("s/model.safetensors", safetensors(header, data: [0, 0, 0, 0]))
    try touch("s/model.safetensors", seconds: 1_700_000_000)
    #expect(try reason() == .changed)
  }

  @Test("A name that differs, with the same size and time") func name() throws {
    let main = try content(Fixtures.path("torch/fair-esm/esm1b_tiny.pt"))
    for name in ["x.pt", "y.pt"] { try folder.write("m/\(name)", main) }
    try folder.write("m/config.json", "{}")
    try touch("m/config.json", seconds: 1)
    try touch("m/x.pt", seconds: 1)
    let stored = [SourceFile(name: "x.pt", bytes: main.count, modified: 1_000_000_000)]
    #expect(stored[0].isSame(as: SourceFile(name: "x.pt", bytes: main.count, modified: 1_000_000_000, sha256: "1")))
    #expect(!stored[0].isSame(as: SourceFile(name: "y.pt", bytes: main.count, modified: 1_000_000_000)))
    #expect(!stored[0].isSame(as: SourceFile(name: "x.pt", bytes: main.count + 1, modified: 1_000_000_000)))
    #expect(!stored[0].isSame(as: SourceFile(name: "x.pt", bytes: main.count, modified: 1_000_000_001)))
    // Another file in the folder has a different entry.
    let names = try ["x.pt", "y.pt"].map { try ModelSource(folder("m/\($0)")).entryName }
    #expect(names[0].hasPrefix("x-") && names[1].hasPrefix("y-") && names.allSatisfy { $0.utf8.count == 10 })
    let other = try ModelSource(folder("s")).entryName
    try folder.write("t/s/model.safetensors", fixture("model.safetensors"))
    try folder.write("t/s/config.json", "{}")
    #expect(try other.hasPrefix("s-") && ModelSource(folder("t/s")).entryName != other)
  }

  @Test("Links to Meta's files have one entry, those to other files others") func linksOfTasks() throws {
    try folder.write("db/esmfold_3B_v1.pt", [1])
    for language in ["one", "two"] { try folder.write("\(language)/esm2_t36_3B_UR50D.pt", [2]) }
    func task(_ name: String, _ language: String) throws -> String {
      let place = folder("\(name)/checkpoints")
      let made = [mkdir(folder(name), 0o777), mkdir(place, 0o777)]
      let linked = [("db", "esmfold_3B_v1.pt"), (language, "esm2_t36_3B_UR50D.pt")].map { from, file in
        symlink(folder("\(from)/\(file)"), "\(place)/\(file)")
      }
      try #require(made + linked == [0, 0, 0, 0])
      return try ModelSource(folder(name)).entryName
    }
    let names = [try task("a", "one"), try task("b", "one"), try task("c", "two")]
    #expect(names[0] == names[1] && names[0] != names[2])
    #expect(names[0].hasPrefix("esmfold_3B_v1-"))
  }

  @Test("A file that is added or removed, with all others unchanged") func count() throws {
    for name in ["esm1b_tiny.pt"] { try folder.write("m/\(name)", content(Fixtures.path("torch/fair-esm/\(name)"))) }
    #expect(try reason("m/esm1b_tiny.pt") == .absent)
    #expect(try reason("m/esm1b_tiny.pt") == nil)
    let contacts = "esm1b_tiny-contact-regression.pt"
    try folder.write("m/\(contacts)", content(Fixtures.path("torch/fair-esm/\(contacts)")))
    #expect(try reason("m/esm1b_tiny.pt") == .changed)
    #expect(try reason("m/esm1b_tiny.pt") == nil)
    unlink(folder("m/\(contacts)"))
    #expect(try reason("m/esm1b_tiny.pt") == .changed)
  }

  @Test("A link to the same files is the same model; what the link points to counts") func links() throws {
    symlink(folder("s"), folder("link"))
    #expect(try reason("link") == .absent)
    #expect(try reason("s") == nil)
    try touch("s/model.safetensors", seconds: 7)
    #expect(try reason("link") == .changed)
  }

  // MARK: Verification of the sources

  @Test("States of sources by size and time, and by content") func states() throws {
    try touch("s/config.json", seconds: 1_700_000_000)
    try Importer(try ModelSource(folder("s")), modelName: "m", program: "p").run(to: folder("m.h5"))
    let header = try WeightCache.header(of: folder("m.h5"))
    func state(_ rereading: Bool) -> CacheHeader.SourceState? {
      header.sourceStates(rereading: rereading).first { $0.path == "\(header.source)/config.json" }?.state
    }
    let whole = try fixture("config.json")
    let time = CacheHeader.SourceState.changed(found: "another time of last change", expected: "the time of the import")
    try touch("s/config.json", seconds: 1_700_000_000, nanoseconds: 1)
    #expect(state(false) == time && state(true) == .sameContent)
    // The size first: it is more conclusive.
    try folder.write("s/config.json", whole + [0x20])
    try touch("s/config.json", seconds: 1_700_000_000)
    let size = CacheHeader.SourceState.changed(found: "\(whole.count + 1) bytes", expected: "\(whole.count) bytes")
    #expect(state(false) == size && state(true) == size)
    // Size and time can be misleading, the content cannot.
    try folder.write("s/config.json", [0x20] + whole.dropLast())
    try touch("s/config.json", seconds: 1_700_000_000)
    #expect(state(false) == .unchanged)
    guard case .changed(let found, let expected)? = state(true) else {
      Issue.record("\(String(describing: state(true)))")
      return
    }
    #expect(found.hasPrefix("sha256 ") && expected == "sha256 \(header.sources[0].sha256)")
    unlink(folder("s/config.json"))
    mkdir(folder("s/config.json"), 0o755)
    #expect(state(false) == .absent && state(true) == .absent)
  }

  @Test("Sources of a file, and of files in another folder, are found where they were") func places() throws {
    for name in ["esmfold_tiny.pt", "esm2_t36_3B_UR50D.pt"] {
      try folder.write(
        name.hasPrefix("esm2") ? "language/\(name)" : "m/\(name)", content(Fixtures.path("torch/esmfold/\(name)")))
    }
    let source = try ModelSource(folder("m/esmfold_tiny.pt"), languageModel: folder("language/esm2_t36_3B_UR50D.pt"))
    try Importer(source, modelName: "m", program: "p").run(to: folder("m.h5"))
    let header = try WeightCache.header(of: folder("m.h5"))
    let states = header.sourceStates(rereading: true)
    let real = String(source.folder.dropLast(2))
    #expect(states.map(\.path) == ["\(real)/m/esmfold_tiny.pt", "\(real)/language/esm2_t36_3B_UR50D.pt"])
    #expect(states.map(\.state) == [.sameContent, .sameContent])
    #expect(header.source == "\(real)/m/esmfold_tiny.pt")
  }
}
