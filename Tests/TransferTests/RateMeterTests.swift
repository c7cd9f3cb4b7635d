// Rates and times left, on a simulated clock.

import Testing
import Transfer

@Suite struct RateMeterTests {
  private let start = ContinuousClock.now

  private func after(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test func nothingIsSaidTooSoon() {
    var meter = RateMeter()
    meter.restart(100, at: start)
    meter.note(200, at: after(0.2))
    #expect(meter.bytesPerSecond == nil && meter.progress(200, of: 1000).secondsLeft == nil)
  }

  @Test func whatWasHereBeforeDoesNotCount() {
    var meter = RateMeter()
    meter.restart(1000, at: start)
    meter.note(1500, at: after(1))
    #expect(meter.bytesPerSecond == 500)
    #expect(meter.progress(1500, of: 4000).secondsLeft == 5)
    #expect(meter.progress(1500, of: nil).secondsLeft == nil)
  }

  @Test func theRateIsThatOfTheLastSeconds() {
    var meter = RateMeter()
    meter.restart(0, at: start)
    for second in 1...60 { meter.note(second * 1000, at: after(Double(second))) }
    for second in 61...80 { meter.note(60_000 + (second - 60) * 10, at: after(Double(second))) }
    #expect(meter.bytesPerSecond == 10)
    // No time left can be given during a stall.
    for second in 81...100 { meter.note(60_200, at: after(Double(second))) }
    #expect(meter.bytesPerSecond == 0 && meter.progress(60_200, of: 100_000).secondsLeft == nil)
  }
}
