// Whether a large file fits on the disk, checked before it is written.

import Platform

package enum FreeSpace {
  /// Throws `WeightError.noSpace` when less than `needed` bytes are free in the folder of `path`.
  package static func check(for needed: Int, beside path: String) throws(WeightError) {
    let available = try WeightError.wrapping(try Folder.freeSpace(in: path.folder))
    if available < needed { throw .noSpace(path: path, needed: needed, available: available) }
  }
}
