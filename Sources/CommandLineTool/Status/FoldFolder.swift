// A folder or tars of structures: what the summaries say, which files there are, and what these say of themselves.

import ESMFoldKit
import Platform
import Protein

/// A folder of results of `fold`, perhaps of several shards, or the tars of such. Of each record some bytes are kept, no texts.
final class FoldFolder: ResultPlace {
  let naming = RecordSource.Naming.files
  let dialect = FASTADialect.residues
  private(set) var parts: [ResultPart] = []

  /// The folder, or a tar.
  private let path: String
  /// None for a folder.
  private var tars: [OpenTar] = []
  private let options: PlaceOptions
  private var tables: [LineFile] = []
  private var lines: [UInt64: Line] = [:]
  private var names: FoldNames
  /// Whether there are tables of shards.
  private var hasShards = false

  /// What a summary says of a name.
  private struct Line {
    let offset: Int
    /// 0 where it is not known.
    let headerHash: UInt64
    /// -1 where it is not known.
    let length: Int32
    let part: Int32
    let isFolded: Bool
  }

  init(_ path: String, _ options: PlaceOptions) throws(ResultsError) {
    self.path = path
    self.options = options
    names = FoldNames(options)
    do throws(SystemError) {
      try names.read(path)
    } catch {
      throw .system(error)
    }
    hasShards = names.summaries.contains { ShardName($0) != nil }
    for name in names.summaries.inShardOrder { try read("\(path)/\(name)") }
  }

  /// - Parameters:
  ///   - paths: Tars of folds; the last one that has a file tells of it.
  ///   - options: How they are looked through.
  /// - Throws: `ResultsError` when one cannot be read, or is another file.
  init(tars paths: [String], _ options: PlaceOptions) throws(ResultsError) {
    path = paths.first ?? ""
    self.options = options
    names = FoldNames(options)
    for path in paths.inShardOrder {
      let part = Int32(clamping: parts.count)
      parts.append(ResultPart(path))
      tables.append(try LineFile(path))
      let tar = try OpenTar(path, isLocked: false) { visit in
        switch visit {
        case .member(let name, let size): names.note(name, size: size)
        case .line(let line, let offset): note(line, offset, part)
        }
      }
      tars.append(tar)
    }
  }

  private func read(_ path: String) throws(ResultsError) {
    let table = try LineFile(path), part = Int32(clamping: parts.count)
    parts.append(ResultPart(path))
    tables.append(table)
    try table.forEachSummaryLine { (line, _, offset) throws(ResultsError) in self.note(line, offset, part) }
  }

  private func note(_ line: SummaryLayout.Line, _ offset: Int, _ part: Int32) {
    let hash = shortHash(of: line.name)
    // Within a table the last line counts; what another shard could not fold does not take back a fold.
    if !line.isFolded, let earlier = lines[hash], earlier.isFolded, earlier.part != part { return }
    lines[hash] = Line(
      offset: offset, headerHash: line.header.map { shortHash(of: $0) } ?? 0,
      length: line.length.flatMap { Int32(exactly: $0) } ?? -1, part: part, isFolded: line.isFolded)
  }

  func state(of record: AskedRecord) throws(ResultsError) -> RecordState {
    let hash = record.nameHash, line = lines[hash]
    let state = try state(of: record, hash, line)
    if let line, parts.indices.contains(Int(line.part)) {
      switch state {
      case .finished where line.isFolded: parts[Int(line.part)].finished += 1
      case .failed: parts[Int(line.part)].failed += 1
      default: break
      }
    }
    return state
  }

  private func state(of record: AskedRecord, _ hash: UInt64, _ line: Line?) throws(ResultsError) -> RecordState {
    if names.isForeign(hash) { return .other("\(path)/\(record.name): found something else than a file") }
    let structures = [FoldFile.pdb, .cif].filter { names.has($0, hash) }
    if !structures.isEmpty, record.record != nil {
      // What the summary confirms is not opened.
      let isConfirmed = line.map { line in
        line.isFolded && line.length >= 0 && Int(line.length) == record.length
          && (line.headerHash == 0 || line.headerHash == record.headerHash)
      }
      if isConfirmed != true || options.verifies, let sequence = record.foldedSequence {
        for kind in structures {
          if let problem = try problem(kind, record.name + kind.ending, of: sequence) { return .other(problem) }
        }
      }
      guard options.required.allSatisfy({ names.has($0, hash) }) else { return .missing }
      if options.verifies, let problem = try problemOfOthers(record.name, hash) { return .other(problem) }
      // Shards are joined by their lines, and a run folds what has none again.
      return line == nil && hasShards ? .missing : .finished
    }
    guard let line, !line.isFolded else { return .missing }
    return .failed(try reason(line))
  }

  /// What is wrong with files beside the structure.
  private func problemOfOthers(_ name: String, _ hash: UInt64) throws(ResultsError) -> String? {
    // In a tar a file has a length.
    for kind in options.required where !kind.isStructure && tars.isEmpty {
      if let problem = cut(kind, "\(path)/\(name)\(kind.ending)") { return problem }
    }
    for name in names.samples(of: hash) {
      if let problem = try problem(name.hasSuffix(FoldFile.pdb.ending) ? .pdb : .cif, name) { return problem }
    }
    return nil
  }

  /// What is wrong with a structure, of a sequence if that is to be compared.
  private func problem(
    _ kind: FoldFile, _ name: String, of sequence: String? = nil
  ) throws(ResultsError) -> String? {
    let size = max(PDBProvenance.headByteCount, MMCIFProvenance.headByteCount), head: [UInt8], path: String
    do throws(SystemError) {
      (head, path) = try self.head(name, size)
    } catch {
      return error.sentence
    }
    guard let found = kind == .cif ? MMCIFProvenance(head)?.fold : PDBProvenance(head) else {
      return "\(path): found another file, expected a structure of this program"
    }
    // Lines of a PDB file are cut; in mmCIF a setting is whole.
    if let sequence, (found.isFold(of: sequence) ?? (kind == .pdb)) == false {
      return "\(path): found the fold of another sequence, expected that of this record"
    }
    try options.settings?.check(found, kind, path)
    // In a tar a file has a length.
    return tars.isEmpty ? cut(kind, path) : nil
  }

  /// What is wrong with the end of a file.
  private func cut(_ kind: FoldFile, _ path: String) -> String? {
    do throws(SystemError) {
      if try kind.isWhole(at: path), kind != .tensors || FoldResult.digest(ofTensors: path) != nil { return nil }
    } catch {
      return error.sentence
    }
    return "\(path): found a file that is cut off, expected a whole one"
  }

  /// The first bytes of a file, and its path.
  private func head(_ name: String, _ size: Int) throws(SystemError) -> ([UInt8], path: String) {
    for tar in tars.reversed() {
      guard let member = tar.results.member(name.utf8) else { continue }
      let reader = tar.results.reader
      return (
        try readAll(min(size, member.size), at: member.data, from: reader.descriptor, reader.path),
        "\(reader.path)/\(name)"
      )
    }
    return (try WholeFile.read("\(path)/\(name)", atMost: size), "\(path)/\(name)")
  }

  private func reason(_ line: Line) throws(ResultsError) -> String {
    let table = tables[Int(line.part)]
    var reason = ""
    // A message has one sentence.
    let bytes = try table.bytes(1 << 17, at: line.offset)
    bytes.withUnsafeBytes { bytes in
      let fields = UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != UInt8(ascii: "\n") }).fields
      if fields.count > 9 { reason = TableField.unescaped(fields[9].text) }
    }
    return reason
  }
}
