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

  @Test("Pieces, ids, masks and text as the reference has them", arguments: ["standard", "shuffled"])
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

  @Test("Every id and token of the standard vocabulary, there and back") func vocabulary() {
    let tokenizer = Tokenizer.standard
    #expect(tokenizer.tokens.count == 33)
    for (id, token) in tokenizer.tokens.enumerated() {
      #expect(tokenizer.id(of: token) == id && tokenizer.token(of: id) == token)
    }
    #expect(tokenizer.id(of: "J") == tokenizer.unk)
  }

  @Test("A vocabulary without a token that is needed is refused by the token's name") func missing() {
    #expect { try Tokenizer(tokens: ["<cls>", "<pad>", "<eos>", "<unk>", "A"]) } throws: { "\($0)".contains("<mask>") }
  }
}
