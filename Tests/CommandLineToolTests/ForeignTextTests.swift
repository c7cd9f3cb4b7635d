// Whatever a file, a server, an argument or the environment says: it is data, and never a command to the terminal, a line of
// the log or a column of a table.

import Foundation
import TestSupport
import Testing

/// Texts with controls take every way by which texts of others come into messages, results and tables.
@Suite(.timeLimit(minutes: 20)) struct ForeignTextTests {
  /// What is wrong with a text: a control, or a line that only looks like one of the program's.
  static func faults(_ text: String, isTable: Bool) -> [String] {
    let controls = text.unicodeScalars.filter { scalar in
      switch scalar.value {
      case 0x0A: false
      case 0x09: !isTable
      case 0..<0x20, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
      default: false
      }
    }
    return controls.map { "control \(String($0.value, radix: 16))" }
      + text.split(separator: "\n").filter { $0.hasPrefix("fake") || $0.hasPrefix("error: fake") }
      .map { "the line \($0)" }
  }

  @Test("No control comes out", arguments: ForeignTextRoute.all) func text(_ route: ForeignTextRoute) throws {
    for format in ["text", "json"] {
      let place = ForeignTextRoute.Place(scratch: try ScratchFolder())
      let cache = place.path + "/cache"
      try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
      let words = try route.words(place)
      let environment = ["ESMFOLD_CACHE": cache].merging(route.environment) { $1 }
      let ran = try Binary.run(
        words + ["--log-format", format, "--verbose"], input: route.input.map { Data($0.utf8) },
        environment: environment)
      try #require(ran.status != nil, "\(route): ended by signal \(ran.signal ?? 0): \(ran.error)")
      #expect(Self.faults(ran.output, isTable: true).isEmpty, "\(route): \(ran.output.debugDescription)")
      #expect(Self.faults(ran.error, isTable: false).isEmpty, "\(route): \(ran.error.debugDescription)")
      var all = ran.output + ran.error
      for table in ["summary.tsv", "index.tsv"] {
        guard let text = try? place.scratch.text("out/\(table)") else { continue }
        #expect(Self.faults(text, isTable: true).isEmpty, "\(route): \(text.debugDescription)")
        // As many columns in each line as in the first.
        let lines = text.split(separator: "\n")
        #expect(
          Set(lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).count }).count == 1, "\(text)")
        all += text
      }
      #expect(all.contains(ForeignTextRoute.mark) == route.shows, "\(route): \(all)")
      guard format == "json" else { continue }
      for line in ran.error.split(separator: "\n") {
        #expect(throws: Never.self, "\(route): \(line)") { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
      }
    }
  }

  // MARK: Servers

  /// What a server may say.
  enum Speech: String, CaseIterable {
    case status, reason, headers, redirect, page, range, retry
  }

  @Test("Servers say nothing to the terminal", arguments: Speech.allCases) func server(_ speech: Speech) throws {
    let evil = "\(ForeignTextRoute.mark)\u{1B}[31m\u{7}\u{9B}2J\u{202E}\u{7F}"
    let hub = try Hub { reply, request, number in
      guard request.target.hasSuffix(Hub.weights) else { return }
      switch speech {
      case .status:
        reply.status = 404
        reply.reason = evil
      case .reason: reply.reason = evil
      case .headers:
        reply.headers = [
          ("ETag", "\"\(evil)\""), ("Last-Modified", evil), ("X-\(evil)", evil), ("X-Linked-ETag", evil),
        ]
        if number == 0 { reply.breaksAfter = 30_000 }
      case .redirect: reply = .init(status: 302, headers: [("Location", "gopher://\(evil)/\(evil)")])
      case .page: reply = .init(headers: [("Content-Type", evil)], body: Array("<html>\(evil)</html>".utf8))
      case .range:
        if number == 0 { reply.breaksAfter = 30_000 } else { reply.headers.append(("Content-Range", "bytes \(evil)")) }
      case .retry: reply = .init(status: 503, headers: [("Retry-After", "999999"), ("Server", evil)])
      }
    }
    for format in ["text", "json"] {
      let ran = try hub.fetch(["--log-format", format, "--verbose", "--overwrite"])
      try #require(ran.status != nil)
      let all = ran.output + ran.error
      #expect(Self.faults(all, isTable: false).isEmpty, "\(speech): \(all.debugDescription)")
      if speech == .page { #expect(ran.error.contains(ForeignTextRoute.mark)) }
    }
  }
}
