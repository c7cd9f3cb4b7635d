// Headers of tars, compared with those of GNU tar, and archives of Python's tarfile, read.

import Foundation
import Glibc
import Platform
import TestSupport
import Testing

@Suite struct TarTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func entries(_ bytes: [UInt8]) throws -> (entries: [TarEntry], last: String) {
    try Data(bytes).write(to: URL(fileURLWithPath: scratch("x.tar")))
    let descriptor = open(scratch("x.tar"), O_RDONLY)
    defer { close(descriptor) }
    let reader = TarReader(descriptor, "x.tar")
    var entries: [TarEntry] = [], place = 0
    while true {
      let found = try reader.place(at: place, fileSize: bytes.count)
      guard case .entry(let entry) = found else { return (entries, "\(found)") }
      entries.append(entry)
      place = entry.next
    }
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("tar/\(name)"))))
  }

  @Test("An archive of a file is that of GNU tar, byte for byte") func gnu() throws {
    let content = Array("MODEL        1\nEND\n".utf8)
    let padding = [UInt8](repeating: 0, count: TarHeader.padding(after: content.count))
    let archive = TarHeader.file("a.pdb", size: content.count) + content + padding + TarHeader.end
    #expect(try fixture("gnu.tar") == archive)
    let (entries, last) = try entries(archive)
    #expect(entries.map(\.content) == [.file(name: Array("a.pdb".utf8))] && entries[0].size == content.count)
    #expect(entries[0].data == 512 && entries[0].next == 1024 && last == "end")
  }

  @Test("Names that are long or not ASCII, as Python writes them") func python() throws {
    let archive = try fixture("python-pax.tar")
    let (entries, last) = try entries(archive)
    let names = [String(repeating: "n", count: 120) + ".pdb", "é.pdb"].map {
      TarEntry.Content.file(name: Array($0.utf8))
    }
    #expect(entries.map(\.content) == names && entries.map(\.size) == [3, 3] && last == "end")
    #expect(entries.map { String(decoding: archive[$0.data..<$0.data + 3], as: UTF8.self) } == ["one", "two"])
  }

  @Test("What the header cannot hold stands in pax records that fill whole blocks", arguments: 95...140)
  func long(_ count: Int) throws {
    let name = String(repeating: "n", count: count - 4) + ".pdb", header = TarHeader.file(name, size: 0)
    #expect(header.count == (count <= 99 ? 512 : 1536))
    #expect(try entries(header + TarHeader.end).entries.map(\.content) == [.file(name: Array(name.utf8))])
    guard count > 99 else { return }
    // Foldseek takes a block with a zero here for the end, and a name from the header alone.
    #expect(header[512 + 148] != 0 && !header[512..<1024].contains(0))
    let short = header[1024..<1124].prefix { $0 != 0 }
    #expect(short.count == 99 && short.suffix(4).elementsEqual(".pdb".utf8))
  }

  @Test("Names that are not ASCII, and sizes above 8 GiB") func wide() throws {
    let name = "é\u{7F}.pdb", header = TarHeader.file(name, size: 0)
    #expect(try entries(header).entries.map(\.content) == [.file(name: Array(name.utf8))])
    #expect(header[1024..<1124].allSatisfy { $0 < 0x7F })
    let size = 0o77777777777
    #expect(TarHeader.file("a", size: size).count == 512 && TarHeader.file("a", size: size + 1).count == 1536)
    #expect(String(decoding: TarHeader.file("a", size: size + 1)[512..<532], as: UTF8.self) == "19 size=8589934592\n4")
    let large = TarHeader.file("a", size: size + 1)
    try Data(large).write(to: URL(fileURLWithPath: scratch("large.tar")))
    let descriptor = open(scratch("large.tar"), O_RDONLY)
    defer { close(descriptor) }
    guard
      case .entry(let entry) = try TarReader(descriptor, "x").place(at: 0, fileSize: large.count + size + 1)
    else {
      Issue.record("no entry")
      return
    }
    #expect(entry.size == size + 1 && entry.next == large.count + size + 1)
  }

  @Test(
    "Comments of all lengths fill whole blocks and come back", arguments: [0, 1, 80, 97, 486, 487, 488, 499, 999, 9984])
  func comments(_ count: Int) throws {
    let text = [UInt8](repeating: 0x61, count: count), blocks = TarHeader.comment(text)
    #expect(blocks.count % 512 == 0 && !blocks[512...].contains(0))
    guard case .comment(let found, let offset) = try #require(try entries(blocks).entries.first).content else {
      Issue.record("no comment")
      return
    }
    #expect(found.prefix(count).elementsEqual(text) && found.dropFirst(count).allSatisfy { $0 == 0x20 })
    #expect(blocks[offset..<offset + count].elementsEqual(text))
    #expect(blocks.last == 10)
  }

  @Test("Entries near to each other and far apart, in any order") func distances() throws {
    var archive: [UInt8] = [], wanted: [(name: [UInt8], start: Int, size: Int)] = []
    var random = SplitMix64(seed: 5)
    for number in 0..<300 {
      let size = [0, 1, 700, 3000, 9000, 60_000, 200_000][Int(random.next() % 7)], name = "n\(number)"
      wanted.append((Array(name.utf8), archive.count, size))
      archive += TarHeader.file(name, size: size)
      archive += [UInt8](repeating: UInt8(number % 256), count: size + TarHeader.padding(after: size))
    }
    archive += TarHeader.end
    let found = try entries(archive)
    #expect(found.last == "end" && found.entries.count == wanted.count)
    for (entry, (name, start, size)) in zip(found.entries, wanted) {
      #expect(entry.content == .file(name: name) && entry.start == start && entry.size == size)
    }
    let descriptor = open(scratch("x.tar"), O_RDONLY)
    defer { close(descriptor) }
    let reader = TarReader(descriptor, "x.tar")
    for (name, start, _) in wanted.shuffled(using: &random) {
      guard case .entry(let entry) = try reader.place(at: start, fileSize: archive.count) else {
        Issue.record("no entry at \(start)")
        continue
      }
      #expect(entry.content == .file(name: name))
    }
  }

  @Test("What is cut, no header, or not ours is told") func wrong() throws {
    let header = TarHeader.file("a", size: 600), whole = header + [UInt8](repeating: 7, count: 1024)
    #expect(try entries(whole).last == "cut(hasHeader: false)")
    for count in [0, 1, 511, 512, 1000, 1535] {
      #expect(try entries(Array(whole.prefix(count))).last == "cut(hasHeader: \(count >= 512))")
    }
    // The records of a header whose file is not there.
    #expect(try entries(Array(TarHeader.file("é", size: 0).prefix(1024))).last == "cut(hasHeader: true)")
    var changed = whole
    changed[5] = 1
    #expect(try entries(changed).last.hasPrefix("other"))
    changed = TarHeader.comment([])
    changed[512] = 0x39
    #expect(try entries(changed).last.hasPrefix("other"))
    #expect(try entries(Array(TarHeader.file("é", size: 0).prefix(1024)) + TarHeader.end).last.hasPrefix("other"))
  }
}
