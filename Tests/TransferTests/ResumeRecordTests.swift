// The record of an unfinished download, line by line, and what a later run accepts of it.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing
import Transfer

@Suite struct ResumeRecordTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private static let date = "Mon, 06 Jan 2025 10:00:00 GMT"
  /// SHA-256 of `content`; made by `digestOfContent`, which FIPS vectors have tested.
  private func digestOfContent() throws -> String {
    scratch.write("truth", content)
    defer { try? FileManager.default.removeItem(atPath: scratch.path + "/truth") }
    return try Digest(ofFile: scratch.path + "/truth").hexadecimal
  }

  private func record() -> String? {
    scratch.bytes("file.part.resume").map { String(decoding: $0, as: UTF8.self) }
  }

  // === Written ===

  struct Answer: Sendable, CustomTestStringConvertible {
    let headers: [(String, String)]
    var hasLength = true
    let lines: [String]
    var testDescription: String { "\(headers)" }
  }

  @Test(arguments: [
    Answer(headers: [], lines: ["bytes 300000"]),
    Answer(headers: [("ETag", "\"a b\"")], lines: ["etag \"a b\"", "bytes 300000"]),
    Answer(headers: [("ETAG", "\t \"v1\" \t")], hasLength: false, lines: ["etag \"v1\""]),
    Answer(
      headers: [("ETag", "W/\"v1\""), ("Last-Modified", date)], lines: ["last-modified \(date)", "bytes 300000"]),
    Answer(headers: [("ETag", "\"\"")], lines: ["bytes 300000"]),
    Answer(headers: [("ETag", "v1")], lines: ["bytes 300000"]),
    Answer(headers: [("ETag", "\"v1")], lines: ["bytes 300000"]),
    Answer(headers: [("X-ETag", "\"v1\""), ("ETag-Of-Nothing", "\"v1\"")], lines: ["bytes 300000"]),
    // A continuation line is not a separate header (RFC 9112, 5.2).
    Answer(headers: [("X-Long", "a\r\n ETag: \"v1\"\r\n\tLast-Modified: \(date)")], lines: ["bytes 300000"]),
    Answer(
      headers: [("last-modified", date), ("etag", "\"v1\""), ("X-Linked-ETag", "\"\(sha256OfNothing)\"")],
      lines: ["etag \"v1\"", "last-modified \(date)", "bytes 300000", "sha256 \(sha256OfNothing)"]),
    Answer(
      headers: [("x-linked-etag", sha256OfNothing.uppercased())], lines: ["bytes 300000", "sha256 \(sha256OfNothing)"]),
  ])
  func whatTheServerSaid(_ answer: Answer) throws {
    let server = try LoopbackServer { _, _ in
      var reply = LoopbackServer.Reply(headers: answer.headers, body: content)
      reply.breaksAfter = 50_000
      reply.hangs = true
      if !answer.hasLength { reply.announced = -1 }
      return reply
    }
    // Stopped once the bytes have arrived, whatever their headers.
    var observer = TransferObserver()
    let part = scratch.target + ".part", end = ContinuousClock.now + .seconds(20)
    observer.isCancelled = {
      ContinuousClock.now > end || (FileManager.default.contents(atPath: part)?.count ?? 0) >= 50_000
    }
    guard case .cancelled? = failure(download(server.url + "/file", scratch), observer) else { throw Unexpected() }
    let lines = ["url \(server.url)/file"] + answer.lines + ["end"]
    #expect(record() == lines.map { $0 + "\n" }.joined())
    #expect(scratch.bytes("file.part") == Array(content[..<50_000]))
  }

  @Test("Of the headers of a redirecting server only digest and size apply to the file")
  func redirects() throws {
    let other = String(repeating: "0", count: 64)
    let server = try LoopbackServer { request, _ in
      if request.target == "/file" {
        let headers = [
          ("Location", "/storage"), ("ETag", "\"hub\""), ("Last-Modified", Self.date), ("X-Linked-Size", "300000"),
          ("X-Linked-ETag", "\"\(sha256OfNothing)\""),
        ]
        return .init(status: 302, headers: headers)
      }
      // The storage host's size and digest come too late.
      var reply = LoopbackServer.Reply(headers: [("X-Linked-ETag", other), ("X-Linked-Size", "7")], body: content)
      reply.breaksAfter = 50_000
      return reply
    }
    var download = download(server.url + "/file", scratch)
    download.policy.attempts = 1
    guard case .broken? = failure(download) else { throw Unexpected() }
    #expect(record() == "url \(server.url)/file\nbytes 300000\nsha256 \(sha256OfNothing)\nend\n")
  }

  @Test("It exists before the first byte, which could otherwise be another file's")
  func beforeTheFirstByte() throws {
    try FileManager.default.createDirectory(
      atPath: scratch.target + ".part.resume", withIntermediateDirectories: false)
    let server = try LoopbackServer { request, _ in .file(content, request) }
    guard case .system(let error)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(error == SystemError(path: scratch.target + ".part.resume", action: "create", code: EISDIR))
    #expect(scratch.names == ["file.part.resume"], "an empty part file is of no use")
  }

  // === Accepted ===

  struct Known: Sendable, CustomTestStringConvertible {
    var lines: [String]
    var part = 100_000
    /// The `If-Range` of the next request; nil if everything is fetched again.
    let ifRange: String?
    var isUsed = true
    var testDescription: String { "\(lines), \(part) bytes" }
  }

  @Test(arguments: [
    Known(lines: ["etag \"v1\""], ifRange: "\"v1\""),
    Known(lines: ["etag \"v1\"", "bytes 300000"], ifRange: "\"v1\""),
    Known(lines: ["last-modified \(date)"], ifRange: date),
    Known(lines: ["etag \"v1\"", "last-modified \(date)"], ifRange: "\"v1\""),
    Known(lines: ["sha256 DIGEST"], ifRange: nil),
    Known(lines: ["sha256 DIGEST", "bytes 300000"], part: 299_999, ifRange: nil),
    // Nothing identifies the file.
    Known(lines: [], ifRange: nil, isUsed: false),
    Known(lines: ["bytes 300000"], ifRange: nil, isUsed: false),
    // More than the whole file.
    Known(lines: ["etag \"v1\"", "bytes 99999"], ifRange: nil, isUsed: false),
    Known(lines: ["etag \"v1\"", "bytes 300000"], part: 300_001, ifRange: nil, isUsed: false),
    // From another version of the program.
    Known(lines: ["etag \"v1\"", "colour blue"], ifRange: nil, isUsed: false),
  ])
  func anEarlierRunsRecord(_ known: Known) throws {
    let server = try LoopbackServer { request, _ in
      .file(content, request, lastModified: request.headers["if-range"] == Self.date ? Self.date : nil)
    }
    let digest = try digestOfContent()
    let lines = ["url \(server.url)/file"] + known.lines.map { $0.replacing("DIGEST", with: digest) } + ["end"]
    scratch.write("file.part", Array((content + [0])[..<known.part]))
    scratch.write("file.part.resume", Array(lines.map { $0 + "\n" }.joined().utf8))
    let told = Told()
    let found = try download(server.url + "/file", scratch).run(told.observer)
    #expect(found.hexadecimal == digest && scratch.bytes() == content && scratch.names == ["file"])
    #expect(server.requests.map(\.firstByte) == [known.isUsed ? known.part : nil])
    #expect(server.requests[0].headers["if-range"] == known.ifRange)
    #expect(told.resumptions == (known.isUsed ? [known.part] : []) && told.restarts == 0)
  }

  @Test("A truncated record is not used") func cutOff() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    let whole = Array("url \(server.url)/file\netag \"v1\"\nlast-modified \(Self.date)\nbytes 300000\nend\n".utf8)
    for length in 0..<whole.count - 1 {
      scratch.write("file.part", Array(content[..<10]))
      scratch.write("file.part.resume", Array(whole[..<length]))
      try download(server.url + "/file", scratch).run()
      #expect(scratch.bytes() == content)
    }
    #expect(server.requests.count == whole.count - 1)
    #expect(server.requests.allSatisfy { $0.firstByte == nil })
  }

  @Test("A size that changed since the earlier run") func anotherSize() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    scratch.write("file.part", [UInt8](repeating: 0, count: 1000))
    scratch.write("file.part.resume", Array("url \(server.url)/file\netag \"v1\"\nbytes 300001\nend\n".utf8))
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    // The whole file is requested at once.
    #expect(scratch.bytes() == content && told.restarts == 1 && told.waits.isEmpty)
    #expect(server.requests.map(\.firstByte) == [1000, nil])
  }

  @Test("A part that does not match the record's digest is fetched again completely, and only once")
  func anotherDigest() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    let digest = try digestOfContent()
    for (part, first) in [(1000, [1000, nil]), (300_000, [nil])] as [(Int, [Int?])] {
      let before = server.requests.count
      scratch.write("file.part", [UInt8](repeating: 0, count: part))
      let text = "url \(server.url)/file\netag \"v1\"\nbytes 300000\nsha256 \(digest)\nend\n"
      scratch.write("file.part.resume", Array(text.utf8))
      let told = Told()
      try download(server.url + "/file", scratch).run(told.observer)
      #expect(scratch.bytes() == content && told.restarts == 1 && told.resumptions == [part])
      #expect(server.requests[before...].map(\.firstByte) == first)
    }
  }

  @Test("Local files are always read from the beginning") func filesOfThisMachine() throws {
    scratch.write("source", content)
    for scheme in ["file", "FILE"] {
      let url = "\(scheme)://\(scratch.path)/source"
      scratch.write("file.part", [UInt8](repeating: 0, count: 1000))
      scratch.write("file.part.resume", Array("url \(url)\netag \"v1\"\nend\n".utf8))
      let told = Told()
      try download(url, scratch).run(told.observer)
      #expect(scratch.bytes() == content && told.resumptions.isEmpty)
    }
  }

  /// Longer than the block in which files are read: 3,000,000 letters `a` (by sha256sum).
  @Test func aLongPartIsReadWhole() throws {
    let long = [UInt8](repeating: UInt8(ascii: "a"), count: 3_000_000)
    let digest = "2a152c894398719c0570f83fac34ac03a0f6e8e474b995c2403aa5434f7b9dd4"
    let server = try LoopbackServer { request, _ in .file(long, request) }
    scratch.write("file.part", Array(long[..<2_500_000]))
    scratch.write("file.part.resume", Array("url \(server.url)/file\netag \"v1\"\nend\n".utf8))
    #expect(try download(server.url + "/file", scratch).run().hexadecimal == digest)
    #expect(try Digest(ofFile: scratch.target).hexadecimal == digest && scratch.bytes() == long)
    #expect(server.requests.map(\.firstByte) == [2_500_000])
  }
}
