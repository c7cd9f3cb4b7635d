// Names in a folder, some at a time.

import Foundation
import Platform
import Testing

@Suite struct FolderTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test("Every name is passed on once, with its size", arguments: [1, 2, 7, 100]) func names(_ most: Int) throws {
    for number in 0..<7 { try scratch.write("f\(number)é", String(repeating: "x", count: number)) }
    try Folder.create(scratch("folder"))
    var found: [String: Int?] = [:], counts: [Int] = []
    try Folder.forEachNames(in: scratch.path, atMost: most) { names in
      counts.append(names.count)
      for place in 0..<names.count {
        let name = String(decoding: names[place].name, as: UTF8.self)
        #expect(found.updateValue(names[place].sizeOfFile, forKey: name) == nil)
      }
    }
    #expect(found.count == 8 && counts.allSatisfy { 1...most ~= $0 } && counts.count == (8 + most - 1) / most)
    for number in 0..<7 { #expect(found["f\(number)é"] == number) }
    #expect(found["folder"] == .some(nil))
  }

  @Test("An empty folder has none, and no folder is an error") func none() throws {
    try Folder.forEachNames(in: scratch.path, atMost: 3) { _ in Issue.record("a name") }
    #expect(throws: SystemError.self) { try Folder.forEachNames(in: scratch("x"), atMost: 3) { _ in } }
  }
}
