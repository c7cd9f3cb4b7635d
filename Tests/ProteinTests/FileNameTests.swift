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
    #expect(FileName.sanitized(String(repeating: "a", count: 500)) == String(repeating: "a", count: 120))
  }

  @Test(arguments: [
    (["a", "b", "c"], ["a", "b", "c"]),
    (["a", "a", "a"], ["a", "a_2", "a_3"]),
    (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
    (["a_2", "a", "a", "a"], ["a_2", "a", "a_3", "a_4"]),
    (["a", "a_2", "a", "a_2"], ["a", "a_2", "a_3", "a_2_2"]),
    (["a", "A", "a"], ["a", "A_2", "a_3"]),
    (["a", "A_2", "a"], ["a", "A_2", "a_3"]),
  ])
  func duplicatesGetSuffixes(names: [String], expected: [String]) {
    #expect(UniqueNames.all(names) == expected)
  }

  @Test func withoutKnowingWhatComesNamesStillDiffer() {
    var register = UniqueNames()
    #expect(["a", "a", "a_2", "A_2", "a"].map { register.claim($0) } == ["a", "a_2", "a_2_2", "A_2_3", "a_3"])
  }

  @Test func suffixesStayWithinTheLongestName() {
    let long = String(repeating: "a", count: 120)
    let names = UniqueNames.all(Array(repeating: long, count: 1200))
    #expect(Set(names).count == 1200)
    #expect(names.allSatisfy { $0.count == 120 })
    #expect(names[1] == String(repeating: "a", count: 118) + "_2")
  }

  @Test func manyDuplicatesAreQuick() {
    let names = UniqueNames.all(Array(repeating: "x", count: 100_000))
    #expect(names.last == "x_100000")
  }
}
