// The report of `esmfold status`, as lines for people or as one object of JSON.

import Platform

/// Makes a report of what is told to it record by record.
struct StatusText {
  let isJSON: Bool

  /// How many names of missing records a text lists.
  private static let listed = 10

  /// What comes before the first record.
  var beginning: String { isJSON ? "{\"unfinished\": [" : "" }

  /// What is said of a record; nil for nothing. `counts` are those of the records before.
  func line(_ name: String, _ state: RecordState, _ counts: StatusRun.Counts) -> String? {
    switch state {
    case .finished: return nil
    case .missing where !isJSON && counts.missing >= Self.listed: return nil
    case .missing, .failed, .other: break
    }
    guard isJSON else { return TableText.line([state.word, name] + (state.reason.map { [$0] } ?? [])) }
    let isFirst = counts.finished == counts.records
    let reason = state.reason.map { ", \"reason\": \(jsonString($0))" } ?? ""
    return "\(isFirst ? "" : ",")\n  {\"name\": \(jsonString(name)), \"state\": \"\(state.word)\"\(reason)}"
  }

  /// What comes after the last record.
  func ending(_ counts: StatusRun.Counts, _ parts: [ResultPart], missingShards: [String]) -> String {
    if isJSON {
      let shards = parts.map { part in
        "{\"path\": \(jsonString(part.path)), \"shard\": \(part.shard.map { jsonString($0.label) } ?? "null"), "
          + "\"finished\": \(part.finished), \"failed\": \(part.failed)}"
      }
      return "\n], \"parts\": [\(shards.joined(separator: ", "))], \"missing_shards\": "
        + "[\(missingShards.map(jsonString).joined(separator: ", "))], \"records\": \(counts.records), "
        + "\"finished\": \(counts.finished), \"failed\": \(counts.failed), \"missing\": \(counts.missing), "
        + "\"other\": \(counts.other), \"complete\": \(counts.isComplete)}\n"
    }
    var text = ""
    if counts.missing > Self.listed {
      text += TableText.line(["missing", "and \(counts.missing - Self.listed) more; --missing prints them"])
    }
    if parts.contains(where: { $0.shard != nil }) {
      // A table that was merged from those of shards tells nothing besides.
      for part in parts where part.shard != nil || part.finished + part.failed > 0 {
        let label = part.shard.map { "shard \($0.label)" } ?? part.path
        text += TableText.line([label, "finished \(part.finished)", "failed \(part.failed)"])
      }
      for shard in missingShards { text += TableText.line(["shard \(shard)", "nothing is there"]) }
    }
    return text
      + "records \(counts.records): finished \(counts.finished), failed \(counts.failed), missing \(counts.missing), "
      + "other \(counts.other)\n"
  }
}
