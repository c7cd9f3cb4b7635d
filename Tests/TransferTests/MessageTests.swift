// Messages of failed downloads, which failures are retried, and rates at their limits.

import Platform
import Testing
import Transfer

@Suite struct MessageTests {
  private static let url = "https://me:secret@example.org/file", shown = "https://example.org/file"

  @Test func sentences() throws {
    let empty = try #require(Digest(.md5, "d41d8cd98f00b204e9800998ecf8427e"))
    let abc = try #require(Digest(.md5, "900150983CD24FB0D6963F7D28E17F72"))
    let (url, shown) = (Self.url, Self.shown)
    let expected: [(TransferError, String)] = [
      (.status(url: url, code: 429), "\(shown): answer: found status 429 (too many requests), expected 200"),
      (.status(url: url, code: 418), "\(shown): answer: found status 418, expected 200"),
      (
        .proxy(url: url, code: 407),
        "\(shown): proxy: found status 407 (proxy authentication required), expected a connection to the server"
      ),
      (
        .busy(url: url, code: 503, seconds: 900),
        "\(shown): answer: found status 503 (service unavailable) and a request to wait 900 s, expected 200"
      ),
      (.unreachable(url: url, reason: "no route"), "\(shown): cannot be reached: no route"),
      (.broken(url: url, reason: "reset"), "\(shown): the connection broke: reset"),
      (.certificate(url: url, reason: "self-signed"), "\(shown): certificate: self-signed"),
      (.request(url: url, reason: "bad URL"), "\(shown): bad URL"),
      (.size(url: url, found: 1, expected: 2), "\(shown): size: found 1 bytes, expected 2"),
      (
        .digest(url: url, found: empty, expected: abc),
        "\(shown): md5: found d41d8cd98f00b204e9800998ecf8427e, expected 900150983cd24fb0d6963f7d28e17f72"
      ),
      (
        .range(url: url, found: "bytes 0-1/2", expected: 5),
        "\(shown): Content-Range: found bytes 0-1/2, expected the bytes from 5 on"
      ),
      (
        .tooLarge(url: url, bytes: 9, isStated: true, limit: 5), "\(shown): size: found 9 bytes, expected at most 5"
      ),
      (
        .tooLarge(url: url, bytes: 9, isStated: false, limit: 5),
        "\(shown): size: found at least 9 bytes, expected at most 5"
      ),
      (
        .content(url: url, type: "text/html", found: "a page", expected: "JSON"),
        "\(shown): content: found a page (Content-Type: \"text/html\"), expected JSON"
      ),
      (
        .content(url: url, type: nil, found: "a page", expected: "JSON"),
        "\(shown): content: found a page, expected JSON"
      ),
      (.system(path: "/a", action: "open", code: 2), "/a: open: No such file or directory"),
      (.cancelled(url: url), "\(shown): stopped"),
      (.refused(url: url, bytes: 7), "\(shown): found 7 bytes, which are not wanted"),
    ]
    for (error, sentence) in expected { #expect("\(error)" == sentence) }
    #expect(expected.map(\.0.isTransient).enumerated().filter(\.element).map(\.offset) == [0, 4, 5, 10])
  }

  @Test func statusesThatMayPass() {
    let transient = (100..<600).filter { TransferError.status(url: "", code: $0).isTransient }
    #expect(transient == [408, 425, 429, 500, 502, 503, 504])
    #expect(transient == (100..<600).filter { TransferError.proxy(url: "", code: $0).isTransient })
  }

  @Test(arguments: [
    ("http://a@b/c", "http://b/c"), ("http://a:p@ss@b/c@d", "http://b/c@d"), ("http://b?x=a@b", "http://b?x=a@b"),
    ("http://b#a@b", "http://b#a@b"), ("http://b/c", "http://b/c"), ("a@b", "a@b"), ("http://", "http://"),
    ("http://@b", "http://b"), ("file:///a@b", "file:///a@b"),
  ])
  func passwordsAreNotShown(url: String, shown: String) {
    #expect(shownURL(url) == shown)
  }

  // === Rates ===

  /// Seconds are sums of whole and binary fractions of attoseconds.
  private static let tolerance = 1e-9

  private func isClose(_ meter: RateMeter, _ expected: Double) -> Bool {
    meter.bytesPerSecond.map { abs($0 / expected - 1) < Self.tolerance } ?? false
  }

  @Test func ratesAtTheirBorders() {
    let start = ContinuousClock.now
    func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }
    var meter = RateMeter()
    #expect(meter.bytesPerSecond == nil)
    meter.restart(0, at: start)
    meter.note(100, at: after(499))
    #expect(meter.bytesPerSecond == nil)
    // Too soon after the last one.
    meter.note(1000, at: after(598))
    #expect(meter.bytesPerSecond == nil)
    meter.note(600, at: after(600))
    #expect(isClose(meter, 1000))
    #expect(
      abs((meter.progress(600, of: 1600).secondsLeft ?? 0) - 1) < Self.tolerance
        && meter.progress(600, of: 500).secondsLeft == 0)
    // The window is ten seconds: it starts at the last sample before it, and one of exactly that age is still in it.
    meter.note(10_600, at: after(10_600))
    #expect(isClose(meter, 10_500 / 10.101))
    meter.note(10_599, at: after(10_701))
    #expect(isClose(meter, 9999 / 10.101))
    meter.restart(50_000, at: after(20_000))
    #expect(meter.bytesPerSecond == nil)
  }
}
