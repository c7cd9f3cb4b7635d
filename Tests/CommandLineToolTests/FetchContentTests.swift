// Answers that are not the file: pages of networks that ask to log in, of proxies and of broken servers. None gets the name
// of a file of the model, and a file of that name from an earlier version is found out.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct FetchContentTests {
  private static let page =
    "\n<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Welcome\u{1B}[31m</body></html>"

  /// What may come in place of a file.
  struct Answer: CustomStringConvertible, Sendable {
    let file: String
    let content: [UInt8]
    /// What the message says of it.
    let found: String
    var description: String { "\(file): \(found)" }
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static let answers: [Answer] =
    ["config.json", Hub.weights].flatMap { file in
      [
        Answer(
          file: file, content: bytes(page), found: "a page of HTML or XML that begins \"<!DOCTYPE html> <html><head>"),
        Answer(file: file, content: bytes("Please log in."), found: "something else that begins \"Please log in.\""),
        Answer(file: file, content: [], found: "an empty file"),
      ]
    } + [
      Answer(file: "config.json", content: bytes("[]"), found: "something else that begins \"[]\""),
      Answer(
        file: "config.json", content: bytes("{\"error\": \"quota\\u001b\"}"),
        found: "an object with \"error\""),
      Answer(
        file: "config.json", content: bytes("{\"model_type\": \"e"), found: "something else that begins \"{\"model_t"),
      Answer(file: Hub.weights, content: bytes("{\"error\": \"quota\"}"), found: "something else that begins"),
      // A header of 16 bytes, of which there are fewer; one that is no JSON; and a zip file without its end.
      Answer(file: Hub.weights, content: [16, 0, 0, 0, 0, 0, 0, 0] + bytes("{\"a\"}"), found: "header length with 16"),
      Answer(file: Hub.weights, content: [4, 0, 0, 0, 0, 0, 0, 0] + bytes("{<p>"), found: "a header with "),
      Answer(
        file: Hub.weights, content: [0x50, 0x4B, 3, 4] + bytes(page), found: "zip directory with no end record"),
    ]

  @Test("Nothing of it is kept, and the same command then fetches the file", arguments: answers, [false, true])
  func pages(_ answer: Answer, _ isStated: Bool) throws {
    let hub = try Hub { reply, request, number in
      guard request.target.hasSuffix(answer.file), number == 0 else { return }
      reply = .init(headers: [("Content-Type", "text/html; charset=\"utf-8\"")], body: answer.content)
      // Without a length the file ends where the connection does.
      if !isStated { reply.announced = -1 }
      // The server's digest is that of what it sends.
    }
    let ran = try hub.fetch()
    #expect(ran.status == 1 && ran.output.isEmpty)
    #expect(
      ran.error.contains("/\(answer.file): content: found \(answer.found)")
        && ran.error.contains("\nhint: a network that asks to log in, a proxy or a firewall"), "\(ran.error)")
    if !answer.content.isEmpty { #expect(ran.error.contains("(Content-Type: \"text/html; charset=\"utf-8\"\")")) }
    #expect(!ran.error.contains("\u{1B}"))
    let left = hub.scratch.names("cache/downloads/\(Hub.name)")
    #expect(left == (answer.file == "config.json" ? [] : ["config.json"]))
    let again = try hub.fetch()
    #expect(again.status == 0, "\(again.error)")
    try hub.expectWorks()
  }

  @Test(
    "A page that an earlier version has kept under the file's name is replaced", arguments: answers,
    [[], ["--overwrite"]])
  func earlierVersions(_ answer: Answer, _ options: [String]) throws {
    let hub = try Hub()
    try FileManager.default.createDirectory(atPath: hub.downloads, withIntermediateDirectories: true)
    _ = try hub.scratch.file("cache/downloads/\(Hub.name)/\(answer.file)", Data(answer.content))
    let offline = try hub.fetch(["--offline"])
    #expect(offline.status == 1 && offline.output.isEmpty)
    let ran = try hub.fetch(options)
    #expect(ran.status == 0 && ran.error.contains("\(answer.file): found \(answer.found)"), "\(ran.error)")
    #expect(ran.error.contains(": it is downloaded again"))
    try hub.expectWorks()
  }

  @Test("Whatever digest the server states, a page is told as one") func statedDigest() throws {
    let hub = try Hub { reply, request, _ in
      guard request.target.hasSuffix(Hub.weights) else { return }
      reply = .init(
        headers: [("X-Linked-ETag", "\"\(String(repeating: "0", count: 64))\"")], body: Self.bytes(Self.page))
    }
    let ran = try hub.fetch()
    #expect(ran.status == 1 && ran.error.contains("content: found a page of HTML or XML that begins"), "\(ran.error)")
  }

  @Test("Files without a length have an end", arguments: ["config.json", Hub.weights]) func endless(_ file: String)
    throws
  {
    let hub = try Hub { reply, request, number in
      guard request.target.hasSuffix(file), number == 0 else { return }
      (reply.announced, reply.isEndless) = (-1, true)
    }
    let ran = try hub.fetch()
    // A configuration, or a quarter more than these weights are said to have.
    let limit = file == "config.json" ? 1 << 20 : 39_250_000
    #expect(ran.status == 1 && ran.error.contains("/\(file): size: found at least "), "\(ran.error)")
    #expect(ran.error.contains("bytes, expected at most \(limit)\nhint: "))
    #expect(hub.scratch.names("cache/downloads/\(Hub.name)") == (file == "config.json" ? [] : ["config.json"]))
    #expect(try hub.fetch().status == 0)
  }

  @Test("A network that asks to log in may say so") func status511() throws {
    let hub = try Hub { reply, _, _ in reply = .init(status: 511, body: Self.bytes(Self.page)) }
    let ran = try hub.fetch()
    #expect(
      ran.status == 1
        && ran.error.contains("status 511 (network authentication required), expected 200\nhint: the network"))
  }
}
