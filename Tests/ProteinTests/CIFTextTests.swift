// Text in CIF files: what is quoted and how (CIF 1.1), and what the head of a file says.

import Protein
import Testing

struct CIFTextTests {
  /// Text and how it stands in a file.
  static let texts: [(String, String)] = [
    ("plain", "plain"), ("1.5", "1.5"), ("a-b_c.d", "a-b_c.d"), ("", "?"), ("?", "'?'"), (".", "'.'"), (" ", "' '"),
    ("two words", "'two words'"), ("it's", "\"it's\""), ("5'", "\"5'\""), ("say \"x\"", "'say \"x\"'"),
    ("'", "\"'\""), ("\"", "'\"'"), ("_x", "'_x'"), ("#x", "'#x'"), ("$x", "'$x'"), ("[x]", "'[x]'"), ("]", "']'"),
    (";x", "';x'"), ("x;y", "x;y"), ("x#y", "x#y"), ("data_x", "'data_x'"), ("DATA_", "'DATA_'"), ("loop_", "'loop_'"),
    ("Save_me", "'Save_me'"), ("stop_", "'stop_'"), ("global_", "'global_'"), ("database", "database"),
    ("both ' and \"", "\n;both ' and \"\n;\n"), ("\u{e9}\u{1b}\t\n\r\u{202e}\u{1f600}", "???????"),
  ]

  @Test(arguments: texts) func quotes(_ text: String, _ expected: String) {
    #expect(String(decoding: CIFValue.text(text).bytes, as: UTF8.self) == expected)
  }

  @Test("Other values") func values() {
    #expect(CIFValue.integer(-12).bytes == Array("-12".utf8) && CIFValue.unknown.bytes == Array("?".utf8))
    #expect(CIFValue.notApplicable.bytes == Array(".".utf8))
  }

  static let long = [
    String(repeating: "word  of   text ", count: 700), String(repeating: "x", count: 9000),
    String(repeating: ";", count: 6000),
    "x" + String(repeating: ";", count: 6000) + String(repeating: " ;", count: 3000),
    String(repeating: " ", count: 5000) + "x", String(repeating: "'\"", count: 1000) + "x",
  ]

  @Test("Long text is divided into lines that joined give the text again", arguments: long)
  func longText(_ text: String) {
    let field = String(decoding: CIFValue.text(text).bytes, as: UTF8.self)
    #expect(field.hasPrefix("\n;") && field.hasSuffix("\n;\n"))
    let lines = field.dropFirst(2).dropLast(3).split(separator: "\n", omittingEmptySubsequences: false)
    // A line must not begin with a semicolon, so a row of them is not divided.
    let hasRow = text.contains(String(repeating: ";", count: 2000))
    #expect(hasRow || (lines.allSatisfy { $0.utf8.count <= 2047 } && lines.count > text.utf8.count / 2048))
    #expect(lines.allSatisfy { !$0.isEmpty } && lines.dropFirst().allSatisfy { !$0.hasPrefix(";") })
    #expect(lines.joined() == text)
  }

  // MARK: Heads

  @Test(
    "The head of a file gives back the settings",
    arguments: [
      "demo", "it's \"mine\"", "two words", "a'b", "_x", "data_x", "?", ";", String(repeating: "long ", count: 900),
    ])
  func head(_ model: String) throws {
    let bytes = try MMCIFSamples.bytes(
      MMCIFSamples.structure(MMCIFSamples.complex), MMCIFSamples.description(subject: "'\" ;\n#", model: model))
    let head = try #require(MMCIFHead(Array(bytes.prefix(MMCIFHead.byteCount))))
    #expect(head.parameters == ["model": model, "recycles": "3"])
    #expect(head.metricModes == ["global", "local"])
    let pairs = try MMCIFSamples.bytes(
      MMCIFSamples.structure(MMCIFSamples.complex), MMCIFSamples.description(model: model), MMCIFSamples.errors(9))
    #expect(MMCIFHead(Array(pairs.prefix(MMCIFHead.byteCount)))?.metricModes == ["global", "local", "local-pairwise"])
  }

  @Test("A head that is cut off, changed or of another program is read without harm") func strange() throws {
    let bytes = Array(
      try MMCIFSamples.bytes(
        MMCIFSamples.structure(MMCIFSamples.complex), MMCIFSamples.description(model: "it's \"m\"")
      )
      .prefix(3000))
    for count in 0..<bytes.count { _ = MMCIFHead(Array(bytes.prefix(count))) }
    for place in bytes.indices {
      var changed = bytes
      changed[place] = [0, 10, 32, 35, 39, 59, 95, 255][place % 8]
      _ = MMCIFHead(changed)
    }
    let others = [
      "", "HEADER\n", "data_x\n_entry.id x\n", "loop_\n_ma_software_parameter.name\nx\n",
      "data_x\nloop_\n_ma_software_parameter.name\n_ma_software_parameter.name\nx y\n",
      "data_x\n_ma_software_parameter.name x\n", "data_x\n;\n", "data_x\n'\n",
    ]
    for other in others { #expect(MMCIFHead(Array(other.utf8)) == nil, "\(other)") }
  }
}
