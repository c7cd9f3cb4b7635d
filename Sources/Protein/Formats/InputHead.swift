// The first bytes of an input: kept until they show whether it is sequences or another format.

/// The first bytes of an input.
struct InputHead: Sendable {
  /// What the first bytes show.
  enum Verdict {
    case sequences
    case foreign(ForeignFormat)
  }

  /// A UTF-8 byte order mark.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  /// Enough for the beginning of every format, some fifty lines of a PDB file.
  private static let size = 1 << 13

  /// Everything so far; pieces are taken whole, so these may be more than ``size``.
  private(set) var bytes: [UInt8] = []

  mutating func append(_ piece: some Sequence<UInt8>) { bytes.append(contentsOf: piece) }

  /// What the input is; nil where more bytes may tell.
  ///
  /// - Parameter isComplete: whether these bytes are the whole input.
  /// - Returns: the verdict.
  func verdict(isComplete: Bool) -> Verdict? {
    // A header settles it, so that records of a slow pipe do not wait.
    let text = bytes.starts(with: Self.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
    let start = text.prefix(Self.size).drop { $0 <= 0x20 && $0 != 0 }.prefix(4)
    if start.first == UInt8(ascii: ">"), start.count == 4, !start.contains(0), !PIRFormat.mayBegin(start) {
      return .sequences
    }
    guard isComplete || bytes.count >= Self.size else { return nil }
    let isWhole = isComplete && bytes.count <= Self.size
    return ForeignFormat.recognized(in: Array(bytes.prefix(Self.size)), isWhole: isWhole).map { .foreign($0) }
      ?? .sequences
  }
}
