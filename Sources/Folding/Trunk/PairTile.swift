// How the pair track is cut into tasks.

import Tensors

/// Tiles of pair rows: some pairs (i, j…) of one line i of z, small enough to stay in a core's cache.
enum PairTile {
  /// The two ways of reading z: line i is the pairs (i, 0), (i, 1), … or the pairs (0, i), (1, i), ….
  ///
  /// Incoming edges and ending nodes are outgoing edges and starting nodes of the transposed z, so one code does both.
  enum Lines: Sendable {
    case rows, columns

    func line(_ i: Int, of z: Tensor<3>) -> Rows {
      switch self {
      case .rows: z.row(i)
      case .columns: z.column(i)
      }
    }
  }

  /// Runs `task(i, tile, worker)` for tiles of consecutive pairs that cover every line.
  static func forEach(
    length: Int, threads: Threads, _ task: @Sendable (_ i: Int, _ tile: Range<Int>, _ worker: Int) -> Void
  ) {
    let tiles = (length + rows - 1) / rows
    // Tiles of equal size, a multiple of the product's register rows.
    let size = ((length + tiles - 1) / tiles + registerRows - 1) / registerRows * registerRows
    threads.forEach(length * tiles) { index, worker in
      let start = index % tiles * size
      if start < length { task(index / tiles, start..<min(length, start + size), worker) }
    }
  }

  /// The most pairs of a tile: 96 rows of 128 floats and of the 512 computed from them take 240 KiB.
  static let rows = 96
  private static let registerRows = 6
}
