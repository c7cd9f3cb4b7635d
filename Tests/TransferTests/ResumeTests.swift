// Downloads that break off and resume, from a server that breaks connections, forgets and changes.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing
import Transfer

@Suite struct ResumeTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// The file exists, alone, with the digest that was computed while its pieces arrived.
  private func expectWhole(_ digest: Digest?, _ expected: [UInt8] = content, _ place: SourceLocation = #_sourceLocation)
    throws
  {
    #expect(scratch.bytes() == expected, sourceLocation: place)
    #expect(scratch.names == ["file"], sourceLocation: place)
    #expect(digest == (try Digest(ofFile: scratch.target)), sourceLocation: place)
  }

  @Test func aFileAtOnce() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    let told = Told()
    try expectWhole(try download(server.url + "/a/file", scratch).run(told.observer))
    #expect(server.requests.map(\.target) == ["/a/file"] && server.requests[0].firstByte == nil)
    #expect(told.restarts == 0 && told.waits.isEmpty && told.resumptions.isEmpty)
  }

  @Test func breaksAreMendedByRanges() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number < 3 { reply.breaksAfter = 70_000 }
      return reply
    }
    let told = Told()
    try expectWhole(try download(server.url + "/file", scratch).run(told.observer))
    #expect(server.requests.map(\.firstByte) == [nil, 70_000, 140_000, 210_000])
    #expect(server.requests.dropFirst().allSatisfy { $0.headers["if-range"] == "\"v1\"" })
    #expect(told.restarts == 0 && told.waits.count == 3)
  }

  @Test func anotherRunGoesOn() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number < 4 { reply.breaksAfter = number == 0 ? 100_000 : 0 }
      return reply
    }
    let first = download(server.url + "/file", scratch)
    guard case .broken? = failure(first) else { throw Unexpected() }
    #expect(
      scratch.names == ["file.part", "file.part.resume"] && scratch.bytes("file.part") == Array(content[..<100_000]))
    let told = Told()
    var second = first
    second.digest = nil
    try expectWhole(try second.run(told.observer))
    #expect(told.resumptions == [100_000])
    #expect(server.requests.last?.firstByte == 100_000 && server.requests.last?.headers["if-range"] == "\"v1\"")
  }

  @Test func aServerWithoutRangesBeginsAnew() throws {
    let server = try LoopbackServer { _, number in
      var reply = LoopbackServer.Reply(headers: [("ETag", "\"v1\"")], body: content)
      if number == 0 { reply.breaksAfter = 120_000 }
      return reply
    }
    let told = Told()
    try expectWhole(try download(server.url + "/file", scratch).run(told.observer))
    #expect(server.requests.map(\.firstByte) == [nil, 120_000] && told.restarts == 1)
  }

  @Test func aServerThatAlwaysSendsOnlyTheBeginningIsGivenUp() throws {
    let server = try LoopbackServer { _, number in
      // Ends even a program that never gives up.
      if number == 20 { return .init(status: 404) }
      var reply = LoopbackServer.Reply(headers: [("ETag", "\"v1\"")], body: content)
      reply.breaksAfter = 120_000
      return reply
    }
    guard case .broken? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    // The first one is progress, so the count starts after it.
    #expect(server.requests.count == 4)
  }

  private static let other = content.reversed() + [1, 2, 3]

  @Test(arguments: [true, false])
  func aChangedFileBeginsAnew(looksAtIfRange: Bool) throws {
    let server = try LoopbackServer { request, number in
      if number == 0 {
        var reply = LoopbackServer.Reply.file(content, request)
        reply.breaksAfter = 50_000
        return reply
      }
      let asked = looksAtIfRange ? request : request.without("if-range")
      return .file(Self.other, asked, etag: "\"v2\"")
    }
    let told = Told()
    try expectWhole(try download(server.url + "/file", scratch).run(told.observer), Self.other)
    #expect(told.restarts == 1)
    #expect(server.requests.count == (looksAtIfRange ? 2 : 3))
  }

  @Test("A server with meaningless tags: the same tag, but another size")
  func aFileOfAnotherSizeBeginsAnew() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(number == 0 ? content : Self.other, request)
      if number == 0 { reply.breaksAfter = 50_000 }
      return reply
    }
    try expectWhole(try download(server.url + "/file", scratch).run(), Self.other)
  }

  @Test func aDateIsAValidatorToo() throws {
    let date = "Wed, 01 Jan 2025 00:00:00 GMT"
    let server = try LoopbackServer { request, number in
      // A weak tag does not guarantee identical bytes.
      var reply = LoopbackServer.Reply.file(content, request, etag: "W/\"v1\"", lastModified: date)
      if number == 0 { reply.breaksAfter = 50_000 }
      return reply
    }
    try expectWhole(try download(server.url + "/file", scratch).run())
    #expect(server.requests[1].headers["if-range"] == date && server.requests[1].firstByte == 50_000)
  }

  @Test func withoutValidatorOnlyADigestAllowsToGoOn() throws {
    for known in [false, true] {
      let server = try LoopbackServer { request, number in
        var reply = LoopbackServer.Reply.file(content, request, etag: nil)
        if number == 0 { reply.breaksAfter = 50_000 }
        return reply
      }
      scratch.write("truth", content)
      var download = download(server.url + "/file", scratch)
      if known { download.digest = try Digest(ofFile: scratch.path + "/truth") }
      try download.run()
      #expect(scratch.bytes() == content)
      #expect(server.requests.map(\.firstByte) == [nil, known ? 50_000 : nil])
    }
  }

  @Test func aWrongPieceIsNotAppended() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number == 0 { reply.breaksAfter = 50_000 }
      if number == 1 {
        reply.body = Array(content[60_000...])
        reply.headers = [("ETag", "\"v1\""), ("Content-Range", "bytes 60000-299999/300000")]
      }
      return reply
    }
    let told = Told()
    try expectWhole(try download(server.url + "/file", scratch).run(told.observer))
    #expect(server.requests.map(\.firstByte) == [nil, 50_000, nil] && told.restarts == 1)
  }

  @Test(arguments: [
    "", "bytes 0-/300000", "bytes 9-5/300000", "bytes 0-300000/300000", "lines 0-5/6", "bytes 1-2/x",
    "bytes 99999999999999999999-5/6",
  ])
  func aRangeThatNobodyAskedForIsAnError(_ range: String) throws {
    let server = try LoopbackServer { _, _ in
      LoopbackServer.Reply(status: 206, headers: [("Content-Range", range)], body: content)
    }
    guard case .range? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(scratch.names.isEmpty)
  }

  @Test func piecesThatDoNotFitAreFetchedAgainAsAWhole() throws {
    scratch.write("truth", content)
    let right = try Digest(ofFile: scratch.path + "/truth")
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(number == 0 ? Array(content.reversed()) : content, request)
      if number == 0 { reply.breaksAfter = 50_000 }
      return reply
    }
    var download = download(server.url + "/file", scratch)
    download.digest = right
    let told = Told()
    #expect(try download.run(told.observer) == right)
    #expect(scratch.bytes() == content && told.restarts == 1)
    #expect(server.requests.map(\.firstByte) == [nil, 50_000, nil])
  }

  @Test func piecesOfAWrongFileAreFetchedAgainOnlyOnce() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number.isMultiple(of: 2) { reply.breaksAfter = 50_000 }
      return reply
    }
    var download = download(server.url + "/file", scratch)
    download.digest = Digest(.sha256, sha256OfNothing)
    guard case .digest? = failure(download) else { throw Unexpected() }
    #expect(server.requests.map(\.firstByte) == [nil, 50_000, nil, 50_000] && scratch.names.isEmpty)
  }

  @Test func passwordsAreNotWrittenDown() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number < 4 { reply.breaksAfter = number == 0 ? 100_000 : 0 }
      return reply
    }
    let download = download("http://me:secret@127.0.0.1:\(server.port)/file", scratch)
    #expect(failure(download) != nil)
    let record = String(decoding: scratch.bytes("file.part.resume") ?? [], as: UTF8.self)
    #expect(record.contains("url \(server.url)/file\n") && !record.contains("secret"))
    try expectWhole(try download.run())
    #expect(server.requests.last?.firstByte == 100_000)
    #expect(server.requests.allSatisfy { $0.headers["authorization"]?.hasPrefix("Basic ") ?? false })
  }

  @Test func allBytesAreHereAlready() throws {
    // Killed between the last byte and the renaming: no request is needed.
    let server = try LoopbackServer { request, _ in .file(content, request) }
    let download = download(server.url + "/file", scratch)
    scratch.write("file.part", content)
    scratch.write("file.part.resume", Array("url \(download.url)\netag \"v1\"\nbytes 300000\nend\n".utf8))
    try expectWhole(try download.run())
    #expect(server.requests.isEmpty)
    // The same with a server that never stated the file's size.
    scratch.write("file.part", content)
    scratch.write("file.part.resume", Array("url \(download.url)\netag \"v1\"\nend\n".utf8))
    try expectWhole(try download.run())
    #expect(server.requests.map(\.firstByte) == [300_000])
  }

  @Test(arguments: ["", "end", "url http://127.0.0.1/another\netag \"v1\"\nend\n", "etag \"v1\"\n", "rubbish\nend\n"])
  func aPartThatNobodyKnowsIsNotUsed(_ record: String) throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    scratch.write("file.part", Array("something else".utf8))
    scratch.write("file.part.resume", Array(record.utf8))
    try expectWhole(try download(server.url + "/file", scratch).run())
    #expect(server.requests.map(\.firstByte) == [nil])
  }

  @Test func stoppingKeepsWhatHasCome() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number == 0 {
        reply.breaksAfter = 100_000
        reply.hangs = true
      }
      return reply
    }
    var observer = TransferObserver()
    let path = scratch.target + ".part"
    observer.isCancelled = {
      (FileManager.default.contents(atPath: path)?.count ?? 0) >= 100_000
    }
    guard case .cancelled? = failure(download(server.url + "/file", scratch), observer) else { throw Unexpected() }
    #expect(scratch.bytes("file.part") == Array(content[..<100_000]))
    try expectWhole(try download(server.url + "/file", scratch).run())
    #expect(server.requests.map(\.firstByte) == [nil, 100_000])
  }

  @Test func aServerThatFallsSilentIsLeft() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number == 0 {
        reply.breaksAfter = 100_000
        reply.hangs = true
      }
      return reply
    }
    var download = download(server.url + "/file", scratch)
    download.policy.lowSpeedTime = 1
    // Ends even a program that waits forever.
    var observer = TransferObserver()
    let end = ContinuousClock.now + .seconds(40)
    observer.isCancelled = { ContinuousClock.now > end }
    try expectWhole(try download.run(observer))
    #expect(server.requests.map(\.firstByte) == [nil, 100_000])
  }
}

/// Something else happened than the test expects.
struct Unexpected: Error {}
