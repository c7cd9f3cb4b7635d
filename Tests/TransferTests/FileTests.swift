// The final name, an existing file of that name, and bodies that are too short, too long, or silently truncated.

import Foundation
import Platform
import TestSupport
import Testing
import Transfer

@Suite struct FileTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test("An existing file is kept until the new one is complete and correct") func replacing() throws {
    let old = Array("old".utf8)
    let server = try LoopbackServer { request, _ in .file(content, request) }
    var wrong = download(server.url + "/file", scratch)
    wrong.digest = Digest(.sha256, sha256OfNothing)
    scratch.write("file", old)
    guard case .digest? = failure(wrong) else { throw Unexpected() }
    #expect(scratch.bytes() == old && scratch.names == ["file"])
    let seen = scratch.target
    var observer = TransferObserver()
    observer.accepting = { _, _ in FileManager.default.contents(atPath: seen).map(Array.init) == old }
    try download(server.url + "/file", scratch).run(observer)
    #expect(scratch.bytes() == content && scratch.names == ["file"])
  }

  @Test("A complete file with a wrong digest is not fetched again, neither for MD5 nor for SHA-256")
  func wrongDigests() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    for digest in [Digest(.sha256, sha256OfNothing), Digest(.md5, "900150983cd24fb0d6963f7d28e17f72")] {
      var download = download(server.url + "/file", scratch)
      download.digest = digest
      let before = server.requests.count
      guard case .digest(_, let found, let expected)? = failure(download) else { throw Unexpected() }
      #expect(expected == digest && found.algorithm == digest?.algorithm && scratch.names.isEmpty)
      #expect(server.requests.count == before + 1)
    }
  }

  @Test("A known digest takes precedence over the server's") func ownDigest() throws {
    let server = try LoopbackServer { _, _ in
      .init(headers: [("X-Linked-ETag", "\"\(sha256OfNothing)\"")], body: Array("abc".utf8))
    }
    var download = download(server.url + "/file", scratch)
    download.digest = Digest(.md5, "900150983cd24fb0d6963f7d28e17f72")
    try download.run()
    #expect(scratch.bytes() == Array("abc".utf8))
  }

  @Test("The file must have the size that the hub states", arguments: [299_999, 300_001])
  func linkedSize(stated: Int) throws {
    let server = try LoopbackServer { _, _ in .init(headers: [("X-Linked-Size", "\(stated)")], body: content) }
    guard case .size(_, 300_000, stated)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
    // A known size takes precedence.
    var known = download(server.url + "/file", scratch)
    known.bytes = 300_000
    try known.run()
    #expect(scratch.bytes() == content)
  }

  @Test("Without a length, a surplus byte is an error as soon as it arrives") func noLength() throws {
    let server = try LoopbackServer { _, _ in
      var reply = LoopbackServer.Reply(body: content)
      reply.announced = -1
      return reply
    }
    for expected in [299_999, 300_001] {
      var download = download(server.url + "/file", scratch)
      download.bytes = expected
      guard case .size(_, let found, expected)? = failure(download) else { throw Unexpected() }
      #expect(found > 299_999 && scratch.names.isEmpty)
    }
    var download = download(server.url + "/file", scratch)
    download.bytes = 300_000
    try download.run()
    #expect(scratch.bytes() == content)
  }

  @Test("Surplus bytes are refused on arrival, not at the end") func endless() throws {
    let server = try LoopbackServer { _, _ in
      var reply = LoopbackServer.Reply(body: content)
      reply.announced = -1
      reply.breaksAfter = 200_000
      reply.hangs = true
      return reply
    }
    var download = download(server.url + "/file", scratch)
    download.bytes = 100_000
    download.policy.attempts = 1
    download.policy.lowSpeedTime = 2
    guard case .size(_, let found, 100_000)? = failure(download) else { throw Unexpected() }
    #expect(found > 100_000 && scratch.names.isEmpty)
  }

  /// `chunked` (RFC 9112, 7.1) gives no length, but marks the end.
  @Test func chunksThatAreCutOff() throws {
    @Sendable func chunks(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      let middle = bytes.startIndex + bytes.count / 2
      return [bytes[..<middle], bytes[middle...], []].flatMap { piece in
        Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
      }
    }
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if reply.status == 416 { return reply }
      reply.headers.append(("Transfer-Encoding", "chunked"))
      reply.announced = -1
      reply.body = chunks(content[(request.firstByte ?? 0)...])
      if number == 0 { reply.breaksAfter = 200_000 }
      // All bytes, but no end mark.
      if number == 1 { reply.breaksAfter = reply.body.count - 5 }
      return reply
    }
    try download(server.url + "/file", scratch).run()
    #expect(scratch.bytes() == content && scratch.names == ["file"])
    #expect(server.requests[0].firstByte == nil && server.requests[1].firstByte ?? 0 > 100_000)
  }

  @Test("The body of an error or a redirect is not part of the file") func pages() throws {
    let page = [UInt8](repeating: 1, count: 1000)
    let server = try LoopbackServer { request, number in
      if request.target == "/file" { return .init(status: 302, headers: [("Location", "/next")], body: page) }
      return number < 3 ? .init(status: 500, body: page) : .file(content, request)
    }
    try download(server.url + "/file", scratch).run()
    #expect(scratch.bytes() == content && server.requests.count == 4)
  }

  // === Requests ===

  @Test("A request has the user agent, and only the given credentials") func requests() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    var download = download(server.url + "/a%20b?c=d", scratch)
    download.agent = "esmfold/0"
    try download.run()
    let request = server.requests[0]
    #expect(request.method == "GET" && request.target == "/a%20b?c=d" && request.headers["user-agent"] == "esmfold/0")
    #expect(Set(request.headers.keys) == ["host", "user-agent", "accept"])
  }

  @Test("Neither token nor password is sent to another port of the same host") func otherPorts() throws {
    let storage = try LoopbackServer { request, _ in .file(content, request) }
    let hub = try LoopbackServer { _, _ in .init(status: 302, headers: [("Location", storage.url + "/there")]) }
    for (user, token) in [("", "secret"), ("me:secret@", nil)] as [(String, String?)] {
      var download = download("http://\(user)127.0.0.1:\(hub.port)/file", scratch)
      download.bearer = token
      try download.run()
      #expect(hub.requests.last?.headers["authorization"] != nil && storage.requests.last != nil)
      #expect(storage.requests.last?.headers["authorization"] == nil)
    }
  }

  // === Paths that are not files ===

  @Test func aFolderInTheWay() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    for (name, path) in [("file", "file"), ("file.part", "file.part")] {
      try FileManager.default.createDirectory(atPath: "\(scratch.path)/\(path)", withIntermediateDirectories: false)
      guard case .system(let error)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
      #expect(error.path == "\(scratch.path)/\(name)")
      Download.removeParts(of: scratch.target)
      try FileManager.default.removeItem(atPath: "\(scratch.path)/\(path)")
    }
  }
}
