// The records of all inputs of a run, one at a time, with names for their results: the same names for every command.

package import Protein

/// Reads files one after the other and names their records.
package struct RecordSource: Sendable {
  /// A record or its error, and its name in the results; nil where the whole file is concerned.
  package struct Item: Sendable {
    package let name: String?
    package let content: Result<FASTARecord, FASTAError>
    /// nil unless the file says that it is an A3M.
    let alignment: Alignment?
  }

  /// An A3M that says so by its name or its first line.
  struct Alignment: Sendable {
    /// The chains of the query, if the first line has them.
    let query: A3MQuery?
  }

  /// What the names of records are made for.
  package enum Naming: Sendable {
    /// Files: letters, digits and little else, different on any file system.
    case files
    /// Groups of an HDF5 file, or lines of a table: the first word of the header, as it is.
    case identifiers
  }

  let options: InputOptions
  let naming: Naming
  let dialect: FASTADialect
  private var names: UniqueNames
  /// Whether records of a file are passed on while those behind them are parsed, by another thread if there is one: for who does
  /// nothing but read.
  package var overlaps = false

  package init(_ options: InputOptions, _ dialect: FASTADialect, _ naming: Naming = .files) {
    self.options = options
    self.naming = naming
    names = UniqueNames(foldsCase: naming == .files)
    self.dialect = dialect
  }

  /// Passes on the records of a file in order.
  ///
  /// Bad records get names, too: a name must not depend on whether a command can use the record.
  ///
  /// - Parameters:
  ///   - path: the file; `-` is standard input.
  ///   - isWanted: asked before each read from the open file, on which it may wait; false ends the reading.
  ///   - body: takes a record; false ends the reading.
  /// - Throws: `InputError`; the records before the failure have been passed on, the one it interrupts has not.
  package mutating func read(
    _ path: String, while isWanted: (_ descriptor: Int32) -> Bool = { _ in true }, _ body: (Item) -> Bool
  ) throws(InputError) {
    let rules = options.rules(dialect, path: path)
    // A stream may pause between two records.
    if overlaps, InputFile.isFile(path) { return try readAhead(path, rules, body) }
    var parser = FASTAParser(file: InputFile.displayName(path), rules: rules), goesOn = true
    try InputFile.read(path) { descriptor in
      goesOn = goesOn && isWanted(descriptor)
      return goesOn
    } _: { piece in
      // A piece of a compressed file is several pieces here.
      guard goesOn else { return }
      parser.push(piece)
      goesOn = take(&parser, path, isA3M: rules.isA3M, body) && !parser.isOver
    }
    if goesOn {
      parser.finish()
      _ = take(&parser, path, isA3M: rules.isA3M, body)
    }
  }

  private mutating func take(
    _ parser: inout FASTAParser, _ path: String, isA3M: Bool, _ body: (Item) -> Bool
  ) -> Bool {
    while let next = Self.next(&parser, isA3M: isA3M) {
      guard body(named(next, path)) else { return false }
    }
    return true
  }

  /// A record that has no name yet, or its error.
  typealias Unnamed = (content: Result<FASTARecord, FASTAError>, alignment: Alignment?)

  /// The next record of a parser.
  static func next(_ parser: inout FASTAParser, isA3M: Bool) -> Unnamed? {
    while let content = parser.next() {
      let alignment = isA3M || parser.query != nil ? Alignment(query: parser.query) : nil
      if alignment == nil || !isAnnotation(content) { return (content, alignment) }
    }
    return nil
  }

  mutating func named(_ next: Unnamed, _ path: String) -> Item {
    let name =
      switch next.content {
      case .success(let record): claim(record.name, path)
      case .failure(let error): error.location.map { claim($0.record, path) }
      }
    return Item(name: name, content: next.content, alignment: next.alignment)
  }

  /// Records with which the HH-suite begins an A3M: the secondary structure of the query, its confidence, and so on.
  private static let annotations: Set<String> = ["ss_pred", "ss_conf", "ss_dssp", "sa_dssp", "aa_dssp", "aa_pred"]

  private static func isAnnotation(_ content: Result<FASTARecord, FASTAError>) -> Bool {
    switch content {
    case .success(let record): annotations.contains(record.name)
    case .failure(let error): error.location.map { annotations.contains($0.record) } ?? false
    }
  }

  /// The name of the results of a record. This is the only place that names them.
  private mutating func claim(_ record: String, _ path: String) -> String {
    if options.naming == .file && path != "-" { return names.claim(FileName.ofFile(path)) }
    return names.claim(naming == .files ? FileName.sanitized(record) : RecordIdentifier.of(header: record))
  }
}
