// Buffers of a workspace, described once: allocated, or only counted for the memory plan.

/// Makes the buffers of a workspace and adds up their sizes.
///
/// A workspace's initialiser takes one and is thereby the only description of its buffers: a run allocates them, and the
/// memory plan runs the same initialiser with buffers that have a size but no memory.
package struct Allocation {
  /// Floats that the buffers take, alignment not counted.
  package private(set) var floats = 0
  private let isCounting: Bool

  /// Allocates.
  package init() { isCounting = false }

  private init(counting: Void) { isCounting = true }

  /// The bytes of the buffers that `make` makes, none of which is allocated or may be touched.
  package static func countedBytes(_ make: (inout Allocation) -> Void) -> Int {
    var allocation = Allocation(counting: ())
    make(&allocation)
    return allocation.floats * MemoryLayout<Float>.stride
  }

  /// A tensor whose values are to be written before they are read.
  package mutating func tensor<let rank: Int>(_ shape: [rank of Int]) -> Tensor<rank> {
    let tensor = isCounting ? Tensor(imaginary: shape) : Tensor(shape)
    floats += tensor.count
    return tensor
  }

  /// Scratch of `floats` for each thread, and `shared` for all of them.
  package mutating func scratch(_ threads: Threads, floats: Int, shared: Int = 0) -> Scratch {
    self.floats += threads.count * floats + shared
    return isCounting ? Scratch(workers: 0, floats: 0) : Scratch(workers: threads.count, floats: floats, shared: shared)
  }
}
