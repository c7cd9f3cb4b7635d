// Tables of names and sequences, and lists of accession numbers: both look like sequences without headers.

enum TableFormat {
  static func recognized(in lines: HeadLines) -> ForeignFormat? {
    let rows = Array(lines.withoutComments.prefix(100))
    guard !rows.isEmpty, !rows.contains(where: { $0.withoutBlanks.hasPrefix(">") }) else { return nil }
    if let format = accessions(rows) { return format }
    for (separator, name) in separators {
      let fields = rows.map { $0.split(separator: separator, omittingEmptySubsequences: false).map(\.withoutBlanks) }
      if let format = table(fields, separator, name) { return format }
    }
    return columnsOfBlanks(rows) ?? headersWithoutSign(rows)
  }

  private static let separators: [(Character, String)] = [
    ("\t", "tabs"), (",", "commas"), (";", "semicolons"), ("|", "bars"),
  ]

  /// Titles of columns in tables of proteins.
  private static let titles: Set<String> = [
    "name", "id", "seq", "sequence", "sequences", "accession", "entry", "protein", "header", "description", "uniprot",
    "chain", "aa_seq", "fasta", "mutant", "pdb", "gene", "length", "organism", "identifier", "label", "protein_id",
  ]

  private static func table(_ rows: [[String]], _ separator: Character, _ name: String) -> ForeignFormat? {
    // A tab at the end of each line makes no column.
    guard let first = rows.first, first.count > 1, rows.contains(where: { row in row.count { !$0.isEmpty } > 1 }) else {
      return nil
    }
    let isEven = rows.allSatisfy { $0.count == first.count }
    guard isEven || (separator == "\t" && rows.allSatisfy { row in row.count { !$0.isEmpty } > 1 }) else { return nil }
    let hasTitles = first.contains { titles.contains($0.unquoted.lowercased()) }
    // One line with a comma may be a mistake in a sequence; one with a tab is a sequence only if it is laid out as one.
    let isTable = hasTitles || first.dropLast().contains { $0.unquoted.isName }
    guard isTable || (separator == "\t" ? !isLaidOut(rows) : rows.count > 1) else { return nil }
    return format(rows.map { $0.map(\.unquoted) }, hasTitles: hasTitles, separated: "by \(name)", argument: separator)
  }

  /// Lines of two words or more, of which the first is a name.
  private static func columnsOfBlanks(_ lines: [String]) -> ForeignFormat? {
    let rows = lines.map(\.blankSeparated)
    guard let first = rows.first, rows.allSatisfy({ $0.count > 1 }) else { return nil }
    let isEven = rows.allSatisfy { $0.count == first.count }
    let hasTitles =
      isEven && rows.count > 1
      && first.contains { $0.contains(where: \.isLowercase) && titles.contains($0.lowercased()) }
    let hasNames = rows.allSatisfy { row in
      row[0].isName || (rows.count > 1 && isEven && first.count == 2 && row[0].isSmallName && row[1].isCapital)
    }
    let hasSequences = rows.dropFirst(hasTitles ? 1 : 0).allSatisfy { row in
      (isEven ? row[...] : row.suffix(1)).contains { $0.isSequence && $0.count > 4 }
    }
    guard hasNames || hasTitles, hasSequences else { return nil }
    // Names and sequences, and between them descriptions of some words.
    let ends = isEven ? rows : rows.map { [$0[0], $0[$0.count - 1]] }
    return format(ends, hasTitles: hasTitles, separated: "by blanks", argument: nil, last: isEven ? nil : "$NF")
  }

  /// Lines of names and sequences in turn, from which the signs > are missing.
  private static func headersWithoutSign(_ rows: [String]) -> ForeignFormat? {
    let words = rows.map(\.withoutBlanks)
    let isMeant = words.indices.allSatisfy {
      $0 % 2 == 0 ? words[$0].isName : words[$0].isSequence && words[$0].count > 4
    }
    guard words.count > 1, isMeant else { return nil }
    return ForeignFormat(
      name: "names and sequences on lines of their own, without a '>' before the names",
      advice: "`sed '1~2s/^/>/' FILE > FILE.fasta` puts the signs before them")
  }

  private static func format(
    _ rows: [[String]], hasTitles: Bool, separated: String, argument: Character?, last: String? = nil
  ) -> ForeignFormat {
    let body = hasTitles && rows.count > 1 ? Array(rows.dropFirst()) : rows
    let columns = (body.first ?? []).indices
    // The column of sequences has the longest words of letters, that of names is the first other one.
    func letters(_ column: Int) -> Int {
      body.reduce(0) { $0 + ($1.indices.contains(column) && $1[column].isSequence ? $1[column].count : 0) }
    }
    let sequence = columns.max { letters($0) < letters($1) } ?? 0
    let name = columns.first { $0 != sequence } ?? 0
    let option =
      switch argument {
      case nil: ""
      case "\t": #" -F"\t""#
      case let character?: " -F\"\(character)\""
      }
    let command =
      "awk\(option) '\(hasTitles ? "NR > 1 " : ""){ print \">\" $\(name + 1) \"\\n\" \(last ?? "$\(sequence + 1)") }' FILE > FILE.fasta"
    return ForeignFormat(
      name: "a table with columns separated \(separated)",
      advice: "`\(command)` makes FASTA of it; the numbers behind the $ are those of the columns of name and sequence")
  }

  /// Whether words separated by tabs are a sequence in blocks of one length, perhaps between line numbers.
  private static func isLaidOut(_ rows: [[String]]) -> Bool {
    let filled = rows.map { $0.flatMap(\.blankSeparated) }
    let blocks = filled.map { row in row.filter { Int($0) == nil } }
    guard blocks.joined().allSatisfy(\.isSequence) else { return false }
    let words = Array(blocks.joined()), numbers = zip(filled, blocks).filter { $0.0.count > $0.1.count }
    if let width = words.first?.count,
      words.dropLast().contains(where: { $0.count != width }) || (words.last?.count ?? 0) > width
    {
      return false
    }
    if numbers.isEmpty || numbers.count < filled.count { return numbers.isEmpty || filled.count == 1 }
    let counts = blocks.map { $0.reduce(0) { $0 + $1.count } }
    func count(_ number: (([String]) -> String?), _ widths: some Sequence<Int>) -> Bool {
      let values = filled.map { number($0).flatMap { Int($0) } }
      return zip(zip(values, values.dropFirst()), widths).allSatisfy { pair, width in
        guard let one = pair.0, let next = pair.1 else { return false }
        return next.subtractingReportingOverflow(one).partialValue == width
      }
    }
    return count(\.first, counts) || count(\.last, counts.dropFirst())
  }

  // === Accession numbers ===

  private static func accessions(_ rows: [String]) -> ForeignFormat? {
    let words = rows.map(\.withoutBlanks)
    guard words.allSatisfy({ $0.isAccession }) else { return nil }
    return ForeignFormat(
      name: words.count == 1 ? "an accession number" : "a list of accession numbers",
      advice:
        "download the sequences: https://rest.uniprot.org/uniprotkb/ACCESSION.fasta, https://www.rcsb.org/fasta/entry/ID"
    )
  }
}

extension String {
  fileprivate var unquoted: String {
    count > 1 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
  }

  /// Letters that may be residues, and gaps.
  fileprivate var isSequence: Bool {
    !isEmpty && utf8.allSatisfy { $0.isASCIILowercase || $0.isASCIIUppercase || $0.isGap || $0 == UInt8(ascii: "*") }
  }

  fileprivate var isCapital: Bool { isSequence && !contains(where: \.isLowercase) }

  /// A word with small letters that is no block of ten.
  fileprivate var isSmallName: Bool { contains(where: \.isLowercase) && count != 10 }

  /// Letters and digits in one word, or signs that no sequence has: P04637, sp|P04637|P53_HUMAN, design_1.
  fileprivate var isName: Bool {
    let hasLetter = contains(where: \.isLetter), hasDigit = contains(where: \.isNumber)
    // A line number without a blank behind it makes no name.
    if drop(while: \.isNumber).count >= 8, String(drop(while: \.isNumber)).isSequence, hasDigit { return false }
    return hasLetter && (hasDigit || contains("_") || contains("|")) && !contains(" ")
  }

  /// UniProt, RefSeq, AlphaFold database, UniRef or PDB.
  fileprivate var isAccession: Bool {
    if hasPrefix("sp|") || hasPrefix("tr|") { return !contains(" ") }
    if contains("_") || contains("-") {
      return wholeMatch(
        of:
          /(?:[NXWY]P_\d{6,9}(?:\.\d+)?|AF-[A-Z0-9]+-F\d+|UniRef\d+_\w+|[OPQA-Z][0-9][A-Z0-9]{4,8}-\d+|[1-9][A-Za-z0-9]{3}_[A-Za-z0-9]+)/
      ) != nil
    }
    return wholeMatch(of: /(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:\.\d+)?/) != nil
      || wholeMatch(of: /[1-9](?=[A-Za-z0-9]*[0-9A-Za-z])[A-Za-z0-9]{3}/) != nil && contains(where: \.isLetter)
  }
}
