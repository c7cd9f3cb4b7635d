// The tokenizer against EsmTokenizer, on ordinary and odd texts.

import ESMFoldKit
import Foundation
import TestSupport
import Testing

@Suite("Tokenizer") struct TokenizerTests {
  private struct File: Decodable {
    struct Case: Decodable {
      let text: String, pieces: [String], ids: [Int], framed: [Int], mask: [Int], specials: [Int], decoded: String
      let shifts: Bool
    }
    let cases: [Case]
    let unknown_id: String
  }

  private static func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("family/tokenizer/\(name)")))
  }

  @Test("Pieces, ids, masks and text match the reference", arguments: ["standard", "shuffled"])
  func cases(_ name: String) throws {
    let vocabulary = try #require(String(bytes: try Self.read("\(name)-vocab.txt"), encoding: .utf8))
    let tokenizer = try Tokenizer(vocabulary: vocabulary)
    let file = try JSONDecoder().decode(File.self, from: try Self.read("\(name).json"))
    #expect(file.cases.count > 30 && file.cases.contains { $0.shifts })
    for golden in file.cases {
      let note = Comment(rawValue: golden.text.debugDescription)
      #expect(tokenizer.tokenize(golden.text) == golden.pieces, note)
      #expect(tokenizer.encode(golden.text, addSpecialTokens: false) == golden.ids, note)
      #expect(tokenizer.encode(golden.text) == golden.framed, note)
      #expect(tokenizer.specialTokensMask(count: golden.ids.count) == golden.mask, note)
      #expect(tokenizer.specialTokensMask(of: golden.framed) == golden.specials, note)
      #expect(tokenizer.decode(golden.framed) == golden.decoded, note)
    }
    #expect(tokenizer.token(of: 99) == file.unknown_id)
    #expect(tokenizer.vocabularyText == vocabulary)
  }

  private struct Pair: Decodable {
    let first: String, second: String, ids: [Int], types: [Int], types_of_first: [Int], mask: [Int]
  }

  @Test("Two sequences in one, with types and masks, match the reference") func pairs() throws {
    let files = try JSONDecoder().decode([String: [Pair]].self, from: try Self.read("pairs.json"))
    for (name, pairs) in files {
      let vocabulary = try #require(String(bytes: try Self.read("\(name)-vocab.txt"), encoding: .utf8))
      let tokenizer = try Tokenizer(vocabulary: vocabulary)
      #expect(pairs.count == 7)
      for pair in pairs {
        let note = Comment(rawValue: "\(name): \(pair.first), \(pair.second)")
        let first = tokenizer.encode(pair.first, addSpecialTokens: false)
        let second = tokenizer.encode(pair.second, addSpecialTokens: false)
        #expect(tokenizer.encode(pair.first, pair: pair.second) == pair.ids, note)
        #expect(tokenizer.encode(pair.first, pair: pair.second, addSpecialTokens: false) == first + second, note)
        #expect(tokenizer.buildInputs(first, second) == pair.ids, note)
        #expect(tokenizer.buildInputs(first) == tokenizer.encode(pair.first), note)
        #expect(tokenizer.tokenTypeIDs(first, second) == pair.types, note)
        #expect(tokenizer.tokenTypeIDs(first) == pair.types_of_first, note)
        #expect(tokenizer.specialTokensMask(count: first.count, second.count) == pair.mask, note)
      }
    }
    #expect(files.count == 2)
  }

  @Test("Every id and token of the standard vocabulary, both ways") func vocabulary() {
    let tokenizer = Tokenizer.standard
    #expect(tokenizer.tokens.count == 33)
    for (id, token) in tokenizer.tokens.enumerated() {
      #expect(tokenizer.id(of: token) == id && tokenizer.token(of: id) == token)
    }
    #expect(tokenizer.id(of: "J") == tokenizer.unk)
  }

  @Test("A vocabulary without a required token is refused by the token's name") func missing() {
    #expect { try Tokenizer(tokens: ["<cls>", "<pad>", "<eos>", "<unk>", "A"]) } throws: { "\($0)".contains("<mask>") }
  }

  @Test(
    "Texts as transformers 5.23 tokenizes them, but with a token for each unknown character, not for a run of them"
  )
  func executed() {
    let cases: [(text: String, ids: [Int])] = [
      ("KALTA<mask>ISQP", [0, 15, 5, 4, 11, 5, 32, 12, 8, 16, 14, 2]),
      ("K A <mask> I S Q", [0, 15, 5, 32, 12, 8, 16, 2]),
      ("MKJJJAC", [0, 20, 15, 3, 3, 3, 5, 23, 2]), ("mkv", [0, 3, 3, 3, 2]), ("M**K", [0, 20, 3, 3, 15, 2]),
      ("MK AC", [0, 20, 15, 5, 23, 2]), ("M<unk>K", [0, 20, 3, 15, 2]), ("MKX1Z", [0, 20, 15, 24, 3, 27, 2]),
      ("MkBZUOJ-.*AC", [0, 20, 3, 25, 27, 26, 28, 3, 30, 29, 3, 5, 23, 2]),
    ]
    for (text, ids) in cases { #expect(Tokenizer.standard.encode(text) == ids, "\(text)") }
  }

  @Test("Vocabularies with blanks, other line breaks, tokens with common prefixes or duplicates") func odd() throws {
    let task = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>"]
    let tokenizer = try Tokenizer(tokens: task + ["A", "AB", "ABC", "B", "A", "<mask>"])
    // The last of two duplicates counts, the longest token is matched first.
    #expect(
      tokenizer.mask == 10 && tokenizer.encode("ABCABAB<mask>CA", addSpecialTokens: false) == [7, 6, 6, 10, 3, 9])
    #expect(tokenizer.tokenize("ABC?") == ["ABC", "?"] && tokenizer.token(of: -1) == "<unk>")
    for text in ["\r\n", "\n", "\r"].map({ (task + ["A", "AB"]).joined(separator: $0) + $0 }) + [
      " <cls>\n<pad> \n\t<eos>\n<unk>\n<mask>\nA\n AB"
    ] {
      #expect(try Tokenizer(vocabulary: text).tokens == task + ["A", "AB"])
    }
    // An empty line in between is an empty token, as in the reference.
    #expect(try Tokenizer(vocabulary: task.joined(separator: "\n") + "\n\nA\n").id(of: "A") == 6)
    for missing in task {
      #expect { try Tokenizer(tokens: task.filter { $0 != missing }) } throws: {
        "\($0)".contains("found no \(missing)")
      }
    }
    #expect(tokenizer != Tokenizer.standard && Tokenizer.standard.specialTokensMask(count: -1) == [1, 1])
  }
}
