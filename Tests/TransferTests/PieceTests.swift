// Which piece may continue a file: each requirement of resuming separately, with servers that violate one each.

import TestSupport
import Testing
import Transfer

@Suite struct PieceTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Another file of the same size.
  private static let changed = [UInt8](content.reversed())
  private static let here = 50_000
  private static let (monday, tuesday) = ("Mon, 06 Jan 2025 10:00:00 GMT", "Tue, 07 Jan 2025 10:00:00 GMT")

  /// A server that breaks off after `here` bytes of `content`, and then answers as given by `next`.
  private func server(
    _ first: [(String, String)], _ next: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply
  ) throws -> LoopbackServer {
    try LoopbackServer { request, number in
      guard number == 0 else { return next(request) }
      var reply = LoopbackServer.Reply(headers: first, body: content)
      reply.breaksAfter = Self.here
      return reply
    }
  }

  /// A piece from `here` on, regardless of `If-Range`.
  private static func piece(_ file: [UInt8], _ headers: [(String, String)], from first: Int = here)
    -> LoopbackServer.Reply
  {
    let range = ("Content-Range", "bytes \(first)-\(file.count - 1)/\(file.count)")
    return .init(status: 206, headers: headers + [range], body: Array(file[first...]))
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let before: [(String, String)], now: [(String, String)]
    let isNoticed: Bool
    var testDescription: String { "\(before) and then \(now)" }
  }

  /// The file has the same size but different content: only the headers can tell.
  @Test(arguments: [
    Change(before: [("ETag", "\"v1\"")], now: [("ETag", "\"v2\"")], isNoticed: true),
    Change(before: [("ETag", "\"v1\"")], now: [("ETag", "W/\"v1\"")], isNoticed: true),
    Change(before: [("ETag", "\"v1\"")], now: [("eTaG", "\"V1\"")], isNoticed: true),
    Change(before: [("Last-Modified", monday)], now: [("Last-Modified", tuesday)], isNoticed: true),
    Change(
      before: [("ETag", "W/\"v1\""), ("Last-Modified", monday)],
      now: [("ETag", "W/\"v1\""), ("Last-Modified", tuesday)], isNoticed: true),
    // Servers of the same name may give a file different dates; a strong tag is more reliable.
    Change(
      before: [("ETag", "\"v1\""), ("Last-Modified", monday)], now: [("ETag", "\"v1\""), ("Last-Modified", tuesday)],
      isNoticed: false),
    // Nothing can be concluded from a tag that appears or disappears.
    Change(before: [("ETag", "\"v1\"")], now: [], isNoticed: false),
    Change(
      before: [("Last-Modified", monday)], now: [("Last-Modified", monday), ("ETag", "\"v1\"")], isNoticed: false),
  ])
  func aPieceOfAnotherFileIsNotAppended(_ change: Change) throws {
    let file = change.isNoticed ? Self.changed : content
    let server = try server(change.before) { request in
      request.firstByte == nil ? .init(headers: change.now, body: file) : Self.piece(file, change.now)
    }
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    #expect(scratch.bytes() == file && scratch.names == ["file"])
    #expect(server.requests.map(\.firstByte) == [nil, Self.here] + (change.isNoticed ? [nil] : []))
    #expect(told.restarts == (change.isNoticed ? 1 : 0))
    if change.isNoticed { #expect(server.requests[2].headers["if-range"] == nil) }
  }

  @Test(arguments: [
    "bytes 40000-299999/300000", "bytes 50001-299999/300000", "bytes 49999-299999/300000", "bytes */300000",
    "bytes 50000-299999/300001", "bytes 50000-299999/299999", "bytes 50000-299999", "bytes 50000-300000/300000",
    "bytes 50000-49999/300000", "bytes=50000-299999/300000", "bytes +50000-299999/300000", "items 50000-299999/300000",
  ])
  func aPieceFromElsewhereIsNotAppended(range: String) throws {
    let tag = [("ETag", "\"v1\"")]
    let server = try server(tag) { request in
      request.firstByte == nil
        ? .init(headers: tag, body: content)
        : .init(status: 206, headers: tag + [("Content-Range", range)], body: Array(Self.changed[Self.here...]))
    }
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    #expect(scratch.bytes() == content && told.restarts == 1)
    #expect(server.requests.map(\.firstByte) == [nil, Self.here, nil])
  }

  @Test(arguments: ["bytes 50000-299999/300000", "BYTES 50000-299999/*", " Bytes  50000-299999/300000\t"])
  func theRightPieceIsAppended(range: String) throws {
    let tag = [("ETag", "\"v1\"")]
    let server = try server(tag) { _ in
      .init(status: 206, headers: [("content-RANGE", range)], body: Array(content[Self.here...]))
    }
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    #expect(scratch.bytes() == content && told.restarts == 0 && server.requests.count == 2)
  }

  @Test("A server may send less than requested") func shortPieces() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      guard let first = request.firstByte else {
        reply.breaksAfter = Self.here
        return reply
      }
      let end = min(first + 60_000, content.count)
      reply.body = Array(content[first..<end])
      reply.headers = [("ETag", "\"v1\""), ("Content-Range", "bytes \(first)-\(end - 1)/\(content.count)")]
      return reply
    }
    try download(server.url + "/file", scratch).run()
    #expect(scratch.bytes() == content)
    #expect(server.requests.map(\.firstByte) == [nil, 50_000, 110_000, 170_000, 230_000, 290_000])
  }

  @Test("A piece beyond the end of the file is an error") func tooMuch() throws {
    let tag = [("ETag", "\"v1\"")]
    let server = try server(tag) { _ in
      var reply = Self.piece(content, tag)
      reply.body.append(0)
      return reply
    }
    guard case .size(_, _, 300_000)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(scratch.names.isEmpty && server.requests.count == 2)
  }

  @Test("The download gives up on a server that only sends wrong pieces") func wrongPiecesForEver() throws {
    let server = try LoopbackServer { request, number in
      // Ends even a program that never gives up.
      if number == 20 { return .init(status: 404) }
      var reply = LoopbackServer.Reply.file(content, request)
      reply.breaksAfter = Self.here
      if request.firstByte != nil { reply.headers = [("ETag", "\"v2\"")] + reply.headers.filter { $0.0 != "ETag" } }
      return reply
    }
    let told = Told()
    guard case .range? = failure(download(server.url + "/file", scratch), told.observer) else { throw Unexpected() }
    // The first piece is progress; the same bytes again are not.
    #expect(server.requests.map(\.firstByte) == [nil, Self.here, nil, Self.here] && told.restarts == 2)
  }

  // === Status 416 ===

  @Test(arguments: [
    ("bytes */50000", true), ("bytes */50001", false), ("bytes */49999", false), ("bytes */*", false), ("", false),
  ])
  func noSuchRange(range: String, isComplete: Bool) throws {
    // Without a length, only the server's answer can tell that everything has arrived.
    let server = try LoopbackServer { request, _ in
      if request.firstByte != nil { return .init(status: 416, headers: [("Content-Range", range)], body: [1, 2, 3]) }
      return .init(headers: [("ETag", "\"v1\"")], body: content)
    }
    scratch.write("file.part", Array(content[..<Self.here]))
    scratch.write("file.part.resume", Array("url \(server.url)/file\netag \"v1\"\nend\n".utf8))
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    #expect(scratch.bytes() == (isComplete ? Array(content[..<Self.here]) : content) && scratch.names == ["file"])
    #expect(told.restarts == (isComplete ? 0 : 1))
    #expect(server.requests.map(\.firstByte) == (isComplete ? [Self.here] : [Self.here, nil]))
  }

  @Test("The server's current end of the file is not the stated one") func anEarlierEnd() throws {
    let server = try LoopbackServer { request, _ in
      request.firstByte == nil
        ? .init(headers: [("ETag", "\"v1\"")], body: content)
        : .init(status: 416, headers: [("Content-Range", "bytes */50000")])
    }
    scratch.write("file.part", Array(content[..<Self.here]))
    scratch.write("file.part.resume", Array("url \(server.url)/file\netag \"v1\"\nbytes 300000\nend\n".utf8))
    try download(server.url + "/file", scratch).run()
    #expect(scratch.bytes() == content && server.requests.map(\.firstByte) == [Self.here, nil])
  }

  @Test func noRangeWasAskedFor() throws {
    let server = try LoopbackServer { _, _ in .init(status: 416, headers: [("Content-Range", "bytes */0")]) }
    guard case .status(_, 416)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
  }
}
