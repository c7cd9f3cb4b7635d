// The ways by which a text of others comes into messages, results and tables. A new one is a new line of a table here.

import Foundation
import TestSupport
import Testing

/// A way for a text of others to come out again.
struct ForeignTextRoute: CustomStringConvertible, Sendable {
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
}

extension ForeignTextRoute {
  private static let lm = Fixtures.path("family/esm2")
  private static let fasta = ">a\nMKTV\n"

  private static let commandLine: [ForeignTextRoute] = [
    ForeignTextRoute("a command") { _ in [lines] },
    ForeignTextRoute("an option") { _ in ["score", "--" + lines] },
    ForeignTextRoute("a topic") { _ in ["help", lines] },
    ForeignTextRoute("a shell") { _ in ["completion", lines] },
    ForeignTextRoute("an option in place of a value") { _ in ["score", "--model", "--" + lines] },
    ForeignTextRoute("a value") { _ in ["score", "--method", lines] },
    ForeignTextRoute("a variant", input: fasta) { _ in ["score", "--model", lm, "--variant", lines] },
    ForeignTextRoute("a model") { _ in ["score", "--model", lines] },
    ForeignTextRoute("a file of FASTA") { _ in ["score", "--model", lm, lines] },
    ForeignTextRoute("an input of fold") { ["fold", lines, "-o", $0.path + "/out", "--model", "demo"] },
    ForeignTextRoute("a FASTA file's name", input: "") { place in
      ["tokenize", try place.scratch.file(lines.replacing("/", with: "_"), ">a\n\u{1}\n")]
    },
    ForeignTextRoute("a table's folder", input: fasta) { ["score", "--model", lm, "-o", "\($0.path)/\(lines)/t.tsv"] },
    ForeignTextRoute("an output of embed", input: fasta) {
      ["embed", "--model", lm, "-o", "\($0.path)/\(lines)/e.h5"]
    },
    ForeignTextRoute("a folder of results", input: fasta) { _ in ["fold", "--model", "demo", "-o", "/proc/\(lines)"] },
    ForeignTextRoute("a place of results") { ["status", lines, "-i", try $0.scratch.file("a.fasta", fasta)] },
    ForeignTextRoute("an input of status") { ["status", $0.path, "-i", lines] },
    ForeignTextRoute("a place to merge") { _ in ["merge", lines] },
    ForeignTextRoute("an output of merge") {
      ["merge", try $0.scratch.file("a.tsv", "name\tx\na\t1\n"), "-o", "\($0.path)/\(lines)/a.tsv"]
    },
    ForeignTextRoute("an import") { _ in ["weights", "import", lines] },
    ForeignTextRoute("a name for an import") { _ in ["weights", "import", lm, "--name", lines] },
    ForeignTextRoute("an import's output") { ["weights", "import", lm, "-o", "\($0.path)/\(lines)/m.h5"] },
    ForeignTextRoute("an export's output") { _ in ["weights", "export", "demo", "-o", "/proc/\(lines)"] },
    ForeignTextRoute("what is described") { _ in ["weights", "info", lines] },
    ForeignTextRoute("what is verified") { _ in ["weights", "verify", lines] },
    ForeignTextRoute("what is removed") { _ in ["weights", "remove", lines] },
    ForeignTextRoute("what is fetched") { _ in ["weights", "fetch", lines] },
    ForeignTextRoute("a mirror") { _ in ["weights", "fetch", Hub.name, "--from", lines] },
    ForeignTextRoute("a table of variants", input: fasta) { _ in ["score", "--model", lm, "--variants", lines] },
    ForeignTextRoute("a column", input: "mutant\nM1A\n") { place in
      ["score", try place.scratch.file("a.fa", fasta), "--model", lm, "--variants", "-", "--column", lines]
    },
    ForeignTextRoute("a file of labels", input: fasta) { _ in
      ["classify", "--model", Fixtures.path("family/single-label"), "--labels", lines]
    },
    ForeignTextRoute("the path of a result") { place in
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
  private static let environment: [ForeignTextRoute] = variables.map { (name, words) -> ForeignTextRoute in
    let shows = name != "HF_TOKEN" && name != "SSL_CERT_FILE"
    return ForeignTextRoute("\(name) in \(words[0])", shows: shows, environment: [name: lines]) { _ in words }
  }

  private static let proxy = ForeignTextRoute("a proxy", environment: ["http_proxy": "http://\(evil):1"]) { _ in
    ["weights", "fetch", Hub.name, "--from", "http://models.invalid"]
  }

  private static let settings = [
    (key: "model_type", value: "esm"), ("hidden_act", "gelu"), ("position_embedding_type", "rotary"),
  ].map { (key, value) -> ForeignTextRoute in
    ForeignTextRoute("\(key) of config.json", input: fasta) { place in
      let change = ("\"\(key)\": \"\(value)\"", "\"\(key)\": \"\(json)\"")
      return ["score", "--model", try place.model("config.json", [change])]
    }
  }

  private static let files: [ForeignTextRoute] = [
    ForeignTextRoute("a key of config.json", input: fasta) { place in
      ["score", "--model", try place.model("config.json", [("{", "{\"\(json)\": 1, \"\(json)\": 2,")])]
    },
    ForeignTextRoute("a list of tokens", shows: false, input: fasta) { place in
      ["score", "--model", try place.model("config.json", [("{", "{\"vocab_list\": [\"\(json)\"],")])]
    },
    ForeignTextRoute("labels in a table", input: fasta) { place in
      ["classify", "--model", try place.model("config.json", [("cytosol", json)], of: "family/single-label")]
    },
    ForeignTextRoute("labels in JSON", input: fasta) { place in
      [
        "classify", "--format", "json", "--model",
        try place.model(
          "config.json", [("cytosol", json), ("membrane", json), ("nucleus", json)], of: "family/single-label"),
      ]
    },
    ForeignTextRoute("the id of a label", input: fasta) { place in
      ["classify", "--model", try place.model("config.json", [("\"0\":", "\"\(json)\":")], of: "family/single-label")]
    },
    ForeignTextRoute("vocab.txt", input: fasta) { place in
      let folder = try place.model("config.json", [])
      _ = try place.scratch.file("model/vocab.txt", "<cls>\n\(evil)\n")
      return ["tokenize", "--model", folder]
    },
    ForeignTextRoute("a tensor of safetensors") { place in
      [
        "weights", "import",
        try place.safetensors("{\"\(json)\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}"),
      ]
    },
    ForeignTextRoute("a key of safetensors") { place in
      ["weights", "import", try place.safetensors("{\"a\":{\"\(json)\":1}}")]
    },
    ForeignTextRoute("an element type") { place in
      [
        "weights", "import",
        try place.safetensors("{\"a\":{\"dtype\":\"\(json)\",\"shape\":[],\"data_offsets\":[0,0]}}"),
      ]
    },
    ForeignTextRoute("a tensor of a checkpoint") { place in
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
    ForeignTextRoute("a tensor of a pickle") { place in
      // As many bytes as before.
      [
        "weights", "import",
        try place.model(
          "pytorch_model-00001-of-00002.bin",
          [("contact_head.regression.bias", "\(mark)\u{1B}[31m\u{7}\u{8}" + String(repeating: "\u{1B}", count: 18))],
          of: "torch/shards"),
      ]
    },
    ForeignTextRoute("a shard") { place in
      [
        "weights", "import",
        try place.model(
          "pytorch_model.bin.index.json", [("pytorch_model-00001-of-00002.bin", "\(json).bin")], of: "torch/shards"),
      ]
    },
    ForeignTextRoute("a tensor of an index", shows: false) { place in
      [
        "weights", "import",
        try place.model(
          "pytorch_model.bin.index.json", [("esm.contact_head.regression.bias", json)], of: "torch/shards"),
      ]
    },
    // Files without their checksums are refused before a name is shown.
    ForeignTextRoute("a tensor of HDF5, listed", shows: false) { place in
      [
        "weights", "info", "--tensors",
        try place.imported(
          "contact_head.regression", "\(mark)\u{1B}[31m\u{7}\u{9B}" + String(repeating: "\u{8}", count: 12)),
      ]
    },
    ForeignTextRoute("a tensor of HDF5, verified", shows: false) { place in
      ["weights", "verify", try place.imported("contact_head", "\(mark)\u{1B}[31m\u{7}\u{8}\n\n")]
    },
    ForeignTextRoute("the configuration in HDF5", shows: false, input: fasta) { place in
      ["score", "--model", try place.imported("\"rotary\"", "\"\(mark)\u{7F}\u{9B}\"")]
    },
  ]

  private static let records: [ForeignTextRoute] = [
    ForeignTextRoute("a header", input: ">\(evil) \(evil)\n\n>b \(evil)\nMKTV\n") { _ in ["score", "--model", lm] },
    ForeignTextRoute("a header in a summary", input: ">\(evil) \(evil)\nM1\n>b\(evil) \(evil)\nMKTV\n") {
      ["fold", "--model", "demo", "-o", $0.path + "/out"]
    },
    ForeignTextRoute("a header in an index", input: ">\(evil)\t\(evil)\nMKTV\n") {
      ["embed", "--model", lm, "--format", "npy", "-o", $0.path + "/out"]
    },
    ForeignTextRoute("a header in a table", input: ">\(mark) \(evil)\nMK<mask>TV\n") { _ in ["fill", "--model", lm] },
    ForeignTextRoute("a residue", input: ">\(mark)\nMK\(evil)TV\n") { _ in ["contacts", "--model", lm] },
    ForeignTextRoute("a token", input: ">\(mark)\nMK<\(evil)>TV\n") { _ in ["tokenize"] },
    ForeignTextRoute("an id", input: "a\t0 \(evil) 2\n") { _ in ["tokenize", "--decode", "-"] },
    ForeignTextRoute("a name beside ids", input: "\(evil)\t0 5 2\n") { _ in ["tokenize", "--decode", "-"] },
    ForeignTextRoute("a column name of variants") { place in
      [
        "score", try place.scratch.file("a.fa", fasta), "--model", lm, "--variants",
        try place.scratch.file("v.csv", "\"\(evil)\n\",mutant\n\"\(evil)\n\t\",M1A\n\(evil),\(evil)\n"),
      ]
    },
    ForeignTextRoute("column names without variants") { place in
      [
        "score", try place.scratch.file("a.fa", fasta), "--model", lm, "--variants",
        try place.scratch.file("v.csv", "\(evil),b\n1,2\n"),
      ]
    },
    ForeignTextRoute("a label") { try classify($0, "a\t\(evil)\nb\t0\n") },
    ForeignTextRoute("the name of a label's record") { try classify($0, "\(evil)\t0\na\t0\n") },
    ForeignTextRoute("names of labels without records") { try classify($0, "\(evil)\t0\n") },
    ForeignTextRoute("two labels of one name") { try classify($0, "\(evil)\t0\n\(evil)\t1\n") },
    ForeignTextRoute("column names of labels") { try classify($0, "id,\(evil),\"b\n\"\n1,2,3\n") },
    ForeignTextRoute("a record without a label", input: ">a\nMK\n>\(mark)\u{1B} \(evil)\nMK\n") { place in
      try Array(classify(place, "a\t0\n").dropFirst(2)).reduce(into: ["classify"]) { $0.append($1) }
    },
    ForeignTextRoute("a label that a model expects", input: fasta) { place in
      let model = try place.model("config.json", [("cytosol", json)], of: "family/single-label")
      return ["classify", "--model", model, "--labels", try place.scratch.file("l.tsv", "a\t1\n")]
    },
    ForeignTextRoute("the source of a model") { place in
      let source = try place.model("config.json", [], as: evil.replacing("/", with: "_"))
      let file = place.path + "/m.h5"
      try #require(try Binary.run(["weights", "import", source, "-o", file]).status == 0)
      return ["weights", "info", file]
    },
    ForeignTextRoute("the names of files in the cache", environment: [:]) { place in
      _ = try place.scratch.file("cache/\(evil).h5", "no model")
      return ["weights", "list"]
    },
    ForeignTextRoute("the names of files in the cache, as a table") { place in
      _ = try place.scratch.file("cache/\(evil).h5", "no model")
      return ["weights", "list", "--format", "tsv"]
    },
  ]

  /// A comparison with these labels: `classify a.fa --model M --labels FILE`.
  private static func classify(_ place: Place, _ labels: String) throws -> [String] {
    [
      "classify", try place.scratch.file("a.fa", fasta), "--model", Fixtures.path("family/single-label"), "--labels",
      try place.scratch.file("l.tsv", labels),
    ]
  }

  static let all: [ForeignTextRoute] = [commandLine, environment, [proxy], settings, files, records].flatMap { $0 }
}
