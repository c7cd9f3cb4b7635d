// Which results of `fold` there are, by the names of files.

import ESMFoldKit
import Platform

/// The files in a folder or in tars of folds. Of names hashes are kept.
struct FoldNames {
  /// Names of the tables in a folder.
  private(set) var summaries: [String] = []
  /// Records with a file of a kind that is not empty, and with something of such a name that is no file.
  private var files: [FoldFile: Set<UInt64>] = [:]
  private var foreign: Set<UInt64> = []
  /// Structures of samples and passes, by their records; none unless they are to be verified.
  private var samples: [UInt64: [String]] = [:]

  private let endings: [(kind: FoldFile, text: [UInt8])]
  private let keepsSamples: Bool

  init(_ options: PlaceOptions) {
    let kinds = Set([.pdb, .cif] + options.required)
    for kind in kinds { files[kind] = [] }
    endings = kinds.map { ($0, Array($0.ending.utf8)) }
    keepsSamples = options.verifies
  }

  /// Whether there is something else than a file.
  func isForeign(_ record: UInt64) -> Bool { foreign.contains(record) }

  func has(_ kind: FoldFile, _ record: UInt64) -> Bool { files[kind]?.contains(record) == true }

  func samples(of record: UInt64) -> [String] { samples[record] ?? [] }

  // === Reading ===

  /// Notes all names in a folder.
  mutating func read(_ folder: String) throws(SystemError) {
    let endings = endings, keepsSamples = keepsSamples
    try Folder.survey(folder) {
      Self.look($0, endings, keepsSamples)
    } _: { found in
      switch found {
      case .file(let kind, let record): files[kind]?.insert(record)
      case .foreign(let record): foreign.insert(record)
      case .summary(let name): summaries.append(name)
      case .sample(let kind, let name): note(sample: name, kind)
      }
    }
  }

  /// Notes a member of a tar.
  mutating func note(_ name: [UInt8], size: Int) {
    guard size > 0, let (kind, record) = name.withUnsafeBytes({ Self.result($0, endings) }) else { return }
    // A text is made only where it is asked for: there may be a million members.
    if keepsSamples, kind.isStructure, case let text = String(decoding: name, as: UTF8.self), ResultMark.isIn(text) {
      note(sample: text, kind)
    } else {
      files[kind]?.insert(record)
    }
  }

  /// The kind of a result that is looked for, and the hash of its record.
  private static func result(
    _ name: UnsafeRawBufferPointer, _ endings: [(kind: FoldFile, text: [UInt8])]
  ) -> (kind: FoldFile, record: UInt64)? {
    for (kind, ending) in endings where name.count > ending.count && name.ends(with: ending) {
      return (kind, shortHash(of: UnsafeRawBufferPointer(rebasing: name.dropLast(ending.count))))
    }
    return nil
  }

  /// What a name in a folder may be.
  private enum Found {
    case file(FoldFile, UInt64)
    case foreign(UInt64)
    case summary(String)
    /// A structure that is called as those of samples and passes are.
    case sample(FoldFile, String)
  }

  private static func look(
    _ entry: Folder.Entry, _ endings: [(kind: FoldFile, text: [UInt8])], _ keepsSamples: Bool
  ) -> Found? {
    let name = entry.name
    guard name.first != UInt8(ascii: ".") else { return nil }
    if let (kind, record) = result(name, endings) {
      guard let size = entry.sizeOfFile else { return .foreign(record) }
      guard size > 0 else { return nil }
      if keepsSamples, kind.isStructure, ResultMark.isIn(name.text) { return .sample(kind, name.text) }
      return .file(kind, record)
    }
    guard name[0] == UInt8(ascii: "s"), name.text.hasPrefix("summary.") else { return nil }
    return ShardName.isPart(name.text, of: "summary.tsv") ? .summary(name.text) : nil
  }

  private mutating func note(sample file: String, _ kind: FoldFile) {
    let names = FoldTask.proteins(ofFile: file)
    // A record may be called so.
    files[kind]?.insert(shortHash(names[0].utf8))
    for name in Set(names.dropFirst()) where name != names[0] {
      samples[shortHash(name.utf8), default: []].append(file)
    }
  }
}
