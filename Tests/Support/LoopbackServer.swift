// A real HTTP server on a loopback port that misbehaves as a test tells it to.

import Foundation
import Glibc
import Synchronization

/// Serves its handler's replies, one request per connection.
package final class LoopbackServer: Sendable {
  /// A client's request.
  package struct Request: Sendable {
    package let method: String
    /// The path, or the whole URL of a request to a proxy.
    package let target: String
    /// Keyed by names in lower case.
    package let headers: [String: String]

    /// The request without a header.
    package func without(_ name: String) -> Request {
      Request(method: method, target: target, headers: headers.filter { $0.key != name })
    }

    /// The first byte requested; nil without a range.
    package var firstByte: Int? {
      headers["range"].flatMap { $0.hasPrefix("bytes=") && $0.hasSuffix("-") ? Int($0.dropFirst(6).dropLast()) : nil }
    }
  }

  /// The reply.
  package struct Reply: Sendable {
    package var status = 200
    /// What the status line says after the number.
    package var reason = "Reply"
    package var headers: [(String, String)] = []
    package var body: [UInt8] = []
    /// The Content-Length to announce; nil for the body's, negative for none.
    package var announced: Int?
    /// The connection is closed after this many bytes of the body.
    package var breaksAfter: Int?
    /// The body is sent again and again, until the client closes the connection or has a gigabyte.
    package var isEndless = false
    /// After `breaksAfter` bytes nothing more is sent, but the connection stays open.
    package var hangs = false
    /// The body is sent in pieces of this many bytes, each followed by a pause in microseconds.
    package var pieces: (bytes: Int, pause: UInt32)?

    /// After this many bytes the rest waits until the condition holds.
    package var holds: (after: Int, until: @Sendable () -> Bool)?

    package init(status: Int = 200, headers: [(String, String)] = [], body: [UInt8] = []) {
      self.status = status
      self.headers = headers
      self.body = body
    }

    /// A file as a well-behaved server sends it: with ranges, honouring `If-Range` (RFC 9110, 13.1.5 and 14).
    package static func file(
      _ content: [UInt8], _ request: Request, etag: String? = "\"v1\"", lastModified: String? = nil
    ) -> Reply {
      var reply = Reply(headers: [("Accept-Ranges", "bytes")], body: content)
      if let etag { reply.headers.append(("ETag", etag)) }
      if let lastModified { reply.headers.append(("Last-Modified", lastModified)) }
      guard let first = request.firstByte else { return reply }
      let condition = request.headers["if-range"]
      guard condition == nil || condition == etag || condition == lastModified else { return reply }
      guard first < content.count else {
        reply.status = 416
        reply.body = []
        reply.headers.append(("Content-Range", "bytes */\(content.count)"))
        return reply
      }
      reply.status = 206
      reply.body = Array(content[first...])
      reply.headers.append(("Content-Range", "bytes \(first)-\(content.count - 1)/\(content.count)"))
      return reply
    }
  }

  package typealias Handler = @Sendable (_ request: Request, _ number: Int) -> Reply

  /// The port on 127.0.0.1.
  package let port: Int
  private let listener: Int32
  private let handler: Handler
  private let log = Mutex<[Request]>([])
  private let isOver = Atomic(false)
  /// Bytes of bodies without end that clients have taken.
  private let endless = Atomic(0)
  package var endlessBytes: Int { endless.load(ordering: .relaxed) }

  /// libcurl in this process must not send loopback requests to the machine's proxy.
  private static let withoutProxies: Void = {
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] { unsetenv(name) }
    setenv("no_proxy", "*", 1)
  }()

  /// Starts to listen.
  ///
  /// - Parameter handler: Answers each request; `number` counts them from 0. Called on any thread.
  /// - Throws: `Loopback.Failure` if no port is available.
  package init(_ handler: @escaping Handler) throws {
    _ = Self.withoutProxies
    self.handler = handler
    (listener, port) = try Loopback.listener()
    let listener = listener
    Thread.detachNewThread { [weak self] in
      // Closed here, once nothing can be accepted any more: no other server gets the number while this thread uses it.
      defer { close(listener) }
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        guard let server = self else {
          close(connection)
          continue
        }
        Thread.detachNewThread { server.serve(connection) }
      }
    }
  }

  deinit { stop() }

  /// Closes all connections and accepts no new ones.
  package func stop() {
    guard !isOver.exchange(true, ordering: .sequentiallyConsistent) else { return }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// `http://127.0.0.1:PORT`
  package var url: String { "http://127.0.0.1:\(port)" }

  /// The requests so far.
  package var requests: [Request] { log.withLock { $0 } }

  /// The requests for paths with this ending.
  package func requests(of ending: String) -> [Request] { requests.filter { $0.target.hasSuffix(ending) } }

  // MARK: One connection

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    guard let request = Self.read(connection) else { return }
    let number = log.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }
    let reply = handler(request, number)
    var head = "HTTP/1.1 \(reply.status) \(reply.reason)\r\nConnection: close\r\n"
    let length = reply.announced ?? reply.body.count
    if length >= 0 { head += "Content-Length: \(length)\r\n" }
    for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
    guard Self.write(Array(head.utf8) + Array("\r\n".utf8), to: connection) else { return }
    let body = reply.body[..<min(reply.breaksAfter ?? reply.body.count, reply.body.count)]
    let step = reply.pieces?.bytes ?? reply.holds?.after ?? max(1, body.count)
    for start in stride(from: 0, to: body.count, by: step) {
      guard !isOver.load(ordering: .relaxed),
        Self.write(Array(body[start..<min(start + step, body.count)]), to: connection)
      else { return }
      if let pieces = reply.pieces { usleep(pieces.pause) }
      while let holds = reply.holds, !holds.until(), !isOver.load(ordering: .relaxed) { usleep(10_000) }
    }
    var sent = body.count
    while reply.isEndless, sent < 1 << 30, !isOver.load(ordering: .relaxed), Self.write(Array(body), to: connection) {
      sent += max(1, body.count)
      endless.add(body.count, ordering: .relaxed)
    }
    // The client may give up first.
    while reply.hangs, !isOver.load(ordering: .relaxed), !Self.isClosed(connection) { usleep(10_000) }
    shutdown(connection, Int32(SHUT_WR))
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      let count = recv(connection, &block, block.count, 0)
      guard count > 0, bytes.count < 1 << 16 else { return nil }
      bytes += block[..<count]
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return Request(method: words[0], target: words[1], headers: headers)
  }

  private static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(connection, $0.baseAddress.map { $0 + done }, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private static func isClosed(_ connection: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(connection, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
  }
}
