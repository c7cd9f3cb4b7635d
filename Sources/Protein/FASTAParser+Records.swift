// A whole text at once.

extension FASTAParser {
  /// All records of a complete input.
  package static func records(
    in bytes: some Sequence<UInt8>, file: String, rules: FASTARules = FASTARules()
  ) -> [Result<FASTARecord, FASTAError>] {
    var parser = FASTAParser(file: file, rules: rules)
    parser.push(bytes)
    parser.finish()
    var items: [Result<FASTARecord, FASTAError>] = []
    while let item = parser.next() { items.append(item) }
    return items
  }
}
