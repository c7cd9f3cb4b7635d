// One kernel call at one shape, and a team of threads that make it, each on its own memory.

import CKernels
import Platform
import Tensors

typealias KernelTable = UnsafePointer<ck_kernels>

/// The operands of one thread's calls.
final class KernelMemory {
  private var buffers: [Buffer] = []
  private var random = SplitMix64.always

  /// Values of magnitude 2^exponent to twice that, by default 0.5 to 1.
  func floats(_ count: Int, exponent: Int = -1) -> UnsafeMutablePointer<Float> {
    bytes(count, .float32, exponent).assumingMemoryBound(to: Float.self)
  }

  func floats(repeating value: Float, _ count: Int) -> UnsafeMutablePointer<Float> {
    let values = floats(count)
    values.update(repeating: value, count: count)
    return values
  }

  /// bfloat16 or float16 values of magnitude 0.5 to 1.
  func halves(_ count: Int, _ type: ElementType = .bfloat16) -> UnsafeMutablePointer<UInt16> {
    bytes(count, type, -1).assumingMemoryBound(to: UInt16.self)
  }

  func bytes(_ count: Int, _ type: ElementType, _ exponent: Int) -> UnsafeMutableRawPointer {
    let buffer = Buffer(byteCount: count * type.byteCount)
    random.fill(buffer.base, count, type, exponent: exponent)
    buffers.append(buffer)
    return buffer.base
  }
}

/// One row of the kernel suite.
struct KernelCase {
  /// The kernel and its shape.
  let name: String
  let precision: Precision
  /// Floating-point operations of a call, and bytes that it reads and writes; 0 where not meaningful.
  let operations: Double, bytes: Double
  /// What is compared with the peak: operations of products, bytes of other kernels.
  var work: Double { operations > 0 ? operations : bytes }
  /// Creates a thread's operands and the call on them.
  let make: (KernelMemory, KernelTable) -> () -> Void

  init(
    _ name: String, _ precision: Precision = .float32, operations: Int = 0, bytes: Int = 0,
    make: @escaping (KernelMemory, KernelTable) -> () -> Void
  ) {
    self.name = name
    self.precision = precision
    self.operations = Double(operations)
    self.bytes = Double(bytes)
    self.make = make
  }
}

/// Threads that make the same call concurrently.
struct KernelTeam {
  /// `@unchecked Sendable`: one task of a parallel region makes the calls.
  private struct Member: @unchecked Sendable {
    let memory: KernelMemory
    let call: () -> Void
  }

  private let threads: Threads
  private let members: [Member]

  init(_ kernelCase: KernelCase, _ kernels: KernelTable, threads: Threads) {
    self.threads = threads
    members = (0..<threads.count).map { _ in
      let memory = KernelMemory()
      return Member(memory: memory, call: kernelCase.make(memory, kernels))
    }
  }

  /// Every member makes this many calls.
  func run(calls: Int) {
    let members = members
    threads.forEach(members.count) { index, _ in
      withExtendedLifetime(members[index].memory) {
        for _ in 0..<calls { members[index].call() }
      }
    }
  }
}
