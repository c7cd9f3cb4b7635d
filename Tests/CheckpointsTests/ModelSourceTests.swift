// Which files make up a model: the order in which a folder is searched, what belongs together, and the name.

import Checkpoints
import Glibc
import Platform
import TestSupport
import Testing
import Weights
import WeightsTestSupport

@Suite struct ModelSourceTests {
  private let folder: TemporaryFolder
  /// The folder with links resolved.
  private let real: String

  init() throws {
    folder = try TemporaryFolder()
    let path = try #require(realpath(folder.path, nil))
    defer { free(path) }
    real = String(cString: path)
  }

  private func write(_ names: String...) throws { for name in names { try folder.write(name, "x") } }

  private func refusal(_ name: String, languageModel: String? = nil) -> WeightError? {
    failure { () throws(WeightError) in try ModelSource(folder(name), languageModel: languageModel.map { folder($0) }) }
  }

  @Test("A folder is searched as transformers does, then for a single file of Meta's") func precedence() throws {
    let order = [
      "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json", "a.pt",
    ]
    try write("m/other.safetensors", "m/.hidden.pt", "m/a-contact-regression.pt", "m/notes.txt")
    for name in order { try write("m/\(name)") }
    for name in order {
      let source = try ModelSource(folder("m"))
      #expect(source.weights == name && source.path == "\(real)/m" && source.folder == "\(real)/m")
      unlink(folder("m/\(name)"))
    }
    #expect(refusal("m") == .noWeights(path: "\(real)/m", found: "none of its files"))
  }

  @Test("Several of Meta's files: one must be named, but not the language model beside its trunk") func several()
    throws
  {
    try write("m/esm2_t36_3B_UR50D.pt")
    #expect(try ModelSource(folder("m")).weights == "esm2_t36_3B_UR50D.pt")
    try write("m/esmfold_3B_v1.pt")
    #expect(try ModelSource(folder("m")).weights == "esmfold_3B_v1.pt")
    try write("m/e.pt", "m/d.pt", "m/c.pt", "m/b.pt")
    #expect(refusal("m") == .noWeights(path: "\(real)/m", found: "several: b.pt, c.pt, d.pt, e.pt"))
    // Files in it take precedence over files in subfolders.
    try write("m/checkpoints/x.pt")
    #expect(refusal("m") == .noWeights(path: "\(real)/m", found: "several: b.pt, c.pt, d.pt, e.pt"))
    try write("hub/checkpoints/x.pt", "hub/checkpoints/y.pt")
    #expect(refusal("hub") == .noWeights(path: "\(real)/hub", found: "none of its files"))
    try write("hub/checkpoints/esmfold_3B_v1.pt")
    #expect(try ModelSource(folder("hub")).folder == "\(real)/hub/checkpoints")
  }

  @Test(
    "A file counts as a model by its extension, whatever it contains",
    arguments: [
      ("x.safetensors", true), ("x.bin", true), ("x.pt", true), ("x.pth", true), ("x.ckpt", true),
      ("x.index.json", true),
      ("x.h5", false), ("x.json", false), ("x", false), ("pt", false),
    ]) func endings(_ name: String, _ isModel: Bool) throws
  {
    try write("m/\(name)")
    if isModel {
      let source = try ModelSource(folder("m/\(name)"))
      #expect(source.weights == name && source.path == "\(real)/m/\(name)")
    } else {
      #expect(refusal("m/\(name)") == .noWeights(path: folder("m/\(name)"), found: name))
    }
  }

  @Test("In Hugging Face's cache the file is a link to one with another name") func hubLinks() throws {
    try write("blobs/0123", "blobs/4567")
    mkdir(folder("models--facebook--esmfold_v1"), 0o755)
    mkdir(folder("models--facebook--esmfold_v1/snapshots"), 0o755)
    let snapshot = "models--facebook--esmfold_v1/snapshots/abcdef"
    mkdir(folder(snapshot), 0o755)
    symlink(folder("blobs/0123"), folder("\(snapshot)/model.safetensors"))
    symlink(folder("blobs/4567"), folder("\(snapshot)/config.json"))
    let source = try ModelSource(folder("\(snapshot)/model.safetensors"))
    #expect(source.folder == "\(real)/\(snapshot)" && source.suggestedName == "esmfold_v1")
    #expect(try source.holds(folder("blobs/0123")) && source.holds(folder("blobs/4567")))
    #expect(try source.holds(folder("\(snapshot)/model.safetensors")))
    try write("blobs/89ab")
    #expect(try !source.holds(folder("blobs/89ab")) && !source.holds(folder("nothing")))
    // Another name for the same file.
    link(folder("blobs/0123"), folder("other"))
    #expect(try source.holds(folder("other")))
  }

  private func files(_ name: String, languageModel: String? = nil) throws -> [String] {
    try ModelSource(folder(name), languageModel: languageModel.map { folder($0) }).fingerprint().map(\.name)
  }

  @Test("Parts that fair-esm stores separately are found beside their model") func additions() throws {
    try write("m/esm1b.pt", "m/esm1b-contact-regression.pt", "m/esm2-contact-regression.pt", "m/esm2_t36_3B_UR50D.pt")
    #expect(try files("m/esm1b.pt") == ["esm1b.pt", "esm1b-contact-regression.pt"])
    try write("m/esmfold_x.pt")
    #expect(try files("m/esmfold_x.pt") == ["esmfold_x.pt", "esm2_t36_3B_UR50D.pt"])
    try write("m/esm2_t36_3B_UR50D-contact-regression.pt")
    #expect(
      try files("m/esmfold_x.pt")
        == ["esmfold_x.pt", "esm2_t36_3B_UR50D.pt", "esm2_t36_3B_UR50D-contact-regression.pt"])
    #expect(try files("m/esm2_t36_3B_UR50D.pt") == ["esm2_t36_3B_UR50D.pt", "esm2_t36_3B_UR50D-contact-regression.pt"])
    // A named one takes precedence over the one beside it, with its own additions.
    try write("s/language.pt", "s/language-contact-regression.pt")
    #expect(
      try files("m/esmfold_x.pt", languageModel: "s/language.pt")
        == ["esmfold_x.pt", "\(real)/s/language.pt", "\(real)/s/language-contact-regression.pt"])
    #expect(
      try files("m/esmfold_x.pt", languageModel: "m/esm1b.pt") == [
        "esmfold_x.pt", "esm1b.pt", "esm1b-contact-regression.pt",
      ])
    try write("m/config.json")
    #expect(try files("m/esm1b.pt") == ["config.json", "esm1b.pt", "esm1b-contact-regression.pt"])
    #expect(
      refusal("m/esmfold_x.pt", languageModel: "s/no.pt")
        == .system(path: folder("s/no.pt"), action: "open", code: ENOENT))
    #expect(
      refusal("m/esmfold_x.pt", languageModel: "no/no.pt")
        == .system(path: folder("no/no.pt"), action: "open", code: ENOENT))
    try write("m/x.ckpt", "m/x-contact-regression.ckpt")
    #expect(try files("m/x.ckpt") == ["config.json", "x.ckpt"])
    #expect(
      refusal("m/x.ckpt", languageModel: "s/language.pt")
        == .surplusLanguageModel(path: "\(real)/m/x.ckpt", languageModel: folder("s/language.pt")))
  }

  @Test("Sizes and times of files are the system's") func fingerprints() throws {
    try folder.write("m/model.safetensors", "12345")
    try folder.write("m/config.json", "")
    let time = timespec(tv_sec: 1_600_000_000, tv_nsec: 123_456_789)
    utimensat(AT_FDCWD, folder("m/model.safetensors"), [time, time], 0)
    let files = try ModelSource(folder("m")).fingerprint()
    #expect(files.map(\.bytes) == [0, 5] && files[1].modified == 1_600_000_000_123_456_789)
    #expect(files.allSatisfy { $0.sha256.isEmpty })
    unlink(folder("m/model.safetensors"))
    mkdir(folder("m/model.safetensors"), 0o755)
    #expect(
      failure { () throws(WeightError) in try ModelSource(folder("m")).fingerprint() }
        == .notRegular(path: "\(real)/m/model.safetensors", kind: "a folder"))
  }

  @Test("The configuration: an object, not too long, and inferred only for Meta's files") func configuration()
    throws
  {
    try write("m/model.safetensors")
    let source = try ModelSource(folder("m")), path = "\(real)/m/config.json"
    #expect(source.configurationPath == "\(real)/m/model.safetensors: its shapes")
    for (text, error) in [
      ("", WeightError.empty(path: path)),
      ("[]", .malformed(path: path, what: "configuration", found: "another JSON value", expected: "an object")),
      ("{", .json(path: path, offset: 1, found: "the end of the text", expected: "a key")),
    ] {
      try folder.write("m/config.json", text)
      #expect(failure { () throws(WeightError) in try source.configuration() } == error)
    }
    try folder.write("m/config.json", #"{"a": "é" }"#)
    #expect(try source.configuration() == #"{"a": "é" }"#)
    #expect(source.configurationPath == path)
    truncate(folder("m/config.json"), 16 << 20 + 1)
    #expect(
      failure { () throws(WeightError) in try source.configuration() }
        == .tooLarge(path: path, bytes: 16 << 20 + 1, limit: 16 << 20))
    truncate(folder("m/config.json"), 16 << 20)
    guard case .json(path, 12, "byte 0", _)? = failure({ () throws(WeightError) in try source.configuration() }) else {
      Issue.record("16 MiB are allowed")
      return
    }
  }

  @Test(
    "Names of models",
    arguments: [
      ("esm2/model.safetensors", "esm2"), ("esm2/pytorch_model.bin.index.json", "esm2"), ("esm2/x.index.json", "esm2"),
      ("a b/x.bin", "a_b-x"), ("a/x.pt", "x"), ("a/x.pth", "a-x"), ("a/x.ckpt", "a-x"), ("a/é.pt", "_"),
      ("..a/x.bin", "a-x"),
      ("snapshots/1/model.safetensors", "1"), ("x--y--z/snapshots/1/model.safetensors", "1"),
      ("models--y--z-w/snapshots/1/model.safetensors", "w"), ("a/...pt", "model"),
      ("\(String(repeating: "a", count: 130))/model.safetensors", String(repeating: "a", count: 120)),
    ]) func names(_ path: String, _ name: String) throws
  {
    try write(path)
    let source = try ModelSource(folder(path))
    #expect(source.suggestedName == name)
    let digest = Digest(of: "\(real)/\(path)").hexadecimal.prefix(8)
    #expect(source.entryName == "\(name)-\(digest)" && CacheFolder.isModelName(source.entryName))
  }

  @Test("Valid names in the cache") func modelNames() {
    for name in ["a", "A.b_c-9", "a.h5", "-", String(repeating: "a", count: 200)] {
      #expect(CacheFolder.isModelName(name), "\(name)")
    }
    for name in ["", ".", ".a", "a/b", "a\\b", "a b", "a\n", "é", "a\0", "٣", String(repeating: "a", count: 201)] {
      #expect(!CacheFolder.isModelName(name), "\(name)")
    }
  }
}
