// A matrix of a result.

/// A matrix of float32 values, row-major.
public struct Matrix: Sendable, Equatable {
  /// Extents.
  public let rows: Int, columns: Int
  /// rows · columns values, one row after the other.
  public let values: [Float]

  /// A matrix of values.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - values: rows · columns values, one row after the other.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(rows >= 0 && columns >= 0 && values.count == rows * columns, "\(values.count) values")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// One value.
  public subscript(_ row: Int, _ column: Int) -> Float {
    precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
    return values[row * columns + column]
  }

  /// The values of one row.
  public func row(_ row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }

  /// Some rows.
  public func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// The mean of every column over all rows, summed in double precision; zeros without rows.
  public var mean: [Float] {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
    }
    return sums.map { Float($0 / Double(max(1, rows))) }
  }

  /// The largest value of every column; zeros without rows.
  public var maximum: [Float] {
    guard rows > 0 else { return [Float](repeating: 0, count: columns) }
    return (1..<max(1, rows)).reduce(into: Array(row(0))) { best, row in
      for column in 0..<columns { best[column] = max(best[column], values[row * columns + column]) }
    }
  }
}
