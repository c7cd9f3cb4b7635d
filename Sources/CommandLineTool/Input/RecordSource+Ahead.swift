// Records of a file that are parsed ahead of who takes them.

import ESMFoldKit
import Protein

extension RecordSource {
  /// Passes on the records of a file in order: those of a piece while the next one is parsed.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - rules: How it is read.
  ///   - body: Takes a record; false ends the reading.
  /// - Throws: `InputError`; the records before the failure have been passed on, the one it interrupts has not.
  mutating func readAhead(_ path: String, _ rules: FASTARules, _ body: (Item) -> Bool) throws(InputError) {
    var parser = FASTAParser(file: InputFile.displayName(path), rules: rules), ready: [Unnamed] = [], goesOn = true
    func parse(_ push: (inout FASTAParser) -> Void) -> [Unnamed] {
      push(&parser)
      var parsed: [Unnamed] = []
      while let next = Self.next(&parser, isA3M: rules.isA3M) { parsed.append(next) }
      return parsed
    }
    func take() {
      for next in ready where goesOn { goesOn = body(named(next, path)) }
    }
    var failure: InputError?
    do throws(InputError) {
      try InputFile.read(path, pieceSize: 1 << 18) { _ in
        goesOn && !parser.isOver
      } _: { piece in
        guard goesOn, !parser.isOver else { return }
        var parsed: [Unnamed] = []
        concurrently({ parsed = parse { $0.push(piece) } }, take)
        ready = parsed
      }
    } catch {
      failure = error
    }
    take()
    if let failure { throw failure }
    guard goesOn, !parser.isOver else { return }
    ready = parse { $0.finish() }
    take()
  }
}
