// Results that do not fit on the disk are refused before the work begins, and those that fit are not.

import Foundation
import TestSupport
import Testing

@Suite(
  .timeLimit(minutes: 20), .enabled(if: SmallDisk.canBeMade, "needs user namespaces to mount a small file system"))
struct DiskSpaceTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  /// Four states of 100 residues, 24 wide: 38 KB in float32.
  private func embed(_ options: String, kilobytes: Int) throws -> Binary.Ran {
    let file = try scratch.file("a.fasta", ">a\n\(String(repeating: "MKVLAAGIVG", count: 10))\n")
    return try SmallDisk.run(
      kilobytes: kilobytes, at: scratch.path,
      "\"$@\" --layers all \(options); status=$?; find . -size +1k -type f | sort; exit $status",
      [Binary.path, "embed", file, "-v", "--model", Fixtures.path("family/esm2")],
      environment: ["ESMFOLD_CACHE": scratch.path + "/cache"])
  }

  @Test("A journal is copied, so it needs twice the space") func journal() throws {
    let refused = try embed("-o a.h5", kilobytes: 64)
    #expect(refused.status == 1 && refused.output.isEmpty, "\(refused)")
    #expect(
      refused.error.contains(/a.h5: disk: found [\d.]+ KiB free, expected 77.4 KiB for these results/),
      "\(refused.error)")
    #expect(refused.error.contains(/1 record to read; a.h5 will have about 3[89]\.\d KiB/))
    let half = try embed("-o a.h5 --dtype float16", kilobytes: 64)
    #expect(half.status == 0 && half.output == "./a.h5\n", "\(half.error)")
  }

  @Test("NumPy files need the space once") func numpy() throws {
    let ran = try embed("-o . --format npy", kilobytes: 64)
    #expect(ran.status == 0 && ran.output == "./a.npy\n", "\(ran.error)")
    let refused = try embed("-o . --format npy", kilobytes: 40)
    #expect(refused.status == 1 && refused.output.isEmpty && refused.error.contains(": disk: found "))
  }

  @Test("A download needs space for the imported model, too") func download() throws {
    // Weights of 66 KB.
    let hub = try Hub()
    let words = [Binary.path, "weights", "fetch", Hub.name]
    let environment = hub.environment(["ESMFOLD_CACHE": "cache"])
    let refused = try SmallDisk.run(
      kilobytes: 112, at: scratch.path, "\"$@\"", words, environment: environment)
    #expect(refused.status == 1, "\(refused.error)")
    #expect(
      refused.error.contains(/cache: disk: found .* free, expected 13\d kB for the download and the imported model/))
    let ran = try SmallDisk.run(kilobytes: 512, at: scratch.path, "\"$@\"", words, environment: environment)
    #expect(ran.status == 0, "\(ran.error)")
  }
}
