// Confidence as JSON: the bytes of small files, numbers at borders, how files are recognised, and what has no JSON.

import ESMFoldKit
import Foundation
import Protein
import Testing

@Suite("Confidence as JSON") struct ConfidenceFileTests {
  private static let digest = String(repeating: "0123456789abcdef", count: 4)
  private static let errors = AlignedErrors([0.25, 1.349, 31.75, 9.96, 0.75, 12, 20.005, 0.05, 0], count: 3)

  private final class Sink {
    var pieces: [[UInt8]] = []
    var text: String { String(decoding: pieces.flatMap(\.self), as: UTF8.self) }
  }

  private static func text(_ body: (@escaping ([UInt8]) throws -> Void) throws -> Void) throws -> String {
    let sink = Sink()
    try body { sink.pieces.append($0) }
    return sink.text
  }

  @Test("Errors as the AlphaFold database has them, rounded as numpy rounds") func alignedErrors() throws {
    let text = try Self.text { try AlignedErrorFile.write(Self.errors, digest: Self.digest, to: $0) }
    #expect(
      text == """
        [{"request_sha256":"\(Self.digest)","predicted_aligned_error":[[0.2,1.3,31.8],[10.0,0.8,12.0],[20.0,0.1,0.0]],\
        "max_predicted_aligned_error":31.75}]

        """)
    #expect(AlignedErrorFile.digest(in: Array(text.utf8.prefix(ConfidenceJSON.headByteCount))) == Self.digest)
    #expect(ScoresFile.digest(in: Array(text.utf8)) == nil)
  }

  @Test("Scores under ColabFold's names") func scores() throws {
    let file = ScoresFile(
      plddt: [95.571, 50, 0.125], alignedErrors: Self.errors, ptm: 0.126, iptm: 0.5,
      tables: [
        .init("pairwise_iptm", [("A-B", 0.12345), ("A-\"", 1)]), .init("per_chain_ptm", []),
      ], digest: Self.digest)
    let text = try Self.text(file.write)
    #expect(
      text == """
        {"request_sha256":"\(Self.digest)","plddt":[95.57,50.0,0.12],"max_pae":31.75,\
        "pae":[[0.25,1.35,31.75],[9.96,0.75,12.0],[20.0,0.05,0.0]],"ptm":0.13,"iptm":0.5,\
        "pairwise_iptm":{"A-B":0.123,"A-\\"":1.0},"per_chain_ptm":{}}

        """)
    #expect(ScoresFile.digest(in: Array(text.utf8.prefix(ConfidenceJSON.headByteCount))) == Self.digest)
    #expect(AlignedErrorFile.digest(in: Array(text.utf8)) == nil)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "request_sha256", "plddt", "max_pae", "pae", "ptm", "iptm", "pairwise_iptm", "per_chain_ptm",
      ])
    let single = ScoresFile(plddt: [1], alignedErrors: AlignedErrors([0.3], count: 1), ptm: 0.5, digest: "x")
    #expect(
      try Self.text(single.write)
        == "{\"request_sha256\":\"x\",\"plddt\":[1.0],\"max_pae\":0.30000001192092896,\"pae\":[[0.3]],\"ptm\":0.5}\n")
  }

  @Test("Numbers that are not finite are errors that name their place", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(_ value: Float) throws {
    let errors = AlignedErrors([0, 0, value, 0], count: 2), fine = AlignedErrors([0, 0, 0, 0], count: 2)
    func scores(_ plddt: Float, _ errors: AlignedErrors, _ ptm: Float, _ iptm: Float?, _ pair: Float) -> ScoresFile {
      ScoresFile(
        plddt: [1, plddt], alignedErrors: errors, ptm: ptm, iptm: iptm, tables: [.init("t", [("A-B", pair)])],
        digest: "")
    }
    let place = "predicted aligned error of residue 1 on 2: "
    let cases: [(String, (@escaping ([UInt8]) throws -> Void) throws -> Void)] = [
      (place, { try AlignedErrorFile.write(errors, digest: "", to: $0) }),
      (place, scores(1, errors, 1, nil, 1).write), ("pLDDT of residue 2: ", scores(value, fine, 1, nil, 1).write),
      ("ptm: ", scores(1, fine, value, nil, 1).write), ("iptm: ", scores(1, fine, 1, value, 1).write),
      ("A-B: ", scores(1, fine, 1, 1, value).write),
    ]
    for (place, body) in cases {
      let error = #expect(throws: ConfidenceError.self) { try Self.text(body) }
      #expect(error?.description.hasPrefix("\(place)found \(value), expected a finite number") == true)
    }
  }

  @Test("Large files are written in pieces") func pieces() throws {
    let errors = AlignedErrors((0..<500 * 500).map { Float($0 % 3175) / 100 }, count: 500), sink = Sink()
    try AlignedErrorFile.write(errors, digest: Self.digest) { sink.pieces.append($0) }
    #expect(sink.pieces.count > 10 && sink.pieces.allSatisfy { $0.count < TextPieces.pieceSize + 4096 })
    let list = try #require(try JSONSerialization.jsonObject(with: Data(sink.text.utf8)) as? [[String: Any]])
    let rows = try #require(list.first?["predicted_aligned_error"] as? [[Double]])
    #expect(rows.count == 500 && rows.allSatisfy { $0.count == 500 })
    let worst = rows.joined().enumerated().map { abs($1 - Double(errors.values[$0])) }.max() ?? 1
    #expect(worst < 0.0501)
  }

  @Test(
    "Other files are not taken for ours",
    arguments: [
      "", "[]", "{}", "[{\"predicted_aligned_error\":[[0]],\"max_predicted_aligned_error\":31.75}]",
      "[{\"request_sha256\":\"abc\",", "[{\"request_sha256\":\"" + String(repeating: "a", count: 64),
      "{\"request_sha256\":\"" + String(repeating: "a", count: 63) + "\",", "{\"plddt\":[]}",
    ])
  func foreign(_ text: String) {
    #expect(AlignedErrorFile.digest(in: Array(text.utf8)) == nil && ScoresFile.digest(in: Array(text.utf8)) == nil)
  }

  @Test("The files of a result: one structure in both formats, and its confidence") func ofResult() throws {
    let model = try ESMFold(.demo, threads: 1)
    let result = try model.fold(FoldRequest(sequence: "NLYIQWLKDXGGPSSGRPPPS", recycles: 0))
    let cif = try result.mmCIF(name: "a", title: "a title"),
      pairs = try result.mmCIF(name: "a", title: "", withAlignedErrors: true)
    let head = try #require(MMCIFProvenance(cif)), pdb = try #require(PDBProvenance(try result.pdb(title: "a title")))
    #expect(head.fold == pdb && !head.hasAlignedErrors)
    #expect(MMCIFProvenance(Array(pairs.prefix(MMCIFProvenance.headByteCount)))?.hasAlignedErrors == true)
    #expect(pdb.digest == result.identity.digest)
    #expect(try AlignedErrorFile.digest(in: result.alignedErrorJSON()) == pdb.digest)
    let scores = try result.scoresJSON()
    #expect(ScoresFile.digest(in: scores) == pdb.digest)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(scores)) as? [String: Any])
    let plddt = try #require(object["plddt"] as? [Double]), pae = try #require(object["pae"] as? [[Double]])
    #expect(plddt.count == 21 && pae.count == 21 && object["iptm"] == nil)
    for i in 0..<21 {
      #expect(abs(plddt[i] - Double(result.plddt[i * 37 + 1])) <= 0.0051)
      for j in 0..<21 { #expect(abs(pae[i][j] - Double(result.predictedAlignedError[i * 21 + j])) <= 0.0051) }
    }
  }
}
