// Where results may be: a folder or a tar of structures, a folder of NumPy files, an HDF5 file.

import Platform
import Protein

/// What has become of a record.
enum RecordState {
  /// Its results are there.
  case finished
  /// A run has tried and failed, for this reason.
  case failed(String)
  case missing
  /// Under its name are other results, in words.
  case other(String)

  /// Of several places: which one tells what has become of a record.
  var rank: Int {
    switch self {
    case .finished: 3
    case .other: 2
    case .failed: 1
    case .missing: 0
    }
  }

  var word: String {
    switch self {
    case .finished: "finished"
    case .failed: "failed"
    case .missing: "missing"
    case .other: "other"
    }
  }

  /// Why it is not finished, if that is known.
  var reason: String? {
    switch self {
    case .failed(let reason), .other(let reason): reason
    case .finished, .missing: nil
    }
  }
}

/// A part of the results: the table of a shard, or one of several files.
struct ResultPart {
  let path: String
  /// nil for results that are not of a shard.
  let shard: ShardName?
  /// Records of the input.
  var finished = 0, failed = 0

  init(_ path: String) {
    self.path = path
    shard = ShardName(path.lastComponent)
  }
}

/// A place of results.
protocol ResultPlace: AnyObject {
  /// How records are named in it, and what their sequences are made of.
  var naming: RecordSource.Naming { get }
  var dialect: FASTADialect { get }
  /// Its tables or files. What is asked is counted in them.
  var parts: [ResultPart] { get }
  /// What it has of a record.
  func state(of record: AskedRecord) throws(ResultsError) -> RecordState
}

/// How places are looked through.
struct PlaceOptions {
  /// Kinds of files that a finished fold must have; none: a structure in any format.
  var required: [FoldFile] = []
  /// Whether the head of each file is read.
  var verifies = false
  /// With what structures are compared that must be of one run.
  var settings: RunSettings?
}

/// Opens places.
enum ResultPlaces {
  /// What is at some paths.
  ///
  /// A file also stands for those of its shards, which may be all there is of it, or have more than was merged.
  ///
  /// - Throws: `ResultsError` when there is nothing, or something else.
  static func open(_ paths: [String], _ options: PlaceOptions) throws(ResultsError) -> [any ResultPlace] {
    var places: [any ResultPlace] = []
    var files: Set<String> = [], tars: Set<String> = [], unfinished: Set<String> = []
    for path in paths {
      if path.isFolder {
        places.append(try folder(path, options))
        continue
      }
      let isTar = FoldOptions.isTar(path) || OpenTar.isOne(path)
      let found = try fileAndShards(path)
      if !isTar, let other = found.first(where: { !isHDF5($0) }) {
        throw .noTable(path: other, found: "no HDF5 file", expected: "a folder of results, a tar or an HDF5 file")
      }
      if isTar {
        tars.formUnion(found)
      } else {
        files.formUnion(found)
        // What runs have not completed cannot be read, but was begun.
        let begun =
          ((path + ResultJournal.ending).exists ? [path] : [])
          + ((try? Self.shards(of: path, addition: ResultJournal.ending)) ?? [])
        unfinished.formUnion(begun.filter { !found.contains($0) })
      }
      guard !found.isEmpty || !unfinished.isEmpty else { throw .system(path: path, action: "open", code: 2) }
    }
    if !tars.isEmpty { places.append(try FoldFolder(tars: Array(tars), options)) }
    if !files.isEmpty || !unfinished.isEmpty {
      places.append(try ArrayFiles(Array(files), unfinished: Array(unfinished)))
    }
    return places
  }

  /// What is in a folder.
  static func folder(_ path: String, _ options: PlaceOptions) throws(ResultsError) -> any ResultPlace {
    try ArrayFolder.isOne(path) ? try ArrayFolder(path, options) : try FoldFolder(path, options)
  }

  /// Whether a file begins as HDF5 files do.
  static func isHDF5(_ path: String) -> Bool {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46]
    return WholeFile.start(of: path, signature.count) == signature
  }

  /// A file, and those of its shards, as far as they are there.
  ///
  /// - Throws: `ResultsError` when there is none, and the folder cannot be read.
  static func fileAndShards(_ path: String) throws(ResultsError) -> [String] {
    guard path.exists else { return try shards(of: path) }
    // A shard has none. A thousand of them, given one by one, would each read their folder.
    guard ShardName(path.lastComponent) == nil else { return [path] }
    // A file may be readable in a folder that is not.
    return [path] + ((try? shards(of: path)) ?? [])
  }

  /// The files of the shards of a path.
  ///
  /// - Parameters:
  ///   - path: The name without a number.
  ///   - addition: What the files that are looked for have behind their names.
  /// - Returns: Their paths without the addition, in their order.
  /// - Throws: `ResultsError` when the folder cannot be read.
  static func shards(of path: String, addition: String = "") throws(ResultsError) -> [String] {
    let names: [String]
    do throws(SystemError) {
      names = try Folder.names(in: path.folder)
    } catch {
      throw .system(error)
    }
    return names.filter { $0.hasSuffix(addition) }.map { String($0.dropLast(addition.count)) }
      .filter { ShardName($0)?.whole == path.lastComponent }.inShardOrder.map { "\(path.folder)/\($0)" }
  }
}

extension [String] {
  /// Files by the numbers of their shards, those of none first.
  var inShardOrder: [String] {
    func key(_ path: String) -> (Int, Int, String) {
      let shard = ShardName(path.lastComponent)
      return (shard?.count ?? 0, shard?.number ?? 0, path)
    }
    return sorted { key($0) < key($1) }
  }
}
