// Whatever a file, a server, an argument or the environment says: it is data, and never a command to the terminal, a line of
// the log or a column of a table.

import Foundation
import TestSupport
import Testing

/// Texts with controls take every way by which texts of others come into messages, results and tables.
@Suite(.timeLimit(.minutes(20))) struct ForeignTextTests {
  /// Colour, bell, C1's CSI, a change of the writing direction, DEL; the mark shows that the text has arrived.
  static let evil = "\(mark)\u{1B}[31m\u{7}\u{9B}2J\u{202E}\u{2066}\u{7F}\u{8}"
  static let mark = "Zq7"
  /// Also with lines that look like messages.
  static let lines = "\(evil)\r\nerror: fake\nfake: "
  /// As a JSON string without its quotation marks.
  static let json = "\(mark)\\u001b[31m\\u0007\\u009b2J\\u202e\\u2066\\u007f\\u0008\\nerror: fake"

  /// What a route needs.
  struct Place {
    let scratch: ScratchFolder
    var path: String { scratch.path }

    /// A copy of a model's folder with other texts in a file.
    func model(
      _ file: String, _ changes: [(String, String)], of fixture: String = "family/esm2", as name: String = "model"
    ) throws -> String {
      let folder = "\(path)/\(name)"
      try FileManager.default.copyItem(atPath: Fixtures.path(fixture), toPath: folder)
      var content = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
      for (text, replacement) in changes {
        let range = try #require(content.range(of: Data(text.utf8)), "no \(text)")
        content.replaceSubrange(range, with: Data(replacement.utf8))
      }
      try content.write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
      return folder
    }

    /// A file of our own format in which a text is replaced by one of the same length.
    func imported(_ text: String, _ replacement: String) throws -> String {
      let file = path + "/evil.h5"
      try #require(try Binary.run(["weights", "import", Fixtures.path("family/esm2"), "-o", file]).status == 0)
      var content = try Data(contentsOf: URL(fileURLWithPath: file))
      try #require(text.utf8.count == replacement.utf8.count)
      while let range = content.range(of: Data(text.utf8)) {
        content.replaceSubrange(range, with: Data(replacement.utf8))
      }
      try content.write(to: URL(fileURLWithPath: file))
      return file
    }

    /// A safetensors file with this header and no data.
    func safetensors(_ header: String) throws -> String {
      let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      return try scratch.file("x.safetensors", length + Data(header.utf8))
    }
  }

  /// A way for a text of others to come out again.
  struct Route: CustomStringConvertible, Sendable {
    let description: String
    /// Whether the text is shown at all; a token is not.
    var shows = true
    var environment: [String: String] = [:]
    var input: String?
    /// Makes the files, and gives the command line.
    let words: @Sendable (Place) throws -> [String]

    init(
      _ description: String, shows: Bool = true, environment: [String: String] = [:], input: String? = nil,
      _ words: @escaping @Sendable (Place) throws -> [String]
    ) {
      self.description = description
      self.shows = shows
      self.environment = environment
      self.input = input
      self.words = words
    }
  }

  private static let lm = Fixtures.path("family/esm2")
  private static let fasta = ">a\nMKTV\n"

  private static let commandLine: [Route] = [
    Route("a command") { _ in [lines] },
    Route("an option") { _ in ["score", "--" + lines] },
    Route("a topic") { _ in ["help", lines] },
    Route("a shell") { _ in ["completion", lines] },
    Route("an option in place of a value") { _ in ["score", "--model", "--" + lines] },
    Route("a value") { _ in ["score", "--method", lines] },
    Route("a variant", input: fasta) { _ in ["score", "--model", lm, "--variant", lines] },
    Route("a model") { _ in ["score", "--model", lines] },
    Route("a file of FASTA") { _ in ["score", "--model", lm, lines] },
    Route("an input of fold") { ["fold", lines, "-o", $0.path + "/out", "--model", "demo"] },
    Route("a FASTA file's name", input: "") { place in
      ["tokenize", try place.scratch.file(lines.replacing("/", with: "_"), ">a\n\u{1}\n")]
    },
    Route("a table's folder", input: fasta) { ["score", "--model", lm, "-o", "\($0.path)/\(lines)/t.tsv"] },
    Route("an output of embed", input: fasta) { ["embed", "--model", lm, "-o", "\($0.path)/\(lines)/e.h5"] },
    Route("a folder of results", input: fasta) { _ in ["fold", "--model", "demo", "-o", "/proc/\(lines)"] },
    Route("an import") { _ in ["weights", "import", lines] },
    Route("a name for an import") { _ in ["weights", "import", lm, "--name", lines] },
    Route("an import's output") { ["weights", "import", lm, "-o", "\($0.path)/\(lines)/m.h5"] },
    Route("an export's output") { _ in ["weights", "export", "demo", "-o", "/proc/\(lines)"] },
    Route("what is described") { _ in ["weights", "info", lines] },
    Route("what is verified") { _ in ["weights", "verify", lines] },
    Route("what is removed") { _ in ["weights", "remove", lines] },
    Route("what is fetched") { _ in ["weights", "fetch", lines] },
    Route("a mirror") { _ in ["weights", "fetch", Hub.name, "--from", lines] },
    Route("a table of variants", input: fasta) { _ in ["score", "--model", lm, "--variants", lines] },
    Route("a column", input: "mutant\nM1A\n") { place in
      ["score", try place.scratch.file("a.fa", fasta), "--model", lm, "--variants", "-", "--column", lines]
    },
    Route("the path of a result") { place in
      ["weights", "import", lm, "-o", "\(place.path)/\(lines.replacing("/", with: "_")).h5"]
    },
  ]

  private static let variables: [(name: String, words: [String])] = [
    ("ESMFOLD_MODEL", ["score"]), ("ESMFOLD_THREADS", ["score", "--model", lm]), ("ESMFOLD_ISA", ["info"]),
    ("ESMFOLD_MIRROR", ["weights", "fetch", Hub.name]), ("ESMFOLD_CACHE", ["weights", "list"]),
    ("ESMFOLD_CACHE", ["info"]), ("ESMFOLD_CACHE", ["fold", "-o", "/nonexistent"]),
    ("HF_TOKEN", ["weights", "fetch", Hub.name]),
    ("SSL_CERT_FILE", ["weights", "fetch", Hub.name, "--from", "https://127.0.0.1:1"]),
  ]

  // libcurl does not say which file has no certificates.
  private static let environment: [Route] = variables.map { (name, words) -> Route in
    let shows = name != "HF_TOKEN" && name != "SSL_CERT_FILE"
    return Route("\(name) in \(words[0])", shows: shows, environment: [name: lines]) { _ in words }
  }

  private static let proxy = Route("a proxy", environment: ["http_proxy": "http://\(evil):1"]) { _ in
    ["weights", "fetch", Hub.name, "--from", "http://models.invalid"]
  }

  private static let settings = [
    (key: "model_type", value: "esm"), ("hidden_act", "gelu"), ("position_embedding_type", "rotary"),
  ].map { (key, value) -> Route in
    Route("\(key) of config.json", input: fasta) { place in
      let change = ("\"\(key)\": \"\(value)\"", "\"\(key)\": \"\(json)\"")
      return ["score", "--model", try place.model("config.json", [change])]
    }
  }

  private static let files: [Route] = [
    Route("a key of config.json", input: fasta) { place in
      ["score", "--model", try place.model("config.json", [("{", "{\"\(json)\": 1, \"\(json)\": 2,")])]
    },
    Route("a list of tokens", shows: false, input: fasta) { place in
      ["score", "--model", try place.model("config.json", [("{", "{\"vocab_list\": [\"\(json)\"],")])]
    },
    Route("labels in a table", input: fasta) { place in
      ["classify", "--model", try place.model("config.json", [("cytosol", json)], of: "family/single-label")]
    },
    Route("labels in JSON", input: fasta) { place in
      [
        "classify", "--format", "json", "--model",
        try place.model(
          "config.json", [("cytosol", json), ("membrane", json), ("nucleus", json)], of: "family/single-label"),
      ]
    },
    Route("the id of a label", input: fasta) { place in
      ["classify", "--model", try place.model("config.json", [("\"0\":", "\"\(json)\":")], of: "family/single-label")]
    },
    Route("vocab.txt", input: fasta) { place in
      let folder = try place.model("config.json", [])
      _ = try place.scratch.file("model/vocab.txt", "<cls>\n\(evil)\n")
      return ["tokenize", "--model", folder]
    },
    Route("a tensor of safetensors") { place in
      [
        "weights", "import",
        try place.safetensors("{\"\(json)\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}"),
      ]
    },
    Route("a key of safetensors") { place in ["weights", "import", try place.safetensors("{\"a\":{\"\(json)\":1}}")]
    },
    Route("an element type") { place in
      [
        "weights", "import",
        try place.safetensors("{\"a\":{\"dtype\":\"\(json)\",\"shape\":[],\"data_offsets\":[0,0]}}"),
      ]
    },
    Route("a tensor of a checkpoint") { place in
      let source = try place.model("config.json", []), header = "\"\(json).weight\""
      let weights = source + "/model.safetensors"
      // One more tensor without elements, at the end of the data.
      var content = try Data(contentsOf: URL(fileURLWithPath: weights))
      let length = Int(content.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
      let size = content.count - 8 - length
      var text = String(decoding: content[8..<8 + length], as: UTF8.self)
      let end = try #require(text.lastIndex(of: "}"))
      text.insert(
        contentsOf: ",\(header):{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[\(size),\(size)]}", at: end)
      content.replaceSubrange(
        ..<(8 + length), with: withUnsafeBytes(of: UInt64(text.utf8.count)) { Data($0) } + Data(text.utf8))
      try content.write(to: URL(fileURLWithPath: weights))
      return ["weights", "import", source, "-o", place.path + "/m.h5"]
    },
    Route("a tensor of a pickle") { place in
      // As many bytes as before.
      [
        "weights", "import",
        try place.model(
          "pytorch_model-00001-of-00002.bin",
          [("contact_head.regression.bias", "\(mark)\u{1B}[31m\u{7}\u{8}" + String(repeating: "\u{1B}", count: 18))],
          of: "torch/shards"),
      ]
    },
    Route("a shard") { place in
      [
        "weights", "import",
        try place.model(
          "pytorch_model.bin.index.json", [("pytorch_model-00001-of-00002.bin", "\(json).bin")], of: "torch/shards"),
      ]
    },
    Route("a tensor of an index", shows: false) { place in
      [
        "weights", "import",
        try place.model(
          "pytorch_model.bin.index.json", [("esm.contact_head.regression.bias", json)], of: "torch/shards"),
      ]
    },
    // Files without their checksums are refused before a name is shown.
    Route("a tensor of HDF5, listed", shows: false) { place in
      [
        "weights", "info", "--tensors",
        try place.imported(
          "contact_head.regression", "\(mark)\u{1B}[31m\u{7}\u{9B}" + String(repeating: "\u{8}", count: 12)),
      ]
    },
    Route("a tensor of HDF5, verified", shows: false) { place in
      ["weights", "verify", try place.imported("contact_head", "\(mark)\u{1B}[31m\u{7}\u{8}\n\n")]
    },
    Route("the configuration in HDF5", shows: false, input: fasta) { place in
      ["score", "--model", try place.imported("\"rotary\"", "\"\(mark)\u{7F}\u{9B}\"")]
    },
  ]

  private static let records: [Route] = [
    Route("a header", input: ">\(evil) \(evil)\n\n>b \(evil)\nMKTV\n") { _ in ["score", "--model", lm] },
    Route("a header in a summary", input: ">\(evil) \(evil)\nM1\n>b\(evil) \(evil)\nMKTV\n") {
      ["fold", "--model", "demo", "-o", $0.path + "/out"]
    },
    Route("a header in an index", input: ">\(evil)\t\(evil)\nMKTV\n") {
      ["embed", "--model", lm, "--format", "npy", "-o", $0.path + "/out"]
    },
    Route("a header in a table", input: ">\(mark) \(evil)\nMK<mask>TV\n") { _ in ["fill", "--model", lm] },
    Route("a residue", input: ">\(mark)\nMK\(evil)TV\n") { _ in ["contacts", "--model", lm] },
    Route("a token", input: ">\(mark)\nMK<\(evil)>TV\n") { _ in ["tokenize"] },
    Route("an id", input: "a\t0 \(evil) 2\n") { _ in ["tokenize", "--decode", "-"] },
    Route("a name beside ids", input: "\(evil)\t0 5 2\n") { _ in ["tokenize", "--decode", "-"] },
    Route("a column name of variants") { place in
      [
        "score", try place.scratch.file("a.fa", fasta), "--model", lm, "--variants",
        try place.scratch.file("v.csv", "\"\(evil)\n\",mutant\n\"\(evil)\n\t\",M1A\n\(evil),\(evil)\n"),
      ]
    },
    Route("column names without variants") { place in
      [
        "score", try place.scratch.file("a.fa", fasta), "--model", lm, "--variants",
        try place.scratch.file("v.csv", "\(evil),b\n1,2\n"),
      ]
    },
    Route("the source of a model") { place in
      let source = try place.model("config.json", [], as: evil.replacing("/", with: "_"))
      let file = place.path + "/m.h5"
      try #require(try Binary.run(["weights", "import", source, "-o", file]).status == 0)
      return ["weights", "info", file]
    },
    Route("the names of files in the cache", environment: [:]) { place in
      _ = try place.scratch.file("cache/\(evil).h5", "no model")
      return ["weights", "list"]
    },
    Route("the names of files in the cache, as a table") { place in
      _ = try place.scratch.file("cache/\(evil).h5", "no model")
      return ["weights", "list", "--format", "tsv"]
    },
  ]

  static let routes: [Route] = [commandLine, environment, [proxy], settings, files, records].flatMap { $0 }

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

  @Test("No control comes out", arguments: routes) func text(_ route: Route) throws {
    for format in ["text", "json"] {
      let place = Place(scratch: try ScratchFolder())
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
      #expect(all.contains(Self.mark) == route.shows, "\(route): \(all)")
      // A mistake on the command line is said before the format of the log is known.
      guard format == "json", ran.status != 2 else { continue }
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
    let evil = "\(Self.mark)\u{1B}[31m\u{7}\u{9B}2J\u{202E}\u{7F}"
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
      if speech == .page { #expect(ran.error.contains(Self.mark)) }
    }
  }
}
