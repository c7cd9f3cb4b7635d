// Names of output files: safe, never empty, never the same twice.

import Protein
import Testing

struct FileNameTests {
  @Test(arguments: [
    ("P69905", "P69905"),
    ("sp|P69905|HBA_HUMAN Hemoglobin subunit alpha", "sp_P69905_HBA_HUMAN"),
    ("a/b/../c", "a_b_.._c"),
    ("../../etc/passwd", "_._.._etc_passwd"),
    (".", "_"),
    ("..", "_."),
    (".hidden", "_hidden"),
    ("-rf", "_rf"),
    ("", "sequence"),
    (" \t ", "sequence"),
    ("  x y", "x"),
    ("a\tb", "a"),
    ("β-lactamase", "_-lactamase"),
    ("🧬", "_"),
    ("a\u{1}b", "a"),
    ("$(reboot)`'\"", "__reboot____"),
    ("A.b_C-9", "A.b_C-9"),
  ])
  func sanitized(header: String, expected: String) {
    #expect(FileName.sanitized(header) == expected)
  }

  @Test func isCutAt120() {
    #expect(FileName.longest == 120)
    for length in [119, 120, 121, 500] {
      #expect(FileName.sanitized(String(repeating: "a", count: length)).count == min(length, 120))
    }
    // Multi-byte characters count as one each, wherever the cut falls.
    for ahead in 116...121 {
      let name = FileName.sanitized(String(repeating: "a", count: ahead) + "é🧬Łb")
      let whole = String(repeating: "a", count: ahead) + "___b"
      #expect(name == String(whole.prefix(120)))
    }
  }

  /// One by one, in the first position of a name and after it: ASCII, and characters whose low byte is a letter's.
  @Test func everyCharacter() {
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".unicodeScalars)
    let separators = Set([0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000] + Array(0x2000...0x200A))
    for value in UInt32(0)...0x3100 {
      guard let scalar = UnicodeScalar(value) else { continue }
      let isSeparator = value < 0x20 || separators.contains(Int(value))
      let shown = allowed.contains(scalar) ? String(scalar) : "_"
      let behind = FileName.sanitized("x\(scalar)y"), first = FileName.sanitized("\(scalar)y")
      if behind != (isSeparator ? "x" : "x\(shown)y")
        || first != (isSeparator ? "y" : "\(".-".contains(shown) ? "_" : shown)y")
      {
        Issue.record("U+\(String(value, radix: 16)): \(behind), \(first)")
      }
    }
  }

  private func unique(_ names: [String]) -> [String] {
    var register = UniqueNames()
    return names.map { register.claim($0) }
  }

  @Test(arguments: [
    (["a", "b", "c"], ["a", "b", "c"]),
    (["a", "a", "a"], ["a", "a_2", "a_3"]),
    (["dup", "dup", "dup_2"], ["dup", "dup_2", "dup_2_2"]),
    (["a_2", "a", "a", "a"], ["a_2", "a", "a_3", "a_4"]),
    (["a", "a_2", "a", "a_2"], ["a", "a_2", "a_3", "a_2_2"]),
    (["a", "A", "a"], ["a", "A_2", "a_3"]),
    (["a", "A_2", "a"], ["a", "A_2", "a_3"]),
    (["A", "a", "A_2", "a_2"], ["A", "a_2", "A_2_2", "a_2_3"]),
    (["É", "é", "ß", "SS"], ["É", "é_2", "ß", "SS"]),
  ])
  func duplicatesGetSuffixes(names: [String], expected: [String]) {
    #expect(unique(names) == expected)
    // A record at the end changes no name before it.
    for end in names.indices { #expect(unique(Array(names[...end])) == Array(expected[...end])) }
  }

  @Test(arguments: [
    ("designs/a.fasta", "a"), ("a.fa.gz", "a"), ("/x/y.z/design.12", "design.12"), ("b.A.FASTA", "b.A"),
    ("my design 1.faa", "my_design_1"), (".fasta", "sequence"), ("-rf.txt", "_rf"), ("é.a3m", "_"),
    ("p.fasta.fa", "p.fasta"),
    ("dir/", "dir"), ("", "sequence"), ("a\u{1B}[2J.fa", "a__2J"),
  ])
  func namesOfFiles(path: String, expected: String) { #expect(FileName.ofFile(path) == expected) }

  @Test func suffixesStayWithinTheLongestName() {
    let long = String(repeating: "a", count: 120)
    let names = unique(Array(repeating: long, count: 1200))
    #expect(Set(names).count == 1200)
    #expect(names.allSatisfy { $0.count == 120 })
    #expect(names[1] == String(repeating: "a", count: 118) + "_2")
  }

  @Test func shorterNamesGrowUpToTheLongest() {
    for count in 116...121 {
      let long = String(repeating: "a", count: count)
      let names = unique(Array(repeating: long, count: 101))
      #expect(names[0] == long)
      #expect(names[1] == String(long.prefix(118)) + "_2")
      #expect(names[9] == String(long.prefix(117)) + "_10")
      #expect(names[100] == String(long.prefix(116)) + "_101")
    }
  }

  @Test func manyDuplicatesAreQuick() {
    let names = unique(Array(repeating: "x", count: 100_000))
    #expect(names.last == "x_100000")
  }
}

struct RecordIdentifierTests {
  @Test(arguments: [
    ("sp|Q12345|ABC1 some protein", "sp|Q12345|ABC1"), ("NP_000537.3", "NP_000537.3"), ("a/b/c", "a_b_c"), ("/", "_"),
    (".", "_"), ("..", "__"), ("...", "___"), ("../x", ".._x"), (".hidden", ".hidden"), ("-rf", "-rf"),
    ("", "sequence"),
    (" \t ", "sequence"), ("a\u{7F}b\u{9B}c", "a_b_c"), ("a\u{0}b", "a"), ("β-lactamase x", "β-lactamase"), ("🧬", "🧬"),
    ("a\\b", "a\\b"), ("$(reboot)`'\"", "$(reboot)`'\""),
  ])
  func names(_ header: String, _ expected: String) {
    #expect(RecordIdentifier.of(header: header) == expected)
  }

  @Test func isCutAtWholeCharacters() {
    let long = String(repeating: "é", count: 700)
    #expect(RecordIdentifier.of(header: "a" + long) == "a" + String(repeating: "é", count: 499))
    #expect(RecordIdentifier.of(header: long).utf8.count == 1000)
  }

  @Test func namesThatDifferInCaseAreDifferent() {
    var register = UniqueNames(foldsCase: false)
    #expect(["A", "a", "A", "a", "A_2"].map { register.claim($0) } == ["A", "a", "A_2", "a_2", "A_2_2"])
  }
}
