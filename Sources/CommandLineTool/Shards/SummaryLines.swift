// Lines of summaries as bytes, without a text for each field: there may be a million.

import Glibc
import Platform

/// Where the columns of a summary are.
struct SummaryLayout {
  private let length: Int, status: Int, message: Int, header: Int?
  /// What makes folds comparable, and what differs from run to run.
  let settings: [Int], times: [Int]
  let finished: Int?
  /// How many samples a fold has.
  let samples: Int?
  let count: Int

  /// - Parameter head: the first line; nil if it is that of another table.
  init?(_ head: UnsafeRawBufferPointer) {
    let columns = head.fields.map(\.text)
    guard columns.count >= SummaryRow.oldestColumnCount,
      SummaryRow.columns.starts(with: columns.prefix(SummaryRow.columns.count)),
      let length = columns.firstIndex(of: "length"), let status = columns.firstIndex(of: "status"),
      let message = columns.firstIndex(of: "message")
    else { return nil }
    (self.length, self.status, self.message) = (length, status, message)
    header = columns.firstIndex(of: "header")
    settings = ["recycles", "precision", "model"].compactMap { columns.firstIndex(of: $0) }
    times = ["seconds", "finished", "machine"].compactMap { columns.firstIndex(of: $0) }
    finished = columns.firstIndex(of: "finished")
    samples = columns.firstIndex(of: "samples")
    count = columns.count
  }

  /// What a line says.
  struct Line {
    let name: UnsafeRawBufferPointer
    /// nil where it says NA.
    let length: Int?
    let isFolded: Bool
    let message: UnsafeRawBufferPointer
    /// As it is written, with escapes; nil where it says NA or there is no such column.
    let header: UnsafeRawBufferPointer?
    let fields: [UnsafeRawBufferPointer]
  }

  /// The parts of a line; nil if it has other columns than the head.
  func line(_ bytes: UnsafeRawBufferPointer) -> Line? {
    let fields = bytes.fields
    guard fields.count == count, !fields[0].isEmpty else { return nil }
    var length: Int?
    if !fields[self.length].isText("NA") {
      guard let number = Int(fields[self.length].text), number >= 0 else { return nil }
      length = number
    }
    guard fields[status].isText("ok") || fields[status].isText("failed") else { return nil }
    let header = self.header.map { fields[$0] }
    return Line(
      name: fields[0], length: length, isFolded: fields[status].isText("ok"), message: fields[message],
      header: header.flatMap { $0.isText("NA") ? nil : $0 }, fields: fields)
  }
}

extension LineFile {
  /// Passes on the lines of a summary.
  ///
  /// - Throws: `ResultsError` when it is another table, or a line is not one of a summary.
  func forEachSummaryLine(
    _ body: (_ line: SummaryLayout.Line, _ layout: SummaryLayout, _ offset: Int) throws(ResultsError) -> Void
  ) throws(ResultsError) {
    var layout: SummaryLayout?
    let path = path
    let cut = try forEachLine { (bytes, offset) throws(ResultsError) in
      guard let layout else {
        layout = SummaryLayout(bytes)
        guard layout != nil else {
          throw .noTable(path: path, found: "another table", expected: "the summary of a run")
        }
        return true
      }
      guard let line = layout.line(bytes) else {
        throw .noTable(
          path: path, found: "a line at byte \(offset) that is none of a summary", expected: "\(layout.count) columns")
      }
      try body(line, layout, offset)
      return true
    }
    // A run that has just begun has an empty one.
    if layout == nil, cut > 0 { throw .noTable(path: path, found: "no line", expected: "the summary of a run") }
  }
}
