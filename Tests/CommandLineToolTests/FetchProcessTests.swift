// Several processes that fetch the same model, and processes that are stopped midway.

import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A flag that one thread sets and another reads.
private final class Flag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}

@Suite(.timeLimit(minutes: 20)) struct FetchProcessTests {
  /// The first request for the weights gets half of them and then hangs until the process ends.
  private static func hangingHub() throws -> Hub {
    try Hub { reply, request, number in
      guard request.target.hasSuffix(Hub.weights), number == 0 else { return }
      reply.breaksAfter = half
      reply.hangs = true
    }
  }

  private static let half = 30_000

  private static func part(_ hub: Hub) -> Int {
    FileManager.default.contents(atPath: "\(hub.downloads)/\(Hub.weights).part")?.count ?? 0
  }

  @Test func theSecondWaitsAndUsesTheModelOfTheFirst() throws {
    // The first one gets the rest once the second one is known to be waiting.
    let isWaiting = Flag()
    let hub = try Hub { reply, request, _ in
      if request.target.hasSuffix(Hub.weights) { reply.holds = (Self.half, { isWaiting.isSet }) }
    }
    let first = try hub.start()
    Hub.wait { Self.part(hub) == Self.half }
    let second = try hub.start()
    // A process that does not wait would request the weights.
    second.wait {
      second.errorSoFar.contains("another process is fetching \(Hub.name): waiting")
        || hub.server.requests(of: Hub.weights).count > 1
    }
    isWaiting.set()
    let ran = [first.ended(), second.ended()]
    #expect(ran.map(\.status) == [0, 0])
    #expect(ran.map(\.output) == [hub.imported + "\n", hub.imported + "\n"])
    #expect(ran[1].error.contains("has been fetched by another process"))
    #expect(hub.server.requests(of: Hub.weights).count == 1)
    #expect(hub.scratch.names("cache/downloads").isEmpty)
    try hub.expectWorks()
  }

  @Test func theSecondGoesOnWhereAKilledFirstWas() throws {
    let hub = try Self.hangingHub()
    let first = try hub.start()
    Hub.wait { Self.part(hub) == Self.half }
    let second = try hub.start()
    second.wait {
      second.errorSoFar.contains("waiting until it is done") || hub.server.requests(of: Hub.weights).count > 1
    }
    first.send(SIGKILL)
    #expect(first.ended().status == nil)
    let ran = second.ended()
    #expect(ran.status == 0 && ran.error.contains("going on after 30.0 kB of 66.3 kB"))
    #expect(hub.server.requests(of: Hub.weights).map(\.firstByte) == [nil, Self.half])
    try hub.expectWorks()
  }

  @Test("A lock on a removed file excludes no other process and is not taken for the lock") func staleLock()
    throws
  {
    let hub = try Hub()
    let folder = hub.cache + "/downloads", path = "\(folder)/\(Hub.name).lock"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func lock() throws -> Int32 {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      return descriptor
    }
    let first = try lock()
    let process = try hub.start()
    process.wait { process.errorSoFar.contains("waiting until it is done") }
    // The first has finished, and another one was faster.
    unlink(path)
    let second = try lock()
    close(first)
    process.wait { process.process.openFiles.contains(path) }
    #expect(process.isRunning && hub.server.requests.isEmpty)
    unlink(path)
    close(second)
    #expect(process.ended().status == 0)
    try hub.expectWorks()
  }

  @Test(arguments: [(SIGINT, Int32?.none, "SIGINT"), (SIGTERM, 143, "SIGTERM")])
  func stoppedAndGoneOn(_ signal: Int32, _ status: Int32?, _ name: String) throws {
    let hub = try Self.hangingHub()
    let process = try hub.start()
    Hub.wait { Self.part(hub) == Self.half }
    process.send(signal)
    let ran = process.ended()
    #expect(ran.status == status && ran.signal == (status == nil ? signal : nil))
    #expect(
      ran.error.contains(
        "stopped by \(name); the part that has been downloaded is kept: the same command continues "
          + "from there"))
    #expect(Self.part(hub) == Self.half && !hub.exists(hub.imported))
    // Half a download does not count.
    let offline = try hub.fetch(["--offline"])
    #expect(offline.status == 1 && offline.error.contains("nor \(Hub.weights) in"))

    #expect(try hub.fetch().status == 0)
    #expect(hub.server.requests(of: Hub.weights).map(\.firstByte) == [nil, Self.half])
    #expect(hub.server.requests(of: "config.json").count == 1)
    try hub.expectWorks()
  }

  @Test func killedAtAnyMoment() throws {
    let hub = try Hub { reply, request, number in
      if request.target.hasSuffix(Hub.weights), number < 6 { reply.pieces = (bytes: 2_000, pause: 1_000) }
    }
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = RandomNumbers(seed: seed)
    for _ in 0..<6 {
      let process = try hub.start()
      let goal = Self.part(hub) + Int.random(in: 0...30_000, using: &random)
      process.wait { Self.part(hub) >= goal }
      process.send(SIGKILL)
      _ = process.ended()
      // A file with the final name is complete.
      if let weights = FileManager.default.contents(atPath: "\(hub.downloads)/\(Hub.weights)") {
        #expect(
          weights == FileManager.default.contents(atPath: Fixtures.path("family/esm2/\(Hub.weights)")), "seed \(seed)")
      }
      if hub.exists(hub.imported) { try hub.expectWorks() }
    }
    #expect(try hub.fetch().status == 0, "seed \(seed)")
    try hub.expectWorks()
  }
}
