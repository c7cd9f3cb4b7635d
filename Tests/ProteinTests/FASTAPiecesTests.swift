// FASTA in pieces of any size, and its limits.

import Protein
import TestSupport
import Testing

struct FASTAPiecesTests {
  static let tricky: [UInt8] =
    [0xEF, 0xBB, 0xBF]
    + Array(
      "mkv\r\nGG\r\n\r\n;c\r>a é\u{1}b\r\n\r\nM K\tV*\r\r\n>\n1 U-*\n>b\n\u{00E9}🧬\nM\n>c\nM/G\n>d\n>e\nacgtacgt\n > f\nWX"
        .utf8)

  private func parse(_ pieces: [ArraySlice<UInt8>]) -> [Result<FASTARecord, FASTAError>] {
    var parser = FASTAParser(file: "p.fa")
    var results: [Result<FASTARecord, FASTAError>] = []
    for piece in pieces {
      parser.push(piece)
      while let result = parser.next() { results.append(result) }
    }
    parser.finish()
    parser.finish()
    while let result = parser.next() { results.append(result) }
    return results
  }

  @Test func everyCutGivesTheSameRecords() {
    let bytes = Self.tricky
    let whole = FASTAParser.records(in: bytes, file: "p.fa")
    #expect(summary(whole).count == 8)
    #expect(summary(whole).first == "sequence_1=MKVGG")
    #expect(summary(whole).last == "f=WX")
    for cut in 0...bytes.count {
      #expect(parse([bytes[..<cut], bytes[cut...]]) == whole, "cut at byte \(cut)")
    }
    for size in 1...9 {
      let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
      #expect(parse(pieces) == whole, "pieces of \(size)")
    }
    let lazily = FASTAParser.records(in: bytes.lazy.map { $0 }, file: "p.fa")
    #expect(lazily == whole, "a sequence without contiguous storage")
    let raw = bytes.withUnsafeBytes { FASTAParser.records(in: $0, file: "p.fa") }
    #expect(raw == whole)
  }

  @Test func everyTruncationIsReadOrRefused() {
    for end in 0...Self.tricky.count {
      let results = FASTAParser.records(in: Self.tricky[..<end], file: "p.fa")
      #expect(!results.isEmpty, "cut off at byte \(end)")
    }
  }

  @Test func recordsComeAsSoonAsTheNextBegins() throws {
    var parser = FASTAParser(file: "p.fa")
    parser.push(">a\nMKV\n".utf8)
    #expect(parser.next() == nil)
    parser.push(">".utf8)
    #expect(try parser.next()?.get().name == "a")
    #expect(parser.next() == nil)
    parser.push("b\nGG".utf8)
    #expect(parser.next() == nil)
    parser.finish()
    #expect(try parser.next()?.get().name == "b")
    #expect(parser.next() == nil)
  }

  @Test("A record longer than the limit is refused, one at the limit is not, and the next record is read")
  func tooLong() throws {
    let limit = FASTAParser.longestSequence
    #expect(limit == 16_777_216)
    let line = [UInt8](repeating: UInt8(ascii: "A"), count: limit / 16)
    for (header, excess) in [(">long\n", 0), (">long\n", 1), ("", 1)] {
      var parser = FASTAParser(file: "p.fa")
      parser.push(header.utf8)
      for _ in 0..<16 { parser.push(line) }
      if excess == 1 { parser.push("A".utf8) }
      parser.push("\n\n>b\nGG\n".utf8)
      parser.finish()
      let location = FASTALocation(
        file: "p.fa", line: header.isEmpty ? 1 : 2, record: header.isEmpty ? "sequence_1" : "long")
      switch parser.next() {
      case .success(let record): #expect(excess == 0 && record.sequence.count == limit)
      case let result: #expect(excess == 1 && result == .failure(.tooLong(limit: limit, location)))
      }
      #expect(try parser.next()?.get().name == "b")
    }
  }

  @Test("Endless wrapped lines without a header are refused before all of them have arrived")
  func tooManyLines() throws {
    let limit = FASTAParser.longestSequence
    // Numbers before them make lines of this length one sequence.
    let residues = [UInt8](repeating: UInt8(ascii: "A"), count: limit / 16)
    func line(_ number: Int) -> [UInt8] { Array("\(number * residues.count + 1) ".utf8) + residues + [0x0A] }
    var parser = FASTAParser(file: "p.fa")
    for number in 0..<16 { parser.push(line(number)) }
    #expect(parser.next() == nil)
    parser.push(line(16))
    let location = FASTALocation(file: "p.fa", line: 17, record: "sequence_1")
    #expect(parser.next() == .failure(.tooLong(limit: limit, location)))
    parser.push("GG\n".utf8)
    parser.finish()
    #expect(try parser.next()?.get().name == "sequence_2")
  }

  @Test("The beginning of an endless header is kept") func endlessHeader() throws {
    var parser = FASTAParser(file: "p.fa")
    parser.push(">a ".utf8)
    parser.push([UInt8](repeating: UInt8(ascii: "h"), count: 1 << 20))
    parser.push("\nMKV\n".utf8)
    parser.finish()
    let record = try #require(try parser.next()?.get())
    #expect(record.name == "a" && record.header.utf8.count == 1 << 16 && record.sequence == Array("MKV".utf8))
  }

  @Test func randomBytesNeverTrap() {
    var random = RandomNumbers(seed: 0x5EED)
    let alphabets: [[UInt8]] = [
      Array(0...255), Array(1...255),
      Array(">;\r\n\n ACGTUNMKVX*-.:/@0\u{EF}\u{BB}\u{BF}".utf8) + [0xEF, 0xBB, 0xBF, 0xC3],
    ]
    for round in 0..<900 {
      let alphabet = alphabets[round % alphabets.count]
      let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
        alphabet[Int.random(in: alphabet.indices, using: &random)]
      }
      let results = FASTAParser.records(in: bytes, file: "p.fa")
      #expect(!results.isEmpty, "\(bytes)")
      for result in results {
        switch result {
        case .success(let record):
          #expect(!record.sequence.isEmpty && !record.name.isEmpty && record.line >= 1, "\(bytes)")
          #expect(record.residueTypes.count == record.sequence.count)
          #expect(!FileName.sanitized(record.name).isEmpty)
          for warning in record.warnings { #expect(!warning.description.contains("\n"), "\(bytes)") }
        case .failure(let error):
          #expect(error.description.split(separator: "\n").count == 2, "\(bytes)")
        }
      }
      #expect(parse(bytes.indices.map { bytes[$0...$0] }) == results, "\(bytes)")
    }
  }
}
