// Answers without end: explanations, headers, and files whose size is not stated.

import Foundation
import TestSupport
import Testing
import Transfer

@Suite struct EndlessAnswerTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test("An explanation without end is not read to its end", arguments: [404, 503])
  func endlessExplanations(_ status: Int) throws {
    let server = try LoopbackServer { _, _ in
      var reply = LoopbackServer.Reply(status: status, body: [UInt8](repeating: 65, count: 1 << 16))
      (reply.announced, reply.isEndless) = (-1, true)
      return reply
    }
    guard case .status(_, status)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
    #expect(server.requests.count == (status == 404 ? 1 : 4) && scratch.names.isEmpty)
    // What lies in buffers on the way may be some megabytes each time; without end it is a gigabyte.
    #expect(server.endlessBytes < 256 << 20)
  }

  @Test("Headers without end are an error") func endlessHeaders() throws {
    let server = try LoopbackServer { _, _ in
      .init(headers: (0..<30_000).map { ("X-\($0)", String(repeating: "a", count: 90)) }, body: [1])
    }
    // Later versions of libcurl have a limit of their own, which is reported as a broken connection.
    switch failure(download(server.url + "/file", scratch)) {
    case .request: #expect(server.requests.count == 1)
    case .broken: #expect(server.requests.count == 4)
    default: throw Unexpected()
    }
    #expect(scratch.names.isEmpty)
  }

  @Test("A file has a largest size, stated or not", arguments: [true, false]) func tooLarge(_ isStated: Bool) throws {
    let server = try LoopbackServer { request, _ in
      var reply = LoopbackServer.Reply.file(content, request)
      if !isStated { (reply.announced, reply.isEndless) = (-1, true) }
      return reply
    }
    var download = download(server.url + "/file", scratch)
    download.largest = 299_999
    guard case .tooLarge(_, let bytes, isStated, 299_999)? = failure(download) else { throw Unexpected() }
    #expect(isStated ? bytes == 300_000 : bytes > 299_999 && bytes < 299_999 + (1 << 20))
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
  }

  @Test func aFileOfTheLargestSizeIsTaken() throws {
    let server = try LoopbackServer { request, _ in .file(content, request) }
    var download = download(server.url + "/file", scratch)
    download.largest = 300_000
    try download.run()
    #expect(scratch.bytes() == content)
  }
}
