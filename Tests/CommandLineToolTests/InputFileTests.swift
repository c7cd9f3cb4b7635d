import CommandLineTool
import Foundation
import Testing

@Suite struct InputFileTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  /// A file's content as the tool reads it.
  private func content(_ data: Data, pieceSize: Int = 1 << 16) throws -> String {
    let path = try scratch.file("input", data)
    var bytes: [UInt8] = []
    try InputFile.read(path, pieceSize: pieceSize) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The message about a file that cannot be read; empty if it can.
  private func message(_ path: String) -> String {
    do throws(InputError) {
      try InputFile.read(path) { _ in }
      return ""
    } catch {
      return error.description
    }
  }

  @Test(arguments: ["", "A", ">a\nMKV\n", "\u{1F}"])
  func plainText(_ text: String) throws {
    #expect(try content(Data(text.utf8)) == text)
    #expect(try content(Data(text.utf8), pieceSize: 1) == text)
  }

  @Test(arguments: [1, 2, 7, 1 << 16])
  func gzip(_ pieceSize: Int) throws {
    #expect(try content(Compressed.first, pieceSize: pieceSize) == ">a first\nMKVLAAGIVG\n")
    #expect(
      try content(Compressed.first + Compressed.second, pieceSize: pieceSize)
        == ">a first\nMKVLAAGIVG\n>b second\nGIVEQCC\n")
    #expect(try content(Compressed.first + Data(count: 512), pieceSize: pieceSize) == ">a first\nMKVLAAGIVG\n")
    #expect(
      try content(Compressed.long, pieceSize: pieceSize) == String(repeating: "ACDEFGHIKL\n", count: 20_000))
  }

  @Test func gzipCutAnywhereIsAnError() throws {
    let whole = Compressed.first + Compressed.second
    for count in 2..<whole.count where count != Compressed.first.count {
      let path = try scratch.file("cut.gz", whole.prefix(count))
      #expect(message(path).contains("cut.gz: cannot decompress"), "\(count) bytes")
    }
  }

  @Test func damagedGzipIsAnError() throws {
    var damaged = Compressed.long
    damaged[damaged.count / 2] ^= 0xFF
    #expect(message(try scratch.file("a.gz", damaged)).contains("cannot decompress"))
    var sum = Compressed.first
    sum[sum.count - 6] ^= 1
    #expect(message(try scratch.file("b.gz", sum)).contains("cannot decompress"))
    #expect(message(try scratch.file("c.gz", Compressed.first + Data("rest".utf8))).contains("cannot decompress"))
  }

  @Test func unreadable() {
    #expect(message(scratch.path + "/missing") == "\(scratch.path)/missing: cannot open: No such file or directory")
    #expect(message(scratch.path) == "\(scratch.path): cannot read: found a folder, expected a file")
  }
}

@Suite struct RecordReaderTests {
  @Test func namesAreUniqueOverAllFiles() throws {
    let scratch = try ScratchFolder()
    let diagnostics = Diagnostics(output: Caught().sink, error: Caught().sink, usesColour: false)
    var reader = RecordReader()
    reader.read(try scratch.file("a.fa", ">p one\nMKV\n>p two\nMKV\n>a/b|c\nMKV\n"), diagnostics)
    reader.read(try scratch.file("b.fa", ">p\nMKV\n>bad\n>q\nMKB\n"), diagnostics)
    reader.read(try scratch.file("c.fa.gz", Compressed.first), diagnostics)
    #expect(reader.jobs.map(\.name) == ["p", "p_2", "a_b_c", "p_3", "q", "a"])
    #expect(reader.failures.map(\.name) == ["bad"])
    #expect(diagnostics.errorCount == 1)
    #expect(diagnostics.warningCount == 1)
  }

  @Test func recordsBeforeADamagedPlaceAreKept() throws {
    let scratch = try ScratchFolder()
    let error = Caught()
    let diagnostics = Diagnostics(output: Caught().sink, error: error.sink, usesColour: false)
    var reader = RecordReader()
    let cut = Compressed.first + Compressed.second.prefix(Compressed.second.count - 4)
    reader.read(try scratch.file("cut.gz", cut), diagnostics)
    #expect(reader.jobs.map(\.name) == ["a"])
    #expect(reader.failures.count == 1)
    #expect(error.text.contains("cut.gz: cannot decompress"))
  }
}
