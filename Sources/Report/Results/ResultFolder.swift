// What a folder of results has: the lines of its summaries, and the files of each protein.

import ESMFoldKit
import Platform

/// The results in a folder, as `fold` leaves them; also of several shards, which have a summary each.
struct ResultFolder {
  let path: String
  /// One for each protein, in the order of the summaries; those that no summary knows come last.
  let proteins: [FoundProtein]

  /// Looks through a folder.
  ///
  /// - Throws: `ReportError` when it cannot be read, or has no results.
  init(_ path: String) throws(ReportError) {
    self.path = path
    let names: [String]
    do throws(SystemError) {
      names = try Folder.names(in: path)
    } catch {
      throw .system(error)
    }
    let files = Set(names)
    var proteins: [FoundProtein] = [], places: [String: Int] = [:]
    for table in names where Self.isSummary(table) {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try WholeFile.read("\(path)/\(table)")
      } catch {
        throw .system(error)
      }
      for entry in SummaryTable.read(bytes) ?? [] {
        guard let place = places[entry.name] else {
          places[entry.name] = proteins.count
          proteins.append(FoundProtein(entry, in: path, files))
          continue
        }
        // What another shard could not fold does not take back a fold.
        if entry.isFolded || !proteins[place].entry.isFolded {
          proteins[place] = FoundProtein(entry, in: path, files)
        }
      }
    }
    for name in names.compactMap(Self.protein(ofStructure:)) where places[name] == nil {
      guard Self.partOf(name).allSatisfy({ places[$0] == nil && !files.contains("\($0).pdb") }) else { continue }
      let protein = FoundProtein(SummaryEntry(name: name), in: path, files)
      guard protein.isOfThisProgram else { continue }
      places[name] = proteins.count
      proteins.append(protein)
    }
    guard !proteins.isEmpty else { throw .noResults(path: path) }
    self.proteins = proteins
  }

  /// `summary.tsv`, and `summary.3-of-8.tsv` of a shard.
  private static func isSummary(_ file: String) -> Bool { file.hasPrefix("summary.") && file.hasSuffix(".tsv") }

  private static func protein(ofStructure file: String) -> String? {
    let ending = [".pdb", ".cif"].first(where: file.hasSuffix)
    guard let ending, !file.hasPrefix("."), file.count > ending.count else { return nil }
    return String(file.dropLast(ending.count))
  }

  /// The proteins that a structure may be a sample or a pass of: `NAME.sample_2`, `NAME.recycle_0`.
  private static func partOf(_ name: String) -> [String] {
    var names: [String] = [], rest = name[...]
    for _ in 0..<2 {
      guard let dot = rest.lastIndex(of: ".") else { break }
      let mark = rest[dot...]
      guard mark.hasPrefix(ResultMark.sample) || mark.hasPrefix(ResultMark.pass) else { break }
      rest = rest[..<dot]
      names.append(String(rest))
    }
    return names
  }
}

/// A protein and which files of it there are.
struct FoundProtein {
  let entry: SummaryEntry
  /// Paths; nil where there is no such file.
  let pdb: String?, cif: String?, table: String?
  /// Files with aligned errors, the best first.
  let errors: [String]

  init(_ entry: SummaryEntry, in folder: String, _ files: Set<String>) {
    self.entry = entry
    /// A name of the summary that is a path leads nowhere: there is no such file in the folder.
    func path(_ ending: String) -> String? {
      files.contains(entry.name + ending) ? "\(folder)/\(entry.name)\(ending)" : nil
    }
    (pdb, cif, table) = (path(".pdb"), path(".cif"), path(".plddt.tsv"))
    errors = [path(".pae.json"), path("_scores.json")].compactMap { $0 }
  }

  /// Whether the structure says that this program has made it.
  var isOfThisProgram: Bool {
    if let cif, let head = try? WholeFile.read(cif, atMost: MMCIFProvenance.headByteCount) {
      return MMCIFProvenance(head) != nil
    }
    guard let pdb, let head = try? WholeFile.read(pdb, atMost: PDBProvenance.headByteCount) else { return false }
    return PDBProvenance(head) != nil
  }

  /// When the structure was written, in ISO 8601.
  var written: String? {
    guard let path = pdb ?? cif, let status = try? FileStatus(of: path) else { return nil }
    return utcTime(status.modified / 1_000_000_000)
  }

  /// About how many bytes its data take in a report: what zlib makes of the files, in base64.
  var packedByteCount: Int {
    func size(_ path: String?) -> Int { path.flatMap(FileStatus.sizeOfFile) ?? 0 }
    // Measured on folds of 20 to 300 residues.
    let structures = (size(pdb) + size(cif)) / 5 * 2, errors = size(errors.first) / 4
    return structures + errors
  }
}
