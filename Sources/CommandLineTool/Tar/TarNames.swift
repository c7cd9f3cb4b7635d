// Names in a tar of folds, by their hashes.

/// Where the last member and the last record of each name are, which are those that count.
struct TarNames {
  private(set) var members: [UInt64: Int32] = [:], records: [UInt64: Int32] = [:]
  /// Whether something counts no more: the line of a record that was folded later, and its files.
  private(set) var hasSuperseded = false

  init(_ members: [TarResults.Member], _ records: [TarResults.Record]) {
    self.members.reserveCapacity(members.count)
    self.records.reserveCapacity(records.count)
    for (place, member) in members.enumerated() { note(member, at: place) }
    for (place, record) in records.enumerated() { note(record, at: place) }
  }

  mutating func note(_ member: TarResults.Member, at place: Int) {
    members[member.name] = Int32(clamping: place)
  }

  mutating func note(_ record: TarResults.Record, at place: Int) {
    let last = records.updateValue(Int32(clamping: place), forKey: record.name)
    if last != nil, record.isFolded { hasSuperseded = true }
  }
}
