// The owner of memory: size, alignment, initial contents, and when it is freed.

import Foundation
import Glibc
import Tensors
import TestSupport
import Testing

@Suite("Buffers") struct BufferTests {
  init() { Buffer.isPoisoned = true }

  /// Around an alignment, and around the size from which blocks are mapped (1 MiB).
  private static let sizes = [0, 1, 63, 64, 65, 4096, (1 << 20) - 64, (1 << 20) - 63, 1 << 20, 5_000_001]

  @Test("Blocks are aligned, and hold NaN or zeros", arguments: sizes) func contents(_ size: Int) {
    let poisoned = Buffer(byteCount: size), zeroed = Buffer(zeroedByteCount: size)
    for buffer in [poisoned, zeroed] {
      #expect(buffer.byteCount == size)
      #expect(UInt(bitPattern: buffer.base) % 64 == 0)
    }
    let bytes = { (buffer: Buffer) in UnsafeRawBufferPointer(start: buffer.base, count: size) }
    #expect(bytes(poisoned).allSatisfy { $0 == 0xff })
    #expect(bytes(zeroed).allSatisfy { $0 == 0 })
    withExtendedLifetime((poisoned, zeroed)) {}
  }

  @Test("Reused memory is zeroed when zeros are requested") func zeros() {
    for size in [1000, 2 << 20] {
      for _ in 0..<20 {
        let used = Buffer(byteCount: size)
        memset(used.base, 7, size)
      }
      let zeroed = Tensor<1>(zeros: [size / 4])
      #expect(zeroed.values.allSatisfy { $0 == 0 })
    }
  }

  @Test("Held bytes are counted and released") func accounts() async {
    // In a separate process, where no other test allocates.
    await #expect(processExitsWith: .success) {
      let (count, bytes) = (Buffer.allocationCount, Buffer.allocatedBytes)
      do {
        let small = Buffer(byteCount: 100), large = Buffer(zeroedByteCount: 3 << 20)
        #expect(Buffer.allocationCount == count + 2)
        #expect(Buffer.allocatedBytes == bytes + 100 + (3 << 20))
        // A view does not allocate.
        let view = Tensor<1>([25], buffer: small, offset: 0)
        let memory = UnsafeRawBufferPointer(start: large.base, count: 1000)
        let borrowed = Buffer(borrowing: memory, owner: large)
        #expect(Buffer.allocationCount == count + 2)
        #expect(Buffer.allocatedBytes == bytes + 100 + (3 << 20))
        withExtendedLifetime((view, borrowed)) {}
      }
      #expect(Buffer.allocatedBytes == bytes)
      #expect(Buffer.allocationCount == count + 2)
    }
  }

  /// Pages of 4 KiB in this process's address space.
  private static func addressSpace() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return try #require(text.split(separator: " ").first.flatMap { Int($0) })
  }

  @Test("Memory is returned to the system with its last reference") func release() async {
    await #expect(processExitsWith: .success) {
      // 6.7 GB of large blocks and 1.5 GB of small ones, one after the other.
      for (size, count) in [(64 << 20, 100), (300_000, 5_000)] {
        do { _ = Buffer(byteCount: size) }
        let before = try BufferTests.addressSpace()
        for _ in 0..<count { _ = Buffer(byteCount: size) }
        let grown = (try BufferTests.addressSpace() - before) * 4096
        // Not zero: a thread of the harness that begins in between takes some 100 MB of addresses, its stack and its heap.
        #expect(grown < size * count / 2, "blocks of \(size) bytes: \(grown) more")
      }
    }
  }

  /// Used by one test only, like the mapping below.
  private final class Owner: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: [UInt8]) {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
      copy.copyBytes(from: bytes)
      self.bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
  }

  @Test("Borrowed memory lives exactly as long as a view of it") func borrowed() {
    weak var observed: Owner?
    do {
      let tensor: StoredTensor
      do {
        let owner = Owner([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
        observed = owner
        tensor = StoredTensor(
          name: "x", elementType: .float32, shape: [2], buffer: Buffer(borrowing: owner.bytes, owner: owner),
          byteOffset: 0)
      }
      #expect(observed != nil)
      #expect(tensor.floats() == [1, -2])
    }
    #expect(observed == nil)
  }

  // MARK: Pages

  /// A private mapping of a file of zeros with every byte set to 1: dropped pages are 0 when reread.
  private final class Mapping: @unchecked Sendable {
    static let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes: UnsafeMutableRawBufferPointer

    init(pages: Int) throws {
      let path = NSTemporaryDirectory() + "esmfold-pages-\(UUID().uuidString)"
      let size = pages * Mapping.page
      try Data(count: size).write(to: URL(fileURLWithPath: path))
      defer { unlink(path) }
      let file = open(path, O_RDONLY)
      defer { close(file) }
      let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0)
      bytes = UnsafeMutableRawBufferPointer(start: try #require(start != MAP_FAILED ? start : nil), count: size)
      for at in bytes.indices { bytes[at] = 1 }
    }

    deinit { if let start = bytes.baseAddress { munmap(start, bytes.count) } }

    /// Whether each page has been dropped.
    var dropped: [Bool] { stride(from: 0, to: bytes.count, by: Mapping.page).map { bytes[$0] == 0 } }

    func buffer(isMappedFile: Bool = true) -> Buffer {
      Buffer(borrowing: UnsafeRawBufferPointer(bytes), owner: self, isMappedFile: isMappedFile)
    }
  }

  /// First byte, number of bytes (in pages and bytes), and the pages that lie wholly inside.
  private static let ranges: [(start: (Int, Int), count: (Int, Int), dropped: [Int])] = [
    ((0, 0), (6, 0), [0, 1, 2, 3, 4, 5]), ((1, 0), (2, 0), [1, 2]), ((0, 4), (3, 0), [1, 2]),
    ((1, 4), (0, 400), []), ((0, 4), (1, 0), []), ((2, 0), (1, -4), []), ((2, -4), (1, 8), [2]),
    ((1, 4), (1, -4), []), ((3, 0), (0, 0), []), ((5, 0), (1, 0), [5]), ((4, 64), (1, 0), []),
  ]

  @Test("Only whole pages of a tensor are dropped; its neighbours keep theirs", arguments: ranges.indices)
  func pages(_ index: Int) throws {
    let range = Self.ranges[index], page = Mapping.page
    let mapping = try Mapping(pages: 6)
    let tensor = StoredTensor(
      name: "x", elementType: .float32, shape: [(range.count.0 * page + range.count.1) / 4], buffer: mapping.buffer(),
      byteOffset: range.start.0 * page + range.start.1)
    tensor.discardPages()
    #expect(mapping.dropped == (0..<6).map { range.dropped.contains($0) })
  }

  @Test("Memory that is not a mapped file is never dropped") func noPages() throws {
    let mapping = try Mapping(pages: 3)
    let tensor = StoredTensor(
      name: "x", elementType: .bfloat16, shape: [3 * Mapping.page / 2], buffer: mapping.buffer(isMappedFile: false),
      byteOffset: 0)
    tensor.discardPages()
    #expect(mapping.dropped == [false, false, false])
  }

  @Test("A layer drops its weight's pages when it is packed, or when it is told to", arguments: [false, true])
  func layerPages(_ packing: Bool) throws {
    let mapping = try Mapping(pages: 4), page = Mapping.page
    let weight = StoredTensor(
      name: "w", elementType: .float32, shape: [2, page / 4], buffer: mapping.buffer(), byteOffset: page)
    let layer = Linear(weight: weight, bias: nil, packing: packing)
    #expect(mapping.dropped == [false, packing, packing, false])
    layer.discardPages()
    #expect(mapping.dropped == [false, true, true, false])
  }
}
