// HDF5 files of shards as one.

import ESMFoldKit
import Platform
import Protein

/// Files of results of language models that become one. Of each record is known where it is.
struct MergedArrays {
  private var files: [(path: String, reader: ResultReader)] = []
  private var names = NameList()
  private var entries: [(file: Int32, place: Int)] = []

  var count: Int { entries.count }

  /// Adds a file.
  ///
  /// - Throws: `ResultsError` when it is another one, or has other settings than the first.
  mutating func add(_ path: String) throws(ResultsError) {
    let reader: ResultReader
    do throws(ModelError) {
      reader = try ResultReader(path)
    } catch {
      throw .unreadable(error)
    }
    guard let settings = Self.settings(reader) else {
      throw .noTable(path: path, found: "another HDF5 file", expected: "results of embed, contacts or score")
    }
    if let first = files.first {
      let wanted = Self.settings(first.reader) ?? ""
      guard ResultSettings.areSame(settings, wanted),
        reader.attributes.dropFirst().elementsEqual(first.reader.attributes.dropFirst(), by: ==)
      else { throw .otherSettings(first: first.path, second: path, found: settings, expected: wanted) }
    }
    let number = Int32(clamping: files.count)
    files.append((path, reader))
    var again: [(Int, Int)] = []
    do throws(ModelError) {
      try reader.forEachName { name, place in
        var name = name
        let (known, isNew) = name.withUTF8 { names.add(UnsafeRawBufferPointer($0)) }
        if isNew { entries.append((number, place)) } else { again.append((known, place)) }
      }
    } catch {
      throw .unreadable(error)
    }
    for (known, place) in again {
      let name = names.name(known)
      guard try record(known) == read(name, Int(number), place).record else {
        throw .different(
          name: name, first: files[Int(entries[known].file)].path, second: path, what: "results that differ")
      }
    }
  }

  private static func settings(_ reader: ResultReader) -> String? {
    reader.attributes.first { $0.name == "settings" }?.value
  }

  private func read(_ name: String, _ file: Int, _ place: Int) throws(ResultsError) -> ResultReader.Stored {
    do throws(ModelError) {
      return try files[file].reader.record(name, at: place)
    } catch {
      throw .unreadable(error)
    }
  }

  private func record(_ number: Int) throws(ResultsError) -> ResultRecord {
    try read(names.name(number), Int(entries[number].file), entries[number].place).record
  }

  /// Writes all records in the order of the input, or of the names.
  func write(to output: UnfinishedFile, inOrderOf input: AskedInput?, _ report: MergeReport) throws {
    var order = names.sorted
    if let input {
      order = try MergeOrder.of(input, names, report) {
        $0
      } where: {
        files[Int(entries[$0].file)].path
      }
    }
    var file = ResultFile(output, attributes: files.first?.reader.attributes ?? [])
    for (done, number) in order.enumerated() {
      let (record, isFlat) = try read(names.name(number), Int(entries[number].file), entries[number].place)
      try file.append(record, isFlat: isFlat)
      report.diagnostics.progress(Double(done) / Double(max(1, order.count)), "\(done) of \(order.count) merged")
    }
    report.diagnostics.endProgress()
    try file.close()
  }
}
