// The order in which records are written: that of the input.

import Platform

enum MergeOrder {
  /// The numbers of all records in the order of the input.
  ///
  /// - Parameters:
  ///   - input: the input of the run.
  ///   - names: the names of the records.
  ///   - report: takes errors of the input, and how many of its records have no results.
  ///   - mayLack: whether a record may have results and nothing in the file.
  ///   - written: how a name is written among `names`.
  ///   - path: the file that has a record.
  /// - Returns: the numbers.
  /// - Throws: `ResultsError` when the input cannot be read, lacks a record, or has another sequence under its name.
  static func of(
    _ input: AskedInput, _ names: NameList, _ report: MergeReport, mayLack: Bool = false,
    _ written: (String) -> String, where path: (Int) -> String
  ) throws(ResultsError) -> [Int] {
    var order: [Int] = [], isTaken = [Bool](repeating: false, count: names.count)
    var lacking = 0, lost = 0, unlisted = 0
    order.reserveCapacity(names.count)
    let failures = try input.forEach(report.diagnostics) { (record) throws(ResultsError) in
      let isThere = try report.check(record, of: input)
      if isThere == false { lost += 1 }
      var name = written(record.name)
      guard let place = name.withUTF8({ names.place(shortHash(of: UnsafeRawBufferPointer($0))) }), !isTaken[place]
      else {
        if isThere == true { unlisted += 1 } else { lacking += 1 }
        return
      }
      isTaken[place] = true
      order.append(place)
    }
    guard failures == 0 else {
      throw .noTable(path: input.paths.joined(separator: ", "), found: "an error", expected: "the input of the run")
    }
    if let place = isTaken.firstIndex(of: false) {
      throw .damaged(
        path: path(place), name: names.name(place), found: "a record that the input does not have",
        expected: "the results of this input\nhint: give the whole input of the run, with the same options")
    }
    let place = input.paths.map(visiblePath).joined(separator: ", ")
    if unlisted > 0, !mayLack {
      report.lacks(
        "\(place): found \(counted(unlisted, "record")) with files and without a line of a summary, "
          + "expected one of each",
        "where a record's files are removed, the same command folds it again")
    }
    // A record may also have a line, and no file.
    let without = max(mayLack ? 0 : lacking, lost)
    if without > 0 {
      report.lacks(
        "\(place): found \(counted(without, "record")) without results, expected none")
    }
    return order
  }
}
