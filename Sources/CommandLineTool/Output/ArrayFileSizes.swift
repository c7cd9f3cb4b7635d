// The NumPy files in a folder, compared with what its index says of them.

import ESMFoldKit
import Platform

/// Sizes of the NumPy files in a folder.
struct ArrayFileSizes {
  /// By the hashes of the names.
  private var sizes: [UInt64: Int] = [:]

  private static let ending = Array(".npy".utf8)

  init() {}

  /// - Throws: `SystemError` when the folder cannot be read.
  init(of folder: String) throws(SystemError) {
    var sizes = ArrayFileSizes()
    try Folder.forEachName(in: folder) { sizes.note($0) }
    self = sizes
  }

  /// Notes a file of the folder.
  ///
  /// - Returns: Whether it is called as NumPy files are.
  @discardableResult
  mutating func note(_ entry: Folder.Entry) -> Bool {
    guard entry.name.ends(with: Self.ending) else { return false }
    if let size = entry.sizeOfFile { sizes[shortHash(of: entry.name)] = size }
    return true
  }

  /// Whether a file is there with all its bytes. A copy that was interrupted has fewer; what has more is somebody else's
  /// business.
  ///
  /// - Parameters:
  ///   - file: Its name.
  ///   - shape: The extents, as the index writes them.
  ///   - type: The type of its values, likewise.
  /// - Returns: Whether it has as many bytes as these say.
  func hasAll(_ file: some Sequence<UInt8>, shape: String, type: String) -> Bool {
    guard let size = sizes[shortHash(file)], size > 0 else { return false }
    let extents = shape.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard let type = ResultArray.ElementType(rawValue: type), !extents.contains(nil),
      let wanted = ResultArray.npyByteCount(extents.compactMap(\.self), type)
    else { return true }
    return size >= wanted
  }
}
