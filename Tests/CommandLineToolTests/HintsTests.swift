// The library's errors as users of the program read them.

import CommandLineTool
import ESMFoldKit
import Glibc
import Platform
import Testing
import Weights

@Suite("Hints") struct HintsTests {
  private static let file = "models/a.h5"
  /// Errors and the last line of their messages.
  private static let cases: [(ModelError, String)] = [
    (.weights(.notACache(path: file, found: "text")), "a model in this form is made with `esmfold weights import`"),
    (.weights(.alreadyThere(path: file)), "--overwrite replaces it"),
    (
      .weights(.noWeights(path: file, found: "a.h5")),
      "a file of the cache needs no import: --model names it, or copy it into the cache folder"
    ),
    (
      .weights(.readOnlyCache(folder: "/c", source: "/s", code: EROFS)),
      "import it where you may write, `esmfold weights import /s -o FILE.h5`, and use --model FILE.h5; "
        + "or set ESMFOLD_CACHE to a folder of your own"
    ),
    (
      .weights(.missingLanguageModel(path: file, languageModel: "x.pt")),
      "Meta publishes the two separately: download the other file, or name it with --language-model"
    ),
    (
      .weights(.system(path: file, action: "write", code: ENOSPC)),
      "free some space, or choose a folder on another disk; that of the cache is set by ESMFOLD_CACHE"
    ),
    (
      .weights(.system(path: file, action: "create folder", code: EACCES)),
      "choose a folder that you may write to; that of the cache is set by ESMFOLD_CACHE"
    ),
    (
      .weights(.system(path: file, action: "create folder", code: EROFS)),
      "choose a folder that you may write to; that of the cache is set by ESMFOLD_CACHE"
    ),
    (.weights(.incomplete(path: file)), "remove it and import the model again"),
    (
      .notFound(name: "esmfold_v1", cacheFolder: "/c", cached: []),
      "`esmfold weights fetch esmfold_v1` (8.4 GB) downloads it; the cache is empty: `esmfold weights import FOLDER` "
        + "adds a downloaded model"
    ),
    (.notFound(name: "mine", cacheFolder: "/c", cached: ["a", "b"]), "the cache has a, b"),
    (
      .notFound(name: "esmfold_v1", cacheFolder: "/c", cached: ["a"]),
      "`esmfold weights fetch esmfold_v1` (8.4 GB) downloads it; the cache has a"
    ),
    (
      .memory(length: 9, needed: 2048, available: 10, longest: 8),
      "up to 8 residues fit; `esmfold info --length L` shows the plan"
    ),
    (.tooManyTokens(count: 9, longest: 8), "--long windows reads a longer sequence in overlapping windows"),
    (.noPasses, "--recycles 0 asks for one pass"),
  ]

  @Test("Errors are described in the library's words, remedies in options and commands") func hints() {
    for (error, hint) in Self.cases { #expect(Hints.message(of: error) == "\(error.message)\nhint: \(hint)") }
    #expect(Hints.message(of: ModelError.emptySequence) == "found no residues, expected at least one")
    let other = WeightError.empty(path: "m.h5")
    #expect(Hints.message(of: other) == "\(other)")
  }

  @Test("The library itself mentions no option and no command") func library() {
    for (error, _) in Self.cases {
      #expect(!"\(error)".contains("--") && !"\(error)".contains("`esmfold"), "\(error)")
    }
  }

  @Test("How to get a model, with its size where that is known") func invitations() throws {
    for (name, size) in [
      ("esmfold_v1", " (8.4 GB)"), ("esm2_t6_8M_UR50D", " (31.4 MB)"), ("esm1v_t33_650M_UR90S_1", ""),
    ] {
      let model = try #require(KnownModel.named(name))
      #expect(Hints.invitation(to: model) == "`esmfold weights fetch \(name)`\(size)")
    }
  }
}
