// Which records a shard computes: all shards find the same division without asking each other.

/// The records of one shard.
package struct Share: Sendable {
  package let shard: Shard
  /// For each record of the input, in its order, whether it is this shard's.
  private let isOwn: [Bool]
  /// How many records the input has, how many of them are this shard's, and which part of the work those are.
  package let records: Int, ownRecords: Int, part: Double

  /// - Parameters:
  ///   - shard: The shard.
  ///   - lengths: The lengths of all records of the whole input, in its order.
  ///   - cost: What a record of a length costs.
  package init(_ shard: Shard, lengths: [Int], cost: RecordCost) {
    self.shard = shard
    let shards = Self.division(of: lengths, among: shard.count, cost)
    isOwn = shards.map { $0 == shard.number - 1 }
    records = lengths.count
    ownRecords = isOwn.count { $0 }
    let all = lengths.reduce(0) { $0 + cost.of($1) }
    let own = zip(lengths, isOwn).reduce(0) { $1.1 ? $0 + cost.of($1.0) : $0 }
    part = all > 0 ? own / all : 0
  }

  /// Whether the record at a place of the input is this shard's; one that was not there at first is nobody's.
  package func has(_ index: Int) -> Bool { isOwn.indices.contains(index) && isOwn[index] }

  /// `25 of 100 records, 24.9 % of the work`, for messages.
  package var words: String {
    let tenths = Int((part * 1000).rounded())
    return "\(ownRecords) of \(records) records, \(tenths / 10).\(tenths % 10) % of the work"
  }

  /// The shard, from 0, of each record: the longest first, each into the shard that has the least to do, the first of
  /// several (LPT; Graham 1969: no shard has more than 4/3 - 1/(3N) of the least that is possible).
  package static func division(of lengths: [Int], among count: Int, _ cost: RecordCost) -> [Int32] {
    var shards = [Int32](repeating: 0, count: lengths.count), loads = LoadHeap(count: count)
    let order = lengths.indices.sorted { a, b in lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b }
    for index in order { shards[index] = Int32(loads.add(cost.of(lengths[index]))) }
    return shards
  }
}

/// Loads of shards, the least on top of a binary heap.
private struct LoadHeap {
  private var items: [(load: Double, shard: Int)]

  init(count: Int) { items = (0..<count).map { (0, $0) } }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    items[a].load != items[b].load ? items[a].load < items[b].load : items[a].shard < items[b].shard
  }

  /// Adds to the least load.
  ///
  /// - Returns: Whose it is.
  mutating func add(_ cost: Double) -> Int {
    let shard = items[0].shard
    items[0].load += cost
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < items.count && isBefore(child, least) { least = child }
      guard least != place else { return shard }
      items.swapAt(place, least)
      place = least
    }
  }
}
