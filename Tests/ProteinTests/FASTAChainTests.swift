// Records of several chains.

import Protein
import Testing

struct FASTAChainTests {
  private func record(_ text: String, _ rules: FASTARules = FASTARules()) throws -> FASTARecord {
    let results = FASTAParser.records(in: text.utf8, file: "p.fa", rules: rules)
    try #require(results.count == 1)
    return try results[0].get()
  }

  private func chains(_ record: FASTARecord) -> [String] { record.chains.map { String($0.map(\.oneLetter)) } }

  @Test(
    "`:` and `/` stand between chains, blanks, line ends and `*` around them do not count",
    arguments: [
      (">a\nMKV:GGH\n", ["MKV", "GGH"]), (">a\nMKV/GGH:W\n", ["MKV", "GGH", "W"]),
      (">a\nMK\nV :\n GG\nH*\n/\nW*\n", ["MKV", "GGH", "W"]), ("MKV:GGH\n", ["MKV", "GGH"]),
      (">a\nXX:W\n", ["XX", "W"]), (">a\nM-K:G.G\n", ["MK", "GG"]), (">a\nMKV\n", ["MKV"]),
    ])
  func chains(_ text: String, _ expected: [String]) throws {
    let record = try record(text)
    #expect(chains(record) == expected && record.chainLengths == expected.map(\.count))
    #expect(String(decoding: record.sequence, as: UTF8.self) == expected.joined())
  }

  @Test(arguments: [
    (">a\nMKV::GGH\n", "p.fa:1: record \"a\": chain 2 of 3: found no residues, expected at least one"),
    (">a\n/MKV:*\n", "p.fa:1: record \"a\": chain 1 of 3: found no residues, expected at least one"),
    (">a\nMKV\n:\n", "p.fa:1: record \"a\": chain 2 of 2: found no residues, expected at least one"),
    (">a\n:\n", "p.fa:1: record \"a\": sequence: found no residues, expected at least one"),
    (
      ">a\nMKV:ACGTACGT\n",
      "p.fa:1: record \"a\": chain 2: found 8 nucleotides (all A, C, G, T, U, N), expected amino acids"
    ),
  ])
  func refused(_ text: String, _ message: String) {
    #expect(summary(FASTAParser.records(in: text.utf8, file: "p.fa")) == [message])
  }

  @Test("A language model reads one chain") func tokens() {
    let results = FASTAParser.records(in: ">a\nMKV:\nGGH\n".utf8, file: "p.fa", rules: FASTARules(.tokens))
    #expect(summary(results) == ["p.fa:2: record \"a\": chains: found ':' after residue 3, expected one chain"])
  }

  @Test("The first line of an A3M says which chains the query has") func query() throws {
    func query(_ line: String) throws -> A3MQuery {
      var parser = FASTAParser(file: "p.a3m")
      parser.push((line + "\n>q\nMKVGG\n").utf8)
      parser.finish()
      return try #require(parser.query)
    }
    let record = try record(">q\nMKVGG\n")
    #expect(try record.divided(into: query("#3,2\t1,2")).map(chains) == ["MKV", "GG", "GG"])
    #expect(try record.divided(into: query("#5\t2")).map(chains) == ["MKVGG", "MKVGG"])
    #expect(try record.divided(into: query("#3,3\t1,1")) == nil)
    // More letters than any protein has.
    var parser = FASTAParser(file: "p.a3m")
    parser.push("#5\t99999999\n>q\nMKVGG\n".utf8)
    parser.finish()
    #expect(parser.query == nil)
  }

  @Test("Names of chains") func names() {
    #expect(
      [0, 25, 26, 51, 52, 61, 62, 63, 124].map(ChainName.of) == ["A", "Z", "a", "z", "0", "9", "AA", "AB", "BA"])
    #expect([3905, 3906].map(ChainName.of) == ["99", "AAA"])
    #expect(Set((0..<5000).map(ChainName.of)).count == 5000)
  }
}
