// Values for the body of an exit test, which runs in a process of its own. A capture list does the same, but only since Swift
// 6.3, and the tests run with the compilers that the program builds with.

import Foundation

package enum Handed {
  /// Runs `body`, which holds one exit test whose body begins with `Handed.taken`. One at a time: the values lie in a file with
  /// this process's number in its name.
  @discardableResult
  package static func over<each Value: Codable & Sendable, Outcome>(
    _ values: repeat each Value, to body: () async -> Outcome
  ) async throws -> Outcome {
    var parts: [Data] = []
    repeat parts.append(try JSONEncoder().encode(each values))
    let content = try JSONEncoder().encode(parts)
    await Turns.only.begin()
    do {
      let path = path(ofProcess: getpid())
      try content.write(to: URL(fileURLWithPath: path))
      let outcome = await body()
      unlink(path)
      await Turns.only.end()
      return outcome
    } catch {
      await Turns.only.end()
      throw error
    }
  }

  /// In the body of an exit test: the values that its process was started with.
  package static func taken<each Value: Codable & Sendable>(_ types: repeat (each Value).Type) throws -> (
    repeat each Value
  ) {
    let content = try Data(contentsOf: URL(fileURLWithPath: path(ofProcess: getppid())))
    var parts = try JSONDecoder().decode([Data].self, from: content)[...]
    func next<Part: Decodable>(_ type: Part.Type) throws -> Part {
      guard let part = parts.popFirst() else { throw CocoaError(.coderValueNotFound) }
      return try JSONDecoder().decode(type, from: part)
    }
    return (repeat try next((each types)))
  }

  private static func path(ofProcess number: pid_t) -> String {
    FileManager.default.temporaryDirectory.path + "/esmfold-exit-test-\(number)"
  }
}

/// Lets one task after the other pass.
private actor Turns {
  static let only = Turns()
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func begin() async {
    if isTaken { await withCheckedContinuation { waiting.append($0) } }
    isTaken = true
  }

  func end() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
