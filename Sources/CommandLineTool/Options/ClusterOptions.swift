// Options of commands whose records several processes share, and of tasks that end at a time.

/// Which part of the input is computed, and until when.
package struct ClusterOptions: Sendable {
  /// nil: everything.
  package var shard: Shard?
  /// Minutes; nil: no limit.
  package var timeLimit: Double?

  package init() {}

  private static let group = "Clusters"
  private static let longestLimit = 1_000_000

  static let shardOption = Option<ClusterOptions>(
    OptionDescription(
      name: "shard", form: .value("I/N"), group: group,
      help:
        "compute the records of shard I of N, from 1: each process finds the same division by the lengths of all "
        + "records; what collects several records has a file of each shard's own, NAME.I-of-N.h5"),
    .value { (values: inout ClusterOptions, text: String) throws(InvalidValue) in values.shard = try Shard(text) })

  static let timeLimitOption = Option<ClusterOptions>(
    OptionDescription(
      name: "time-limit", form: .value("MIN"), group: group,
      help:
        "begin no record that would not be finished so many minutes after the start; exit status 75 says that records "
        + "are left, with which the same command goes on"),
    .value { (values: inout ClusterOptions, text: String) throws(InvalidValue) in
      guard let minutes = decimal(text), minutes > 0, minutes <= Double(longestLimit) else {
        throw InvalidValue("minutes, above 0 and at most \(longestLimit)")
      }
      values.timeLimit = minutes
    })

  static let table = [shardOption, timeLimitOption]

  /// The limit, from now on.
  var limit: TimeLimit? { timeLimit.map { TimeLimit(minutes: $0) } }

  /// The path of this shard's part of a file that collects several records. Streams stay what they are.
  func path(of path: String) -> String {
    guard let shard, path != "-", !OutputPath.isStream(path) else { return path }
    return shard.path(of: path)
  }
}
