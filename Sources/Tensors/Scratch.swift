// Per-thread scratch memory, allocated once and handed out by position.

import Glibc

/// One block of floats for each thread, reused by every step of a run.
///
/// A task takes its windows with `Taker` in order of use; nothing is released within a task.
package struct Scratch: Sendable {
  private let storage: Tensor<2>
  /// An additional block that all threads share.
  private let common: Tensor<1>

  /// `floats` for each of `workers` threads, and `shared` for all of them.
  package init(workers: Int, floats: Int, shared: Int = 0) {
    // A cache line apart, so that two threads never write to the same one.
    storage = Tensor([workers, (floats + 15) / 16 * 16 + 16])
    common = Tensor([shared])
  }

  /// Floats of the windows that `take` takes: what a task describes by taking it is what a thread's block must hold.
  ///
  /// The windows exist in name only; whoever touches one ends the process.
  package static func floats(_ take: (inout Taker) -> Void) -> Int {
    guard let nowhere = UnsafeMutablePointer<Float>(bitPattern: Buffer.alignment) else {
      preconditionFailure("the null pointer")
    }
    var taker = Taker(base: nowhere, left: Int.max)
    take(&taker)
    return Int.max - taker.left
  }

  /// The shared block as an operand of `count` × `columns`, dense: written by one parallel region, read by the next.
  func shared(_ count: Int, _ columns: Int, _ precision: Precision) -> Operand {
    precondition(precision.floats(count, columns) <= common.count)
    return Operand(
      base: common.pointer, precision: precision, count: count, columns: columns, stride: precision.stride(columns))
  }

  /// The scratch of one worker, from its start.
  package func taker(_ worker: Int) -> Taker {
    precondition(worker < storage.shape[0])
    if Buffer.isPoisoned {
      memset(storage.pointer + worker * storage.shape[1], 0xff, storage.shape[1] * MemoryLayout<Float>.stride)
    }
    return Taker(base: storage.pointer + worker * storage.shape[1], left: storage.shape[1])
  }

  /// Hands out consecutive windows of one worker's scratch. The contents are left over from the last task.
  package struct Taker {
    private var base: UnsafeMutablePointer<Float>
    fileprivate private(set) var left: Int

    fileprivate init(base: UnsafeMutablePointer<Float>, left: Int) {
      self.base = base
      self.left = left
    }

    /// A dense window of `count` × `columns`.
    package mutating func rows(_ count: Int, _ columns: Int) -> Rows {
      Rows(base: floats(count * columns), count: count, columns: columns, stride: columns)
    }

    /// A window of `count` × `columns` whose rows are an odd number of cache lines apart, for those that are read a few columns at
    /// a time: of rows 2 or 4 KiB apart such a part would fill a few sets of the cache, and not stay there.
    package mutating func spreadRows(_ count: Int, _ columns: Int) -> Rows {
      let stride = (Scratch.rounded(columns) / 16 | 1) * 16
      return Rows(base: floats(count * stride), count: count, columns: columns, stride: stride)
    }

    /// `count` floats on a 64-byte boundary.
    mutating func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
      let taken = Scratch.rounded(count)
      precondition(taken <= left, "scratch of \(left) floats, \(taken) needed")
      defer {
        base += taken
        left -= taken
      }
      return base
    }
  }

  /// Floats taken by a window of `count` floats.
  package static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
