// Files of labels, as users write them.

import CommandLineTool
import ESMFoldKit

extension Subject {
  package static let labels = Subject(
    name: "labels",
    seeds: { files, _ in
      try [
        "name\tlabel\na\tH\nb\t2\nc\t-100\n", "a,HEC-\nb,\"H, E\"\n", "id;E;H;C\r\na;1;0;0\r\nb;0.5;true;0\r\n",
        "\u{FEFF}>a x\nHHE\nC-\n>b\nH E\n", "a 0;1\nb none\nc NA\na 2\n", "#n\ty\na\t-1.5e3\nb\t2\n", "a\t['H', 'C']\n",
      ]
      .map { [UInt8]($0) } + files.contents("fuzz/labels", endings: [""])
    },
    tokens: words(
      "name label H E C HEC none NA nan - -100 0 1 2 1.5 true [ ] ' ; | > # 99999999999999999999 1e99 é \u{FEFF}")
      + [[0x22], [0x2C], [9], [13, 10], [0], [0xC3]],
    mutate: { bytes, mutator in mutator.change(&bytes) },
    read: { bytes, _ in
      var first: (any Error)?, accepted = 0
      for labels in [["H", "E", "C"], ["stability"]] {
        let file = try LabelFile(bytes, path: "x.tsv", labels: labels)
        for isPerToken in [false, true] {
          let reader = LabelReader(labels: labels, isPerToken: isPerToken)
          for line in file.lines {
            precondition(!line.name.isEmpty && line.texts.count == (file.isWide ? labels.count : 1))
            for problem in Classification.Problem.allCases {
              do {
                try check(try reader.target(line.texts, problem), of: labels)
                accepted += 1
              } catch {
                first = first ?? error
              }
            }
          }
        }
      }
      // No line is right for every problem.
      if accepted == 0, let first { throw first }
    })

  private static func check(_ target: Classification.Target?, of labels: [String]) throws {
    func fits(_ index: Int) -> Bool { index == Loss.ignoredIndex || labels.indices.contains(index) }
    switch target {
    case nil: return
    case .label(let index): precondition(fits(index), "label \(index)")
    case .tokens(let indices): precondition(indices.allSatisfy(fits), "labels of residues")
    case .values(let values): precondition(values.count == labels.count && values.allSatisfy(\.isFinite), "numbers")
    }
  }
}
