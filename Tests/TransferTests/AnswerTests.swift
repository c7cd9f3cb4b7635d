// Answers other than the file, wrong files, redirects, and unreachable servers.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing
import Transfer

@Suite struct AnswerTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Including a success without the file, and a redirect to nowhere.
  @Test(arguments: [201, 203, 207, 300, 305, 400, 401, 403, 404, 410, 501])
  func refusalsAreFinal(_ status: Int) throws {
    let server = try LoopbackServer { _, _ in .init(status: status, body: Array("an explanation".utf8)) }
    guard case .status(_, status)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
  }

  @Test(arguments: [408, 429, 500, 502, 503, 504])
  func troubleOfTheServerIsWaitedFor(_ status: Int) throws {
    let server = try LoopbackServer { request, number in
      number < 2 ? .init(status: status, body: [1, 2, 3]) : .file(content, request)
    }
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    #expect(scratch.bytes() == content && server.requests.count == 3 && told.waits.count == 2)
  }

  @Test func patienceEnds() throws {
    let server = try LoopbackServer { _, _ in .init(status: 503) }
    guard case .status(_, 503)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(server.requests.count == 4)
  }

  @Test func waitsGrowAndDiffer() throws {
    let server = try LoopbackServer { _, _ in .init(status: 503) }
    let told = Told()
    #expect(failure(download(server.url + "/file", scratch), told.observer) != nil)
    for (wait, longest) in zip(told.waits, [0.01, 0.02, 0.04]) { #expect(wait >= longest / 2 && wait <= longest) }
    #expect(told.waits.count == 3)
  }

  @Test func theServerSaysWhenToComeBack() throws {
    let server = try LoopbackServer { request, number in
      number == 0 ? .init(status: 429, headers: [("Retry-After", "1")]) : .file(content, request)
    }
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    #expect(told.waits == [1])
  }

  @Test func tooMuchPatienceIsNotAskedFor() throws {
    let server = try LoopbackServer { _, _ in .init(status: 503, headers: [("Retry-After", "3600")]) }
    guard case .busy(_, 503, 3600)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(server.requests.count == 1)
  }

  @Test func nobodyThere() throws {
    let (nobody, port) = try Loopback.listener(refuses: true)
    defer { close(nobody) }
    let told = Told()
    let url = "http://127.0.0.1:\(port)/file"
    guard case .unreachable? = failure(download(url, scratch), told.observer) else { throw Unexpected() }
    // Fewer attempts than after a server has answered once.
    #expect(told.waits.count == 2 && scratch.names.isEmpty)
  }

  // === Wrong files ===

  @Test("What is of another kind gets no name, and nothing of it is kept") func anotherKind() throws {
    let server = try LoopbackServer { request, number in
      .init(headers: [("Content-Type", "text/html")], body: number == 0 ? Array("<html>".utf8) : content)
    }
    var download = download(server.url + "/file", scratch)
    download.inspect = { path in
      FileManager.default.contents(atPath: path)?.first == 0x3C ? ("a page", "a file") : nil
    }
    // The digest would also say that it is wrong, but not what it is.
    download.digest = Digest(.sha256, sha256OfNothing)
    guard case .content(_, "text/html", "a page", "a file")? = failure(download) else { throw Unexpected() }
    #expect(scratch.names.isEmpty)
    download.digest = nil
    try download.run()
    #expect(scratch.bytes() == content && server.requests.count == 2)
  }

  @Test func aWrongDigestIsAnError() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    var download = download(server.url + "/file", scratch)
    download.digest = Digest(.sha256, sha256OfNothing)
    guard case .digest(_, let found, let expected)? = failure(download) else { throw Unexpected() }
    #expect(expected.hexadecimal == sha256OfNothing && found != expected)
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
  }

  @Test func digestsAreThoseOfTheStandards() throws {
    // FIPS 180-4 and RFC 1321: "abc".
    let server = try LoopbackServer { request, _ in .file(Array("abc".utf8), request) }
    for (algorithm, text) in [
      (Digest.Algorithm.sha256, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
      (.md5, "900150983cd24fb0d6963f7d28e17f72"),
    ] {
      var download = download(server.url + "/file", scratch)
      download.digest = Digest(algorithm, text)
      #expect(try download.run().hexadecimal == text.lowercased())
    }
    #expect(Digest(.sha256, "ba7816") == nil && Digest(.md5, "900150983cd24fb0d6963f7d28e17f7g") == nil)
  }

  @Test func theServersOwnDigestCounts() throws {
    // Like the hub: it states the digest and redirects to a storage host, which has its own tags.
    for stated in ["\"\(sha256OfNothing)\"", "\"0123456789012345678901234567890123456789\""] {
      let server = try LoopbackServer { request, _ in
        request.target == "/hub"
          ? .init(status: 302, headers: [("Location", "/storage"), ("X-Linked-ETag", stated), ("ETag", stated)])
          : .file(content, request)
      }
      let error = failure(download(server.url + "/hub", scratch))
      // A git object's name is not a digest of the bytes.
      if stated.count == 42 { #expect(error == nil && scratch.bytes() == content); continue }
      guard case .digest? = error else { throw Unexpected() }
      #expect(scratch.names.isEmpty)
    }
  }

  @Test(arguments: [299_999, 300_001])
  func aWrongSizeIsNotEvenStored(_ expected: Int) throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    var download = download(server.url + "/file", scratch)
    download.bytes = expected
    guard case .size(_, 300_000, expected)? = failure(download) else { throw Unexpected() }
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
  }

  @Test func withoutContentLengthTheEndIsTheEnd() throws {
    let server = try LoopbackServer { request, _ in
      var reply = LoopbackServer.Reply.file(content, request)
      reply.announced = -1
      return reply
    }
    try download(server.url + "/file", scratch).run()
    #expect(scratch.bytes() == content)
    // Then only a known size reveals missing or surplus bytes.
    for expected in [200_000, 400_000] {
      var download = download(server.url + "/file", scratch)
      download.bytes = expected
      guard case .size(_, _, expected)? = failure(download) else { throw Unexpected() }
    }
  }

  @Test func aBodyShorterThanAnnouncedNeverBecomesAFile() throws {
    let server = try LoopbackServer { _, _ in
      var reply = LoopbackServer.Reply(body: content)
      reply.announced = content.count + 10
      return reply
    }
    guard case .broken? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(scratch.bytes() == nil)
  }

  @Test func anEmptyFileIsAFile() throws {
    let server = try LoopbackServer { _, _ in .init(body: []) }
    #expect(try download(server.url + "/file", scratch).run().hexadecimal == sha256OfNothing)
    #expect(scratch.names == ["file"] && scratch.bytes() == [])
  }

  @Test func theSizeCanBeRefused() throws {
    let server = try LoopbackServer { _, _ in
      var reply = LoopbackServer.Reply(body: content)
      reply.announced = 1 << 60
      return reply
    }
    var observer = TransferObserver()
    var asked: [Int] = []
    observer.accepting = { total, present in
      asked += [total, present]
      return false
    }
    guard case .refused(_, let bytes)? = failure(download(server.url + "/file", scratch), observer) else {
      throw Unexpected()
    }
    #expect(bytes == 1 << 60 && asked == [1 << 60, 0] && scratch.names.isEmpty)
  }

  // === Redirects ===

  @Test func redirectsAreFollowedButTheTokenStays() throws {
    let storage = try LoopbackServer { request, _ in .file(content, request) }
    let hub = try LoopbackServer { request, _ in
      switch request.target {
      case "/file": .init(status: 301, headers: [("Location", "/here")])
      default: .init(status: 302, headers: [("Location", "http://localhost:\(storage.port)/there")])
      }
    }
    var download = download(hub.url + "/file", scratch)
    download.bearer = "secret"
    try download.run()
    #expect(scratch.bytes() == content)
    #expect(hub.requests.map(\.target) == ["/file", "/here"])
    #expect(hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
    #expect(storage.requests.count == 1 && storage.requests[0].headers["authorization"] == nil)
  }

  @Test func redirectedDownloadsGoOnToo() throws {
    let server = try LoopbackServer { request, number in
      if request.target == "/file" {
        return .init(status: 307, headers: [("Location", "/storage?signature=\(number)")])
      }
      var reply = LoopbackServer.Reply.file(content, request)
      if number < 2 { reply.breaksAfter = 50_000 }
      return reply
    }
    try download(server.url + "/file", scratch).run()
    #expect(scratch.bytes() == content)
    #expect(server.requests.last?.firstByte == 50_000)
  }

  @Test func loopsEnd() throws {
    let server = try LoopbackServer { _, _ in .init(status: 302, headers: [("Location", "/file")]) }
    guard case .request(_, let reason)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(reason.contains("redirects") && server.requests.count == 11)
  }

  @Test(arguments: ["file:///etc/hostname", "ftp://127.0.0.1/file", "gopher://127.0.0.1/"])
  func redirectsStayWithinHTTP(_ target: String) throws {
    let server = try LoopbackServer { _, _ in .init(status: 302, headers: [("Location", target)]) }
    guard case .request? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
  }

  // === Other URLs ===

  @Test func filesOfThisMachine() throws {
    scratch.write("a b", content)
    #expect(failure(download("file://\(scratch.path)/a%20b", scratch)) == nil)
    #expect(scratch.bytes() == content)
    guard case .request? = failure(download("file://\(scratch.path)/missing", scratch)) else { throw Unexpected() }
    for url in ["ftp://127.0.0.1/file", "http://", "127.0.0.1:x", "dict://127.0.0.1/"] {
      guard case .request? = failure(download(url, scratch)) else { throw Unexpected() }
    }
  }

  @Test func aPlaceThatCannotBeWritten() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    guard case .system? = failure(Download(server.url + "/file", to: scratch.path + "/missing/file")) else {
      throw Unexpected()
    }
    #expect(server.requests.isEmpty)
  }

  @Test func messagesDoNotShowPasswords() {
    let error = TransferError.status(url: "https://me:secret@example.org/file", code: 404)
    #expect("\(error)" == "https://example.org/file: answer: found status 404 (not found), expected 200")
    #expect(shownURL("http://example.org/a@b") == "http://example.org/a@b" && shownURL("x") == "x")
  }
}
