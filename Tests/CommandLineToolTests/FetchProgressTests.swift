// The progress of a download in words.

import CommandLineTool
import Testing
import Transfer

@Suite struct FetchProgressTests {
  @Test(arguments: [
    (0, "0 s"), (45.4, "45 s"), (89.4, "89 s"), (90, "2 min"), (180, "3 min"), (3580, "1 h 0 min"),
    (7800, "2 h 10 min"), (1e300, "more than 100 h"), (Double.infinity, "more than 100 h"),
  ])
  func times(_ seconds: Double, _ text: String) { #expect(duration(seconds) == text) }

  @Test func lines() {
    func words(_ bytes: Int, _ total: Int?, _ rate: Double? = nil, _ left: Double? = nil) -> String {
      TransferProgress(bytes: bytes, total: total, bytesPerSecond: rate, secondsLeft: left).words
    }
    #expect(words(1_200_000_000, 8_442_062_570, 35e6, 207) == "1.2 of 8.4 GB, 35.0 MB/s, 3 min left")
    #expect(words(0, 8_442_062_570, 0) == "0.0 of 8.4 GB, 0 bytes/s")
    #expect(words(1_200_000, nil, 1e30) == "1.2 MB, 1000 TB/s")
    #expect(words(389, 389) == "389 of 389 bytes")
  }
}
