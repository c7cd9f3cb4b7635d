// What is computed from the tasks of parallel regions.

import Glibc
import Tensors
import TestSupport
import Testing

@Suite("Region meter") struct RegionMeterTests {
  private func region(_ tasks: [Double]) -> RegionMeter.Region { .init(place: "test", tasks: tasks) }

  @Test("Threads take the next task when they have finished one") func schedule() {
    // 3 and then 2, beside 1, 1 and 1; with a third thread 1 and then 2 of them.
    let region = region([3, 1, 1, 1, 2])
    #expect(region.seconds(threads: 1) == 8)
    #expect(region.seconds(threads: 2) == 5)
    #expect(region.seconds(threads: 3) == 3)
    #expect(region.seconds(threads: 100) == 3)
    #expect(self.region([]).seconds(threads: 4) == 0)
  }

  @Test("Serial parts stay, and each region that is divided is paid for") func recording() {
    let recording = RegionMeter.Recording(regions: [region([1, 1, 1, 1]), region([5])], serialSeconds: 2)
    #expect(recording.secondsAlone == 11)
    // 2 outside, 1 and its join with 4 threads, and one task, which nobody divides.
    #expect(recording.seconds(threads: 4) { Double($0) / 8 } == 8.5)
    #expect(recording.seconds(threads: 64) { Double($0) / 8 } == 8.5)
    let other = RegionMeter.Recording(regions: [region([2, 0.5, 1, 1]), region([4])], serialSeconds: 3)
    // 2 outside, 1, 0.5, 1 and 1 in the first region, 4 in the second.
    #expect(recording.quickest(other).secondsAlone == 9.5)
  }

  @Test("A recording has each region with its tasks and where it is, and computes what it records") func record() async
  {
    // Regions of other tests would be in it.
    await #expect(processExitsWith: .success) {
      nonisolated(unsafe) var order: [Int] = []
      let recording = RegionMeter.record {
        Threads(3).forEach(4) { index, worker in
          if worker != 0 { order.append(-1) }
          order.append(index)
          usleep(index == 2 ? 5000 : 0)
        }
        usleep(3000)
        Threads(2).forEachTile(of: 20, size: 8) { tile, _ in order.append(tile.count) }
      }
      #expect(order == [0, 1, 2, 3, 8, 8, 4], "\(order)")
      #expect(recording.regions.map(\.tasks.count) == [4, 3], "\(recording)")
      #expect(recording.regions[0].place.hasPrefix("TensorsTests/RegionMeterTests.swift:"))
      #expect(recording.regions[0].tasks[2] >= 0.005 && recording.serialSeconds >= 0.003, "\(recording)")
      // Afterwards regions are divided as before.
      let workers = Threads.starting(2)
      workers.forEach(2) { _, _ in usleep(100) }
      #expect(RegionMeter.record {}.regions.isEmpty, "regions after the recording")
    }
  }
}
