// Text on its way to a file, handed over in pieces: a file of any size takes little memory.

/// Collects bytes and hands them over in pieces.
package struct TextPieces {
  /// Pieces are a little longer than this.
  package static let pieceSize = 1 << 16

  /// What waits for the next piece; long tables are appended here directly, with `passOn` after each row.
  package var bytes: [UInt8] = []
  private let write: ([UInt8]) throws -> Void

  /// - Parameter write: Takes the next piece.
  package init(_ write: @escaping ([UInt8]) throws -> Void) {
    self.write = write
    bytes.reserveCapacity(Self.pieceSize + 4096)
  }

  /// Appends text.
  package mutating func append(_ text: String) { bytes += text.utf8 }

  /// Hands over what waits, if it is enough for a piece.
  package mutating func passOn() throws {
    if bytes.count >= Self.pieceSize { try finish() }
  }

  /// Hands over what is left.
  package mutating func finish() throws {
    if bytes.isEmpty { return }
    try write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}
