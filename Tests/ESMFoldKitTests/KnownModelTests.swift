// The table of known models against an independent copy of what the hub's pages state.

import ESMFoldKit
import Foundation
import TestSupport
import Testing

@Suite struct KnownModelTests {
  @Test func everyModelOfTheFamilyIsKnownByBothNames() throws {
    let names =
      ["esmfold_v1", "esm1b_t33_650M_UR50S"]
      + ["t6_8M", "t12_35M", "t30_150M", "t33_650M", "t36_3B", "t48_15B"].map { "esm2_\($0)_UR50D" }
      + (1...5).map { "esm1v_t33_650M_UR90S_\($0)" }
    #expect(Set(KnownModel.all.map(\.name)) == Set(names) && KnownModel.all.count == names.count)
    for name in names {
      let model = try #require(KnownModel.named(name))
      #expect(model.repository == "facebook/" + name && KnownModel.named(model.repository)?.name == name)
      #expect(model.files.map(\.name).first == "config.json" && model.files.count == 2)
      #expect(model.files.allSatisfy { $0.sha256.map { $0.count == 64 } ?? true })
      // A commit is given in full or not at all.
      #expect(model.revision == "main" || model.revision.count == 40)
    }
    #expect(KnownModel.named("facebook/") == nil && KnownModel.named("demo") == nil)
  }

  @Test("Sizes and digests are the published ones") func published() throws {
    let text = try String(contentsOfFile: Fixtures.path("weights/published.tsv"), encoding: .utf8)
    let rows = text.split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    let index = Fixtures.path("torch/shards/pytorch_model.bin.index.json")
    for model in KnownModel.all {
      var files = model.files
      if model.name == "esm2_t36_3B_UR50D" { files += try model.shards(ofIndex: index).files }
      let expected = rows.filter { $0[0] == model.name }
      #expect(files.map(\.name) == expected.map { $0[1] }, "\(model.name)")
      for (file, row) in zip(files, expected) {
        #expect((file.bytes.map(String.init) ?? "-") == row[2] && (file.sha256 ?? "-") == row[3], "\(row)")
      }
      #expect((model.approximateBytes.map(String.init) ?? "-") == expected[1][4], "\(model.name)")
      #expect(model.isSharded == expected[1][1].hasSuffix("index.json"))
    }
    #expect(Set(rows.map { $0[0] }).count == KnownModel.all.count)
    #expect(KnownModel.named("esmfold_v1")?.revision == "75a3841ee059df2bf4d56688166c8fb459ddd97a")
  }

  @Test func sizesInWords() throws {
    let sizes = ["esmfold_v1": "8.4 GB", "esm2_t6_8M_UR50D": "31.4 MB", "esm2_t12_35M_UR50D": "136 MB"]
    for (name, size) in sizes {
      #expect(KnownModel.named(name)?.approximateSize == size)
    }
    let others = [
      "esm2_t30_150M_UR50D": "595 MB", "esm2_t33_650M_UR50D": "2.6 GB", "esm2_t36_3B_UR50D": "11.4 GB",
      "esm2_t48_15B_UR50D": "60.0 GB",
    ]
    for (name, size) in others { #expect(KnownModel.named(name)?.approximateSize == size) }
    // Where nobody has said how large it is.
    #expect(try #require(KnownModel.named("esm1v_t33_650M_UR90S_1")).approximateSize == nil)
  }

  @Test func shardsAreThoseOfTheIndex() throws {
    let model = try #require(KnownModel.named("esm2_t36_3B_UR50D"))
    #expect(model.isSharded)
    let found = try model.shards(ofIndex: Fixtures.path("torch/shards/pytorch_model.bin.index.json"))
    #expect(found.files.map(\.bytes) == [9_976_735_419, 1_390_347_055])
    #expect(found.files[0].sha256?.hasPrefix("0f971f11") == true && found.bytes == nil)
    #expect(throws: ModelError.self) { try model.shards(ofIndex: Fixtures.path("torch/shards/config.json")) }
  }
}
