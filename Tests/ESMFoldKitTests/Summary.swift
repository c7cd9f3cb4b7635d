// What the fixtures store of a long sequence's tensors, and the same for computed values.

/// Some rows of a tensor, and sums in which a wrong number in any row or column shows.
enum Summary {
  /// The contents of a long sequence's goldens, computed from whole tensors by name.
  static func all(of values: [String: [Float]], tokens: Int) -> [String: [Float]] {
    var found: [String: [Float]] = [:]
    for (name, values) in values {
      if name == "attentions" {
        found.merge(maps(name, values, tokens)) { one, _ in one }
      } else if values.count < tokens {
        // Outputs for the sequence as a whole.
        found[name] = values
      } else {
        let rows = name == "contacts" ? tokens - 2 : tokens
        found.merge(matrix(name, values, rows: rows, columns: values.count / rows)) { one, _ in one }
      }
    }
    return found
  }

  /// Rows at the ends of vectors, blocks and tiles, as `Scripts/golden_long.py` chooses them.
  private static func chosenRows(of count: Int) -> [Int] {
    let places = [0, 1, 15, 16, 47, 48, 63, 64, 95, 96, 127, 128, 255, 256, 1007]
    return Set(places + [count / 2, count - 3, count - 2, count - 1]).filter { (0..<count).contains($0) }.sorted()
  }

  /// The selected rows, and the sum and the sum of magnitudes of every row and every column.
  private static func matrix(_ name: String, _ values: [Float], rows: Int, columns: Int) -> [String: [Float]] {
    var rowSums = [Double](repeating: 0, count: rows), rowMagnitudes = rowSums
    var columnSums = [Double](repeating: 0, count: columns), columnMagnitudes = columnSums
    for (index, value) in values.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns), value = Double(value)
      rowSums[row] += value
      rowMagnitudes[row] += abs(value)
      columnSums[column] += value
      columnMagnitudes[column] += abs(value)
    }
    return [
      "\(name).rows": chosenRows(of: rows).flatMap { values[$0 * columns..<($0 + 1) * columns] },
      "\(name).row-sums": (rowSums + rowMagnitudes).map(Float.init),
      "\(name).column-sums": (columnSums + columnMagnitudes).map(Float.init),
    ]
  }

  /// Attention weights of all heads: some rows, the sum of squares of every row (they sum to 1) and the sum of every column.
  private static func maps(_ name: String, _ values: [Float], _ count: Int) -> [String: [Float]] {
    let chosen = [1, 48, 128, count - 2].filter { $0 < count }
    var rows: [Float] = [], squares: [Float] = [], sums: [Float] = []
    for start in stride(from: 0, to: values.count, by: count * count) {
      let map = Array(values[start..<start + count * count])
      rows += chosen.flatMap { map[$0 * count..<($0 + 1) * count] }
      var columns = [Double](repeating: 0, count: count)
      for row in 0..<count {
        var square = 0.0
        for (column, value) in map[row * count..<(row + 1) * count].enumerated() {
          square += Double(value) * Double(value)
          columns[column] += Double(value)
        }
        squares.append(Float(square))
      }
      sums += columns.map(Float.init)
    }
    return ["\(name).rows": rows, "\(name).row-sums": squares, "\(name).column-sums": sums]
  }
}
