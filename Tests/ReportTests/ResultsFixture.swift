// Results of folds as they lie in a folder, made for tests.

import Foundation
import Platform
import Report
import Testing

/// A folder of results; removed with the test.
final class ResultsFixture {
  let path: String

  static let digest = String(repeating: "ab12", count: 16)

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/esmfold-report-\(UUID().uuidString)"
    try Folder.create(path + "/results")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var results: String { path + "/results" }

  func write(_ name: String, _ text: String) throws { try WholeFile.write(Array(text.utf8), to: results + "/" + name) }

  func names(_ folder: String = "") throws -> [String] { try Folder.names(in: path + folder) }

  static let columns =
    "name\tlength\tmean_plddt\tptm\tseconds\trecycles\tprecision\tmodel\tstatus\tmessage\theader\tchains\n"

  /// A PDB file of alanines with these numbers.
  static func pdb(_ numbers: [Int], plddt: Double = 91, digest: String = digest, model: String = "m") -> String {
    let head = [
      "PROGRAM: esmfold 9.9", "MODEL: \(model)", "MODEL SHA-256:", String(repeating: "cd34", count: 16), "RECYCLES: 3",
      "PRECISION: fp32", "REQUEST SHA-256:", digest,
    ].map { "REMARK   6 \($0)\n" }.joined()
    return "HEADER    PREDICTED STRUCTURE\n" + head
      + numbers.map { number in
        let text = String(number), confidence = fixed(plddt, 2)
        return "ATOM      1  CA  ALA A" + String(repeating: " ", count: 4 - text.count) + text
          + "       1.000   2.000   3.000  1.00" + String(repeating: " ", count: 6 - confidence.count) + confidence
          + "           C  \n"
      }.joined() + "TER\nEND\n"
  }

  /// Aligned errors of that many residues.
  static func errors(_ size: Int, digest: String = digest) -> String {
    let rows = (0..<size).map { row in "[" + (0..<size).map { "\(row).\($0 % 10)" }.joined(separator: ",") + "]" }
    return "[{\"request_sha256\":\"\(digest)\",\"predicted_aligned_error\":[" + rows.joined(separator: ",")
      + "],\"max_predicted_aligned_error\":31.75}]\n"
  }

  /// Writes a report of the results into `report.html`.
  func report(_ layout: ReportLayout = .auto, title: String? = nil) throws -> Page {
    let writer = try ReportWriter(
      of: results, to: path + "/report.html", title: title, registry: TemporaryFiles())
    let outcome = try writer.write(layout)
    return Page(
      text: String(decoding: try WholeFile.read(outcome.path), as: UTF8.self), folder: outcome.files, outcome: outcome)
  }

  /// A report.
  struct Page {
    let text: String
    let folder: String?
    let outcome: ReportOutcome

    /// The text of the script element that has this id; nil where there is none.
    func element(_ id: String) -> String? {
      guard let start = text.firstRange(of: "id=\"\(id)\">"),
        let end = text[start.upperBound...].firstRange(of: "</script>")
      else { return nil }
      return String(text[start.upperBound..<end.lowerBound])
    }

    /// What is between two texts.
    func between(_ start: String, _ end: String) throws -> String {
      let first = try #require(text.firstRange(of: start))
      let last = try #require(text[first.upperBound...].firstRange(of: end))
      return String(text[first.upperBound..<last.lowerBound])
    }

    var index: Index {
      get throws { try JSONDecoder().decode(Index.self, from: Data(try #require(element("report-data")).utf8)) }
    }

    /// The data of a protein, in the page or in the folder beside it.
    func record(_ number: Int) throws -> Record {
      var json = element("record-\(number)")
      if json == nil, let folder {
        let stamp = try index.stamp
        let script = String(decoding: try WholeFile.read("\(folder)/\(number)-\(stamp).js"), as: UTF8.self)
        let start = "esmfoldRecord(\(number),", end = ");\n"
        try #require(script.hasPrefix(start) && script.hasSuffix(end))
        json = String(script.dropFirst(start.count).dropLast(end.count))
      }
      return try JSONDecoder().decode(Record.self, from: Data(try #require(json).utf8))
    }
  }

  struct Index: Decodable {
    struct Run: Decodable {
      let program: String?, model: String?, digest: String?, machine: String?, first: String?, last: String?
      let recycles: Int?, count: Int, precision: String?, details: [String]
    }
    struct Line: Decodable {
      let name: String, header: String?, length: Int?, chains: Int?, plddt: Double?, ptm: Double?, status: String
      let message: String?, run: Int?, strip: String?, data: Bool
    }
    let title: String, made: String, program: String, stamp: String, demo: Bool, files: String?
    let runs: [Run], records: [Line]
  }

  struct Record: Decodable {
    struct Chain: Decodable {
      let id: String, sequence: String, numbers: [[Int]]
    }
    struct File: Decodable {
      let name: String, kind: String, data: String
    }
    struct Errors: Decodable {
      let size: Int, max: Double, digest: String?, data: String
    }
    let chains: [Chain], plddt: [Double?], structure: String, files: [File], pae: Errors?, facts: [[String]]
  }
}
