// Small files that are read as a whole, such as a `config.json`.

extension [UInt8] {
  /// Reads a small file; larger ones than `limit` are refused.
  package init(contentsOf path: String, limit: Int) throws(WeightError) {
    let file = try MappedFile(path)
    guard file.bytes.count <= limit else { throw .tooLarge(path: path, bytes: file.bytes.count, limit: limit) }
    self = withExtendedLifetime(file) { Array(file.bytes) }
  }
}
