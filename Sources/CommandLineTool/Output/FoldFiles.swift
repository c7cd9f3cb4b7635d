// The result files of one protein: their paths, and what lies there.

import ESMFoldKit
import Platform

/// The files of a protein that a run writes.
struct FoldFiles {
  /// A file and its path.
  typealias Entry = (kind: FoldFile, path: String)

  /// In the order in which they get their names.
  let entries: [Entry]
  /// The files that this run does not write.
  let others: [Entry]
  /// Where they are.
  let store: any FoldStore
  /// Whether an mmCIF file is complete only with the predicted aligned errors.
  let cifNeedsAlignedErrors: Bool

  /// The files of a protein.
  ///
  /// - Parameters:
  ///   - name: the protein's name.
  ///   - store: where they are.
  ///   - options: what is asked for.
  init(_ name: String, in store: any FoldStore, _ options: FoldOptions) {
    self.init(name, in: store, FoldFile.kinds(for: options), options)
  }

  /// The files with the structure alone.
  init(_ name: String, in store: any FoldStore, structuresOf options: FoldOptions) {
    self.init(name, in: store, FoldFile.kinds(for: options).filter(\.isStructure), options)
  }

  private init(_ name: String, in store: any FoldStore, _ kinds: [FoldFile], _ options: FoldOptions) {
    let path = store.path(of: name)
    self.store = store
    entries = kinds.map { ($0, path + $0.ending) }
    others = FoldFile.allCases.filter { !kinds.contains($0) }.map { ($0, path + $0.ending) }
    cifNeedsAlignedErrors = options.cifHasAlignedErrors
  }

  var paths: [String] { entries.map(\.path) }
}
