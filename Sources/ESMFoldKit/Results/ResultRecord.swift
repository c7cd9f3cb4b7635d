// Named arrays of one record.

import Tensors
import Weights

/// The results of one record.
public struct ResultRecord: Sendable, Equatable {
  /// The name of its group or file: unique among the results. That of a file has letters, digits, `.`, `_` and `-`; that of
  /// a group anything but slashes, and not dots alone.
  public let name: String
  /// The whole header of the FASTA record.
  public let header: String
  /// The sequence as it was read.
  public let sequence: String
  /// What is stored of it.
  public let arrays: [ResultArray]

  /// Puts results together.
  public init(name: String, header: String, sequence: String, arrays: [ResultArray]) {
    self.name = name
    self.header = header
    self.sequence = sequence
    self.arrays = arrays
  }
}
