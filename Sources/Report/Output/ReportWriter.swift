// A report from a folder of results: one file, or a page with a folder of data beside it.

import ESMFoldKit
import Glibc
package import Platform
import Synchronization
import Tensors

/// How the data of a report are stored.
package enum ReportLayout: String, CaseIterable, Sendable {
  /// One file as long as it is small, else a page and a folder.
  case auto
  /// Everything in one file.
  case file
  /// A page and a folder of data scripts, one for each protein, which are loaded when they are looked at.
  case folder
}

/// What a report has come to.
package struct ReportOutcome: Sendable {
  /// The page.
  package let path: String
  /// The folder beside it that it needs; nil for one file.
  package let files: String?
  /// Bytes of all.
  package let size: Int
  /// Proteins that were folded, that were not, and whose results cannot be read.
  package let folded: Int, failed: Int, unreadable: Int
  /// Whether structures are shown in 3D.
  package let hasViewer: Bool
}

/// Writes a report.
package struct ReportWriter {
  private let results: ResultFolder
  private let head: ReportHead
  private let path: String
  private let registry: TemporaryFiles

  private static let startOfPage = Array("<!DOCTYPE html>".utf8)

  /// Proteins that are read at the same time take about so many bytes in the report, unless a single one takes more.
  private static let bytesTogether = 8_000_000

  /// Up to about this size everything is in one file.
  package static let largestFile = 50_000_000

  /// Looks at what there is.
  ///
  /// - Parameters:
  ///   - folder: The results.
  ///   - path: Where the page is written.
  ///   - title: Its heading; nil: the name of the folder.
  ///   - registry: Remembers unfinished files.
  /// - Throws: `ReportError` when there are no results.
  package init(
    of folder: String, to path: String, title: String? = nil, registry: TemporaryFiles
  ) throws(ReportError) {
    if let size = FileStatus.sizeOfFile(path), size > 0 {
      let start = try? WholeFile.read(path, atMost: Self.startOfPage.count)
      guard start == Self.startOfPage else { throw .foreignFile(path: path) }
    }
    results = try ResultFolder(folder)
    head = ReportHead(title: title ?? (folder.resolved ?? folder).lastComponent, path: path)
    self.path = path
    self.registry = registry
  }

  /// Writes the report.
  ///
  /// - Parameters:
  ///   - layout: How the data are stored.
  ///   - progress: Told how many proteins of how many are done.
  /// - Returns: What was written.
  /// - Throws: `ReportError` when it cannot be written.
  package func write(
    _ layout: ReportLayout = .auto, progress: (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws(ReportError) -> ReportOutcome {
    let size = results.proteins.reduce(0) { $0 + $1.packedByteCount }
    let isFolder = layout == .folder || (layout == .auto && size > Self.largestFile)
    do {
      return try isFolder ? writeFolder(progress) : writeFile(progress)
    } catch let error as ReportError {
      throw error
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      preconditionFailure("an error of another kind: \(error)")
    }
  }

  private func writeFile(_ progress: (Int, Int) -> Void) throws -> ReportOutcome {
    let file = try UnfinishedFile(for: path, in: registry)
    var index = ReportIndex(), size = 0
    func write(_ bytes: [UInt8]) throws {
      size += bytes.count
      try file.append(bytes)
    }
    try ReportPage(head, hasFiles: false).write(to: write) {
      try eachProtein(progress, &index) { number, data in
        try write(Array("<script type=\"application/json\" id=\"record-\(number)\">".utf8))
        try write(data)
        try write(Self.end)
      }
      try writeIndex(index, files: nil, to: write)
    }
    try file.commit()
    // The data of an earlier report of another layout.
    removeScripts(in: dataFolder, but: nil)
    rmdir(dataFolder)
    return outcome(index, files: nil, size)
  }

  /// Where the data of a page are that does not hold them itself.
  private var dataFolder: String {
    let name = path.lastComponent
    return "\(path.folder)/" + (name.hasSuffix(".html") ? String(name.dropLast(5)) : name) + "_files"
  }

  private static let end = Array("</script>\n".utf8)

  private func writeIndex(_ index: ReportIndex, files: String?, to write: ([UInt8]) throws -> Void) throws {
    try write(Array("<script type=\"application/json\" id=\"report-data\">".utf8))
    try write(index.json(head, files: files))
    try write(Self.end)
    try ReportPage.writeViewer(to: write)
  }

  /// The scripts of a report have its stamp in their names, so the page of an earlier one stays whole until this one is.
  private func writeFolder(_ progress: (Int, Int) -> Void) throws -> ReportOutcome {
    let folder = dataFolder
    try Folder.create(folder)
    let page = try UnfinishedFile(for: path, in: registry)
    var index = ReportIndex(), size = 0
    try eachProtein(progress, &index) { number, data in
      let script = Array("esmfoldRecord(\(number),".utf8) + data + Array(");\n".utf8)
      size += script.count
      try WholeFile.write(script, to: "\(folder)/\(number)-\(head.stamp).js")
    }
    Folder.synchronize(folder)
    try ReportPage(head, hasFiles: true).write(to: {
      size += $0.count
      try page.append($0)
    }) {
      try writeIndex(index, files: folder.lastComponent) {
        size += $0.count
        try page.append($0)
      }
    }
    try page.commit()
    removeScripts(in: folder, but: head.stamp)
    return outcome(index, files: folder, size)
  }

  /// Removes the scripts of earlier reports, and of killed ones; not those with the stamp that is kept.
  private func removeScripts(in folder: String, but kept: String?) {
    for name in (try? Folder.names(in: folder)) ?? [] {
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 2, Int(parts[0]) != nil, parts[1].hasSuffix(".js") else { continue }
      let stamp = parts[1].dropLast(3)
      guard stamp.utf8.count == head.stamp.utf8.count, stamp.utf8.allSatisfy(isHexadecimalDigit),
        kept.map({ $0 != stamp }) ?? true
      else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  /// What became of a protein.
  private enum Reading {
    case failed
    case unreadable(String)
    case read(ProteinResults, json: [UInt8])

    init(_ protein: FoundProtein) {
      guard protein.entry.isFolded else {
        self = .failed
        return
      }
      do throws(ResultError) {
        let results = try ProteinResults(protein)
        self = .read(results, json: RecordData.json(results, protein.entry))
      } catch {
        self = .unreadable("\(error)")
      }
    }
  }

  /// Reads all proteins on all threads, few at a time, and passes their data on in order.
  private func eachProtein(
    _ progress: (Int, Int) -> Void, _ index: inout ReportIndex, _ take: (_ number: Int, _ data: [UInt8]) throws -> Void
  ) throws {
    let proteins = results.proteins, threads = Threads.starting(SystemInfo.availableThreads)
    var number = 0
    while number < proteins.count {
      var size = 0
      let next = proteins[number..<min(proteins.count, number + 4 * threads.count)]
      let fitting = next.prefix { protein in
        size += protein.packedByteCount
        return size <= Self.bytesTogether
      }
      let group = fitting.isEmpty ? next.prefix(1) : fitting
      let readings = Mutex<[Int: Reading]>([:])
      threads.forEach(group.count) { place, _ in
        let reading = Reading(group[group.startIndex + place])
        readings.withLock { $0[place] = reading }
      }
      let found = readings.withLock { $0 }
      for (place, protein) in group.enumerated() {
        switch found[place] {
        case .failed, nil: index.add(protein.entry)
        case .unreadable(let message): index.add(protein.entry, unreadable: message)
        case .read(let results, let json):
          index.add(protein.entry, results, finished: protein.entry.finished ?? protein.written)
          try take(number, json)
        }
        number += 1
      }
      progress(number, proteins.count)
    }
  }

  private func outcome(_ index: ReportIndex, files: String?, _ size: Int) -> ReportOutcome {
    ReportOutcome(
      path: path, files: files, size: size, folded: index.folded, failed: index.failed, unreadable: index.unreadable,
      hasViewer: ReportPage.hasViewer)
  }
}
