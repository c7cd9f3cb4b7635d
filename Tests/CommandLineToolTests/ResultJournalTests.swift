// The journal of a run whose output is one file: what was appended is passed on, or it is an error.

import CommandLineTool
import ESMFoldKit
import Glibc
import TestSupport
import Testing

@Suite struct ResultJournalTests {
  private let scratch: ScratchFolder
  private var path: String { scratch.path + "/e.h5" }

  init() throws { scratch = try ScratchFolder() }

  private func record(_ name: String) -> ResultRecord {
    ResultRecord(name: name, header: "\(name) h", sequence: "MK", arrays: [ResultArray("v", [2], [1, 2])])
  }

  private func open(startsAnew: Bool = false) throws -> ResultJournal {
    try ResultJournal(for: path, settings: "{}", startsAnew: startsAnew)
  }

  @Test("Records come back in their order, also when the journal is opened again") func whole() throws {
    do {
      let journal = try open()
      for name in ["a", "b"] { try journal.append(record(name)) }
    }
    let journal = try open()
    try journal.append(record("c"))
    var found: [ResultRecord] = []
    try journal.forEach { found.append($0) }
    #expect(found == ["a", "b", "c"].map(record) && journal.done.count == 3)
  }

  /// As a disk that loses data would: a result without the damaged record and those behind it would count as complete.
  @Test("A record that does not come back as it was appended is an error; the next run has those before it")
  func damaged() throws {
    do {
      let journal = try open()
      for name in ["a", "b", "c"] { try journal.append(record(name)) }
      let file = Glibc.open(journal.path, O_RDWR | O_CLOEXEC)
      let size = lseek(file, 0, SEEK_END)
      // In the second of three records, which are equally long.
      var byte: UInt8 = 0
      let place = size - (size - 40) / 3 - 30
      pread(file, &byte, 1, place)
      byte ^= 0x10
      pwrite(file, &byte, 1, place)
      close(file)
      var found: [String] = []
      let error = #expect(throws: OutputError.self) { try journal.forEach { found.append($0.name) } }
      #expect(error?.description.contains("found other bytes than were written at") == true && found == ["a"])
    }
    #expect(try open().done.count == 1)
  }

  @Test("A journal that has become shorter is an error") func shortened() throws {
    let journal = try open()
    for name in ["a", "b"] { try journal.append(record(name)) }
    truncate(journal.path, 100)
    #expect(throws: OutputError.self) { try journal.forEach { _ in } }
  }
}
