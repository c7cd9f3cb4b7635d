// --time-limit: what is foretold from the records before, with a clock of the test's own.

import CommandLineTool
import Synchronization
import Testing

@Suite struct TimeLimitTests {
  /// A clock that goes when it is told to.
  private final class Clock: Sendable {
    private let time = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func pass(_ seconds: Double) { time.withLock { $0 += .seconds(seconds) } }
  }

  private let clock = Clock()

  private func limit(_ minutes: Double) -> TimeLimit { TimeLimit(minutes: minutes) { [clock] in clock.now } }

  @Test("The first record is begun whatever it costs, as long as there is time") func first() {
    let limit = limit(1)
    clock.pass(59)
    #expect(limit.admits(1e9))
    clock.pass(1)
    #expect(!limit.admits(1))
  }

  @Test("What was measured decides: the same speed, and a tenth more") func measured() {
    let limit = limit(10)
    let first = limit.begin()
    clock.pass(100)
    limit.finish(50, begun: first)
    // 2 s for 1; 500 s are left, of which 1/1.1 may be planned.
    #expect(limit.admits(227) && !limit.admits(228))
    // Work that was begun and failed tells nothing.
    _ = limit.begin()
    clock.pass(50)
    let next = limit.begin()
    clock.pass(50)
    limit.finish(150, begun: next)
    // 150 s for 200; 400 s are left.
    #expect(limit.admits(484) && !limit.admits(485))
    // Waiting for input is not work.
    clock.pass(300)
    #expect(limit.admits(121) && !limit.admits(122))
    clock.pass(100)
    #expect(!limit.admits(1))
  }

  @Test("Records that run at the same time count as long as each of them takes") func together() {
    let limit = limit(10)
    let first = limit.begin()
    clock.pass(50)
    let second = limit.begin()
    clock.pass(50)
    limit.finish(50, begun: first)
    clock.pass(50)
    limit.finish(50, begun: second)
    // 200 s for 100; 450 s are left.
    #expect(limit.admits(204) && !limit.admits(205))
  }

  @Test func words() {
    #expect(TimeLimit.remark(minutes: 90, left: 2).hasPrefix("--time-limit 90: 2 records are left"))
    #expect(TimeLimit.remark(minutes: 90, left: 2).contains("goes on with them"))
    #expect(TimeLimit.remark(minutes: 0.5, left: 1).hasPrefix("--time-limit 0.5: 1 record is left"))
    #expect(TimeLimit.remark(minutes: 0.5, left: 1).contains("goes on with it"))
  }

  @Test(arguments: ["0", "-1", "abc", "1e3", "", "0.0", "1000001", "1:30", "nan", "inf", "."])
  func noLimit(_ text: String) {
    let ran = run(["fold", "x.fasta", "-o", "out", "--model", "demo", "--time-limit=\(text)"])
    #expect(ran.status == 2 && ran.error.contains("--time-limit: found"), "\(ran.error)")
  }
}
