// Which records of a file are folded, from a file and from a pipe.

import CommandLineTool
import Foundation
import Protein
import Synchronization
import TestSupport
import Testing

@Suite struct ReadFoldsTests {
  /// A text, the name of its file, the records of it that are folded, and how many others it has.
  struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var file = "a.fasta"
    let text: String
    let records: [String]
    var others = 0
  }

  static let samples = [
    Sample(testDescription: "one record", text: ">a\nMKV\n", records: ["a 3"]),
    Sample(testDescription: "other lengths", text: ">a\nMKV\n>b\nMK\n>c\nMKV\n", records: ["a 3", "b 2", "c 3"]),
    Sample(testDescription: "one length", text: ">a\nMKV\n>b\nMAV\n>c\nMCV\n", records: ["a 3", "b 3", "c 3"]),
    Sample(testDescription: "gaps, but no insertions", text: ">a\nMKV\n>b\nM-V\n", records: ["a 3", "b 2"]),
    Sample(testDescription: "an A3M by its letters", text: ">a\nMKV\n>b\nM-V\n>c\nMcKV\n", records: ["a 3"], others: 2),
    Sample(
      testDescription: "the last record shows that it is none", text: ">a\nMKV\n>b\nM-V\n>c\nMcKV\n>d\nMK\n",
      records: ["a 3", "b 2", "c 4", "d 2"]),
    Sample(
      testDescription: "a bad record in an A3M", text: ">a\nMKV\n>b\nM-V\n>c\n\n>d\nMcKV\n", records: ["a 3"], others: 3
    ),
    Sample(testDescription: "a bad query", text: ">a\n\n>b\nM-V\n>c\nMcKV\n", records: ["a bad", "b 2", "c 4"]),
    Sample(
      testDescription: "an A3M by its name", file: "a.a3m", text: ">a\nMKV\n>b\nMK\n>c\nM\n", records: ["a 3"],
      others: 2),
    Sample(testDescription: "a query alone", file: "a.a3m", text: ">a\nMKV\n", records: ["a 3"]),
    Sample(
      testDescription: "an A3M by its first line", text: "#3\t1\n>a\nMKV\n>b\nMK\n>c\nMKVV\n", records: ["a 3"],
      others: 2),
    Sample(testDescription: "chains", text: "#2,1\t1,1\n>a\nMKV\n>b\nMK-\n", records: ["a 2 1"], others: 1),
    Sample(
      testDescription: "chains of another length", text: "#2,2\t1,1\n>a\nMKV\n>b\nMK-\n", records: ["a bad"], others: 1),
    Sample(
      testDescription: "annotations", file: "a.a3m", text: ">ss_pred\nHHH\n>a\nMKV\n>b\nM-V\n", records: ["a 3"],
      others: 1),
  ]

  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  /// The names of the records with the lengths of their chains, and how many were left out.
  private func read(_ path: String, overlaps: Bool) throws(InputError) -> (records: [String], others: Int) {
    var source = RecordSource(InputOptions(), .residues), records: [String] = []
    source.overlaps = overlaps
    let others = try source.readFolds(path) { item in
      let lengths = (try? item.content.get())?.chainLengths.map(String.init)
      records.append(([item.name ?? "none"] + (lengths ?? ["bad"])).joined(separator: " "))
      return true
    }
    return (records, others)
  }

  /// Passes on the path of a pipe that somebody writes into, who then does something else before it ends.
  ///
  /// A named one, whose two sides wait for each other: one that is opened a second time, by its descriptor, would wait for
  /// ever for a writer that has finished already.
  private func withStream(
    _ bytes: Data, then wait: @escaping @Sendable () -> Void = {}, _ body: (String) throws -> Void
  ) throws {
    let pipe = "\(scratch.path)/pipe-\(UUID().uuidString)"
    try #require(mkfifo(pipe, 0o600) == 0)
    Thread.detachNewThread {
      let writing = open(pipe, O_WRONLY | O_CLOEXEC)
      _ = bytes.withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
      wait()
      close(writing)
    }
    try body(pipe)
  }

  @Test("From a file", arguments: samples, [false, true]) func file(_ sample: Sample, overlaps: Bool) throws {
    let found = try read(try scratch.file(sample.file, sample.text), overlaps: overlaps)
    #expect(found.records == sample.records && found.others == sample.others)
  }

  @Test("From a pipe", arguments: samples.filter { $0.file == "a.fasta" }, [false, true])
  func pipe(_ sample: Sample, overlaps: Bool) throws {
    try withStream(Data(sample.text.utf8)) { path in
      let found = try read(path, overlaps: overlaps)
      #expect(found.records == sample.records && found.others == sample.others)
    }
  }

  @Test("Records of a stream are taken while it pauses", arguments: [false, true])
  func pausing(_ overlaps: Bool) throws {
    // Far longer than it takes; a reader that waits for more would wait for ever.
    let patience = 20.0
    let taken = DispatchSemaphore(value: 0), isInTime = Mutex(false)
    var source = RecordSource(InputOptions(), .residues), names: [String?] = []
    source.overlaps = overlaps
    let wait: @Sendable () -> Void = {
      let isTaken = taken.wait(timeout: .now() + patience) == .success
      isInTime.withLock { $0 = isTaken }
    }
    try withStream(Data(">a\nMKV\n>b\nMK\n".utf8), then: wait) { path in
      try source.read(path) { item in
        names.append(item.name)
        taken.signal()
        return true
      }
    }
    #expect(names == ["a", "b"] && isInTime.withLock { $0 })
  }

  /// All have the length of the first, so it might still become an A3M.
  @Test("What comes before a damaged place is read, whatever might have followed", arguments: [false, true])
  func damaged(_ overlaps: Bool) throws {
    let cut = Compressed.first + Compressed.second.prefix(Compressed.second.count - 4)
    func check(_ path: String) {
      var source = RecordSource(InputOptions(), .residues), names: [String?] = []
      source.overlaps = overlaps
      #expect(throws: InputError.self) {
        _ = try source.readFolds(path) { item in
          names.append(item.name)
          return true
        }
      }
      #expect(names == ["a"])
    }
    check(try scratch.file("cut.gz", cut))
    try withStream(cut) { check($0) }
  }

  @Test("Nobody reads on when enough was read", arguments: [false, true]) func stops(_ overlaps: Bool) throws {
    let path = try scratch.file("s.fasta", ">a\nMKV\n>b\nMK\n>c\nMKV\n>d\nMKVL\n>e\nMKVL\n")
    var source = RecordSource(InputOptions(), .residues), names: [String?] = []
    source.overlaps = overlaps
    _ = try source.readFolds(path) { item in
      names.append(item.name)
      return names.count < 2
    }
    #expect(names == ["a", "b"])
  }

  @Test(
    "Records of many pieces are the same, parsed ahead or not", arguments: [1, 250_000, 300_000, 700_000, 1_200_000])
  func pieces(_ count: Int) throws {
    // Names come twice, and each thirteenth record is bad.
    var text = "", number = 0
    while text.utf8.count < count {
      number += 1
      text +=
        ">p\(number % 500) x\n\(String(repeating: "MKVLA", count: number * 7 % 90))\(number % 13 == 0 ? "1" : "")\n"
    }
    let path = try scratch.file("p.fasta", text)
    let plain = try read(path, overlaps: false), ahead = try read(path, overlaps: true)
    #expect(plain.records.count == number && plain.records == ahead.records)
    #expect(Set(plain.records).count == number || count == 1)
  }
}
