// The owner of all numeric memory: allocated here, or borrowed from a mapping that lives as long as the buffer.

import Glibc
import Synchronization

/// A block of memory, 64-byte aligned when allocated here, freed with the last reference.
///
/// `@unchecked Sendable`: the bytes of a weight are written once, before the buffer is shared, and the bytes of an
/// activation are written by one parallel region at a time, each thread to its own rows.
package final class Buffer: @unchecked Sendable {
  /// The first byte.
  package let base: UnsafeMutableRawPointer
  /// The size in bytes.
  package let byteCount: Int
  /// Whether pages can be dropped and reread.
  private let isMappedFile: Bool
  private let origin: Origin

  private enum Origin {
    case heap
    case pages(byteCount: Int)
    /// Memory that its owner frees once this reference is gone.
    case borrowed(owner: any AnyObject & Sendable)
    /// No memory at all.
    case imaginary
  }

  /// Alignment of every allocation: one cache line, one AVX-512 register.
  package static let alignment = 64

  /// How many buffers this process has allocated; a test asserts that the block loop does not add to it.
  package static var allocationCount: Int { allocations.load(ordering: .relaxed) }
  private static let allocations = Atomic<Int>(0)

  /// Bytes that this process's buffers currently hold, not counting borrowed memory.
  package static var allocatedBytes: Int { heldBytes.load(ordering: .relaxed) }
  private static let heldBytes = Atomic<Int>(0)

  /// Whether new memory and the scratch of a new task hold NaN, 0xFF in every byte, until they are written.
  ///
  /// Tests set it to detect values that are read before, or beyond where, they were written. It stays set
  /// for the process. Memory requested as zeros is not affected.
  package static var isPoisoned: Bool {
    get { poison.load(ordering: .relaxed) }
    set { poison.store(newValue, ordering: .relaxed) }
  }
  private static let poison = Atomic<Bool>(false)

  /// Allocates `byteCount` uninitialized bytes. Large blocks come as untouched pages, so memory is used as it
  /// is written.
  package convenience init(byteCount: Int) {
    self.init(zeroedByteCount: byteCount)
    if Buffer.isPoisoned { memset(base, 0xff, byteCount) }
  }

  /// Allocates `byteCount` zeros.
  package init(zeroedByteCount byteCount: Int) {
    precondition(byteCount >= 0, "Buffer of \(byteCount) bytes")
    let rounded = (byteCount / Buffer.alignment + 1) * Buffer.alignment
    if rounded >= Buffer.mappingThreshold,
      let pages = mmap(nil, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), pages != MAP_FAILED
    {
      madvise(pages, rounded, Int32(MADV_HUGEPAGE))
      base = pages
      origin = .pages(byteCount: rounded)
    } else {
      base = .allocate(byteCount: rounded, alignment: Buffer.alignment)
      memset(base, 0, rounded)
      origin = .heap
    }
    self.byteCount = byteCount
    isMappedFile = false
    Buffer.allocations.add(1, ordering: .relaxed)
    Buffer.heldBytes.add(byteCount, ordering: .relaxed)
  }

  /// Borrows memory that `owner` keeps alive. The memory is never written through this buffer.
  ///
  /// - Parameters:
  ///   - bytes: The memory; must not be the null pointer.
  ///   - owner: Kept alive as long as this buffer.
  ///   - isMappedFile: Whether the memory is a read-only mapping of a file, whose pages can be dropped and reread.
  package init(borrowing bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, isMappedFile: Bool = false) {
    guard let start = bytes.baseAddress else { preconditionFailure("Buffer borrows the null pointer") }
    base = UnsafeMutableRawPointer(mutating: start)
    byteCount = bytes.count
    self.isMappedFile = isMappedFile
    origin = .borrowed(owner: owner)
  }

  /// A buffer that has a size but no memory; whoever touches its bytes ends the process. For `Allocation.counted`.
  init(imaginaryByteCount byteCount: Int) {
    precondition(byteCount >= 0, "Buffer of \(byteCount) bytes")
    guard let nowhere = UnsafeMutableRawPointer(bitPattern: Buffer.alignment) else {
      preconditionFailure("the null pointer")
    }
    base = nowhere
    self.byteCount = byteCount
    isMappedFile = false
    origin = .imaginary
  }

  /// Takes the whole pages inside a range out of this process until they are next read, if they come from a file.
  func discardPages(from offset: Int, byteCount: Int) {
    guard isMappedFile else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = UInt(bitPattern: base + offset), mask = UInt(page - 1)
    let first = (start + mask) & ~mask, last = (start + UInt(byteCount)) & ~mask
    if last > first { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(last - first), Int32(MADV_DONTNEED)) }
  }

  deinit {
    switch origin {
    case .heap: base.deallocate()
    case .pages(let mapped): munmap(base, mapped)
    case .borrowed, .imaginary: return
    }
    Buffer.heldBytes.subtract(byteCount, ordering: .relaxed)
  }

  /// Blocks of at least this size are mapped and zeroed lazily by the system instead of being cleared explicitly.
  private static let mappingThreshold = 1 << 20
}
