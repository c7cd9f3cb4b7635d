// Random FASTA texts with every kind of line, in both dialects and split anywhere, against the rules on whole lines.

import Protein
import TestSupport
import Testing

struct FASTATwinTests {
  /// The pieces of texts: at least one for each rule.
  private static let pieces: [[UInt8]] =
    [
      "\n", "\n", "\n", "\n--\n", "--", "\n#x", "\r\n", "\r", "\n\n", "\n\n", "\n>", ">", "\n>a", "\n> b c ",
      "\n>é\td\t", " >", ";", "\n;x",
    ].map { Array($0.utf8) }
    + [
      "M", "MK", "mkv", "WYX", "BJOUZ", "ACGTACGT", "acgu", "nnnn", "*", "-", ".", "7", "12 ", " ", "\t", "\u{B}",
      "\u{C}",
    ].map { Array($0.utf8) }
    + ["MKVL\n", "GGHH\n", "WW\n", "MKV\r\n", "@", ":", "/", "é", "🧬", "<mask>", "<MASK>", "<cls>", "<null_1>"].map {
      Array($0.utf8)
    }
    + ["<m", "<", "<nothing>", "<aaaaaaaaaaaaaa>", "<aaaaaaaaaaaaaaa>", "<pad >", "\u{FEFF}", "\u{FEFF}>j\n"].map {
      Array($0.utf8)
    }
    + [[0xC3], [0xEF, 0xBB], [0x80], [0xF0, 0x9F], [0xFF], [0xC1, 0xA9]]

  private static let rules = [
    FASTARules(), FASTARules(.tokens), FASTARules(gaps: .keep, nonstandard: .nearest), FASTARules(gaps: .error),
    FASTARules(.tokens, gaps: .keep, readsLines: true),
  ]

  @Test(arguments: rules, [1, 2, 3] as [UInt64])
  func everyTextIsReadAsTheRulesSay(rules: FASTARules, seed: UInt64) {
    var random = RandomNumbers(seed: seed)
    for round in 0..<600 {
      var text: [UInt8] = round % 8 == 0 ? [0xEF, 0xBB, 0xBF] : []
      for _ in 0..<Int.random(in: 0..<14, using: &random) {
        text += Self.pieces[Int.random(in: Self.pieces.indices, using: &random)]
      }
      if round % 10 == 9 { text.insert(0, at: Int.random(in: 0...text.count, using: &random)) }
      let cut = Int.random(in: 0...text.count, using: &random)
      let found = read([text[..<cut], text[cut...]], rules), expected = FASTATwin.items(text, rules)
      if found != expected {
        Issue.record("seed \(seed), round \(round): \(Self.shown(text)): found \(found), expected \(expected)")
        return
      }
    }
  }

  @Test("An unfinished token in a line without a header is an error, not a missing line")
  func unfinishedTokens() {
    let lines = Array("GGHH\n<mask\nWW\n<mask>\n".utf8)
    var parser = FASTAParser(file: "p.fa", rules: FASTARules(.tokens))
    parser.push(lines)
    parser.finish()
    // One line is one residue wide, so each is a sequence.
    #expect((try? parser.next()?.get().sequence) == Array("GGHH".utf8))
    let location = FASTALocation(file: "p.fa", line: 2, record: "sequence_2")
    #expect(parser.next() == .failure(.token("<mask", position: 1, location)))
    #expect((try? parser.next()?.get().sequence) == Array("WW".utf8))
    #expect((try? parser.next()?.get().sequence) == Array("<mask>".utf8))
    #expect(parser.next() == nil)
  }

  private func read(_ pieces: [ArraySlice<UInt8>], _ rules: FASTARules) -> [FASTATwin.Item] {
    var parser = FASTAParser(file: "p.fa", rules: rules)
    var items: [FASTATwin.Item] = []
    func take() {
      while let result = parser.next() {
        switch result {
        case .success(let record):
          items.append(
            .record(
              name: record.name, header: record.header,
              sequence: FASTATwin.divided(String(decoding: record.sequence, as: UTF8.self), record.chainLengths),
              line: record.line, warnings: record.warnings.map(\.description)))
        case .failure(.nucleicAcid(_, _, let location)): items.append(.nucleotides(location))
        case .failure(let error): items.append(.failure(error))
        }
      }
    }
    for piece in pieces {
      parser.push(piece)
      take()
    }
    parser.finish()
    take()
    return items
  }

  private static func shown(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self).debugDescription }
}
