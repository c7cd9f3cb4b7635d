// How often a download retries, how long it waits, and what stops it.

import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import Transfer

@Suite struct PatienceTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Sends this many bytes of each request's piece, then breaks the connection.
  private func server(_ step: Int) throws -> LoopbackServer {
    try LoopbackServer { request, _ in
      var reply = LoopbackServer.Reply.file(content, request)
      reply.breaksAfter = step
      return reply
    }
  }

  /// The count of attempts restarts after 1000 bytes, whether from one attempt or three, and never before.
  @Test(arguments: [(30_000, 10), (1000, 300), (334, 899), (333, 7), (249, 4), (0, 4)])
  func attemptsAreCountedByProgress(step: Int, requests: Int) throws {
    let server = try server(step)
    var download = download(server.url + "/file", scratch)
    download.policy.firstWait = 0
    download.policy.longestWait = 0
    let isDone = requests >= 10
    #expect((failure(download) == nil) == isDone)
    #expect(server.requests.count == requests)
    #expect(scratch.bytes() == (isDone ? content : nil))
    let left = step == 0 ? [] : ["file.part", "file.part.resume"]
    #expect(scratch.names == (isDone ? ["file"] : left))
  }

  @Test func waitsAreCappedAndNotAllTheSame() throws {
    let server = try LoopbackServer { _, _ in .init(status: 503) }
    var download = download(server.url + "/file", scratch)
    download.policy.attempts = 9
    let told = Told()
    #expect(failure(download, told.observer) != nil)
    let longest = [0.01, 0.02, 0.04, 0.05, 0.05, 0.05, 0.05, 0.05]
    try #require(told.waits.count == longest.count)
    for (wait, longest) in zip(told.waits, longest) { #expect(wait >= longest / 2 && wait <= longest) }
    // Eight shares between a half and one that all lie within a hundredth are not a coincidence (1e-11).
    let shares = zip(told.waits, longest).map { $0 / $1 }
    #expect((shares.max() ?? 0) - (shares.min() ?? 0) > 0.01)
  }

  @Test("A redirect to an unreachable server counts as an answer") func answersCount() throws {
    let (nobody, port) = try Loopback.listener(refuses: true)
    defer { close(nobody) }
    let target = "http://127.0.0.1:\(port)/there"
    let server = try LoopbackServer { _, _ in .init(status: 302, headers: [("Location", target)]) }
    let told = Told()
    let error = failure(download(server.url + "/file", scratch), told.observer)
    guard case .unreachable? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(told.waits.count == 3 && server.requests.count == 4)
  }

  @Test("A server that answered once is retried like a reachable one") func answersAreRemembered() throws {
    let place = Place()
    let server = try LoopbackServer { _, _ in
      // It disappears after answering.
      place.server.withLock { $0?.stop() }
      return .init(status: 503)
    }
    place.server.withLock { $0 = server }
    defer { place.server.withLock { $0 = nil } }
    let told = Told()
    #expect(failure(download(server.url + "/file", scratch), told.observer) != nil)
    #expect(told.waits.count == 3)
  }

  private final class Place: Sendable {
    let server = Mutex<LoopbackServer?>(nil)
  }

  // === Retry-After ===

  @Test("The longest allowed Retry-After is honoured", arguments: [1, 0])
  func retryAfterAtItsLimit(limit: Int) throws {
    let server = try LoopbackServer { request, number in
      number == 0 ? .init(status: 503, headers: [("retry-after", "1")]) : .file(content, request)
    }
    var download = download(server.url + "/file", scratch)
    download.policy.longestRetryAfter = limit
    let told = Told()
    switch failure(download, told.observer) {
    case nil: #expect(limit == 1 && told.waits == [1] && scratch.bytes() == content)
    case .busy(_, 503, 1)?: #expect(limit == 0 && told.waits.isEmpty && server.requests.count == 1)
    default: throw Unexpected()
    }
  }

  @Test("Retry-After as a date") func retryAfterADate() throws {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    let date = format.string(from: Date(timeIntervalSinceNow: 7200))
    let server = try LoopbackServer { _, _ in .init(status: 429, headers: [("Retry-After", date)]) }
    guard case .busy(_, 429, let seconds)? = failure(download(server.url + "/file", scratch)) else {
      throw Unexpected()
    }
    #expect((3600...7201).contains(seconds) && server.requests.count == 1)
  }

  @Test("Bytes received are kept while a server is busy") func busyInBetween() throws {
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number == 0 { reply.breaksAfter = 50_000 }
      return number == 1 ? .init(status: 503, headers: [("ETag", "\"page\"")], body: Array("busy".utf8)) : reply
    }
    let told = Told()
    try download(server.url + "/file", scratch).run(told.observer)
    #expect(scratch.bytes() == content && told.restarts == 0)
    #expect(server.requests.map(\.firstByte) == [nil, 50_000, 50_000])
    #expect(server.requests[2].headers["if-range"] == "\"v1\"")
  }

  // === Stopping ===

  @Test("A download is stopped during a wait, not after it") func stoppedWhileWaiting() throws {
    let server = try LoopbackServer { request, number in
      number == 0 ? .init(status: 503) : .file(Array("abc".utf8), request)
    }
    var download = download(server.url + "/file", scratch)
    (download.policy.firstWait, download.policy.longestWait) = (10, 10)
    // A wait polls fifty times a second; a transfer of three bytes ends before that many polls.
    var isWaiting = false, asked = 0
    var observer = TransferObserver()
    observer.event = { if case .waiting = $0 { isWaiting = true } }
    observer.isCancelled = {
      if isWaiting { asked += 1 }
      return asked == 25
    }
    guard case .cancelled? = failure(download, observer) else { throw Unexpected() }
    #expect(server.requests.count == 1 && scratch.names.isEmpty)
  }

  @Test("A stalled transfer polls for cancellation") func stoppedBeforeAnAnswer() throws {
    let (listener, port) = try Loopback.listener()
    defer { close(listener) }
    var asked = 0
    var observer = TransferObserver()
    observer.isCancelled = {
      asked += 1
      return asked == 3
    }
    var download = download("http://127.0.0.1:\(port)/file", scratch)
    download.policy.lowSpeedTime = 20
    guard case .cancelled? = failure(download, observer) else { throw Unexpected() }
    #expect(scratch.names.isEmpty)
  }

  // === What is reported ===

  @Test("Progress covers the whole file, and the size is reported before the first byte is stored") func progress()
    throws
  {
    let seen = Atomic(0)
    let server = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number == 0 { reply.breaksAfter = 50_000 }
      // The rest is sent once the progress so far has been seen.
      if number == 1 { reply.holds = (after: 10_000, until: { seen.load(ordering: .relaxed) >= 60_000 }) }
      return reply
    }
    var told: [Int] = [], accepted: [[Int]] = []
    var observer = TransferObserver()
    observer.progress = {
      told.append($0.bytes)
      if $0.total != content.count { Issue.record("a total of \(String(describing: $0.total))") }
      seen.store($0.bytes, ordering: .relaxed)
    }
    observer.accepting = { total, present in
      accepted.append([total, present])
      return true
    }
    let end = ContinuousClock.now + .seconds(20)
    observer.isCancelled = { ContinuousClock.now > end }
    try download(server.url + "/file", scratch).run(observer)
    #expect(scratch.bytes() == content && told == told.sorted() && told.last == content.count)
    #expect(accepted == [[300_000, 0], [300_000, 50_000]])
  }

  @Test("A size can also be refused when a download resumes") func refusedLater() throws {
    let server = try server(50_000)
    var observer = TransferObserver()
    observer.accepting = { _, present in present == 0 }
    guard case .refused(_, 300_000)? = failure(download(server.url + "/file", scratch), observer) else {
      throw Unexpected()
    }
    #expect(scratch.names == ["file.part", "file.part.resume"] && server.requests.count == 2)
  }
}
