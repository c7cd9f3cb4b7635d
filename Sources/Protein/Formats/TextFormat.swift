// Text formats that are neither structures, alignments nor tables: markup, configuration, entries of databases, reads.

enum TextFormat {
  private static let nucleotides = "translate the coding sequences into proteins"
  private static let write = "write each sequence below a line '>name'"
  /// Inputs of AlphaFold 3, Boltz, Chai and the like; `jq` reads the first.
  private static let filter =
    #"'.sequences[].protein | select(.) | ">" + ([.id] | flatten | join("_")) + "\n" + .sequence'"#

  static func recognized(in lines: HeadLines) -> ForeignFormat? {
    guard let first = lines.first else { return nil }
    return markup(first, lines) ?? entry(first, lines) ?? reads(first, lines) ?? marked(first)
      ?? configuration(lines)
  }

  // === JSON, XML, HTML ===

  private static func markup(_ first: String, _ lines: HeadLines) -> ForeignFormat? {
    if first.hasPrefix("{") || first.hasPrefix("[") {
      if first.hasPrefix("["), first.hasSuffix("]"), first.dropFirst().first?.isLetter == true, !first.contains("\"") {
        return .without("a configuration file (TOML or INI)", write)
      }
      if lines.contain("\"sequences\"") {
        return .without("a JSON file", "`jq -r \(filter) FILE > FILE.fasta` makes FASTA of it")
      }
      return .without("a JSON file", "\(write); jq takes them out")
    }
    guard first.hasPrefix("<") else { return nil }
    let small = first.lowercased()
    if small.hasPrefix("<!doctype html")
      || htmlTags.contains(where: { small.hasPrefix("<\($0)>") || small.hasPrefix("<\($0) ") })
    {
      return .without("a web page (HTML)", "download the FASTA itself: the address of a page is not that of its data")
    }
    if small.hasPrefix("<?xml") || small.hasPrefix("<!") {
      if lines.contain("<html") { return .without("a web page (HTML)", "download the FASTA itself, not its page") }
      if lines.contain("uniprot") { return .biopython("a file of UniProt in XML", "uniprot-xml", or: ofUniProt) }
      return .without("an XML file", write)
    }
    // A tag with attributes, or one that is closed later, is none of the tokens such as <mask>.
    let tag = String(small.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" })
    let isTag = !tag.isEmpty && !Alphabet.specialTokens.contains("<\(tag)>")
    return isTag
      && (small.prefix { $0 != ">" }.contains("=") || lines.filled.contains { $0.lowercased().contains("</\(tag)>") })
      ? .without("an XML file", write) : nil
  }

  private static let htmlTags = ["html", "head", "body", "div", "pre", "p", "table", "span", "title", "meta", "script"]

  // === Entries of databases ===

  private static let ofUniProt = "https://rest.uniprot.org/uniprotkb/ACCESSION.fasta has the sequence of an entry"

  private static func entry(_ first: String, _ lines: HeadLines) -> ForeignFormat? {
    if first.hasPrefix("LOCUS "), first.contains(where: \.isNumber) {
      let isProtein = first.contains(" aa ")
      return .biopython(
        isProtein ? "a GenPept file" : "a GenBank file", "genbank",
        or: isProtein ? "" : "of nucleotides take the translations, `efetch -db nuccore -id ID -format fasta_cds_aa`")
    }
    if first.hasPrefix("ID   "), first.contains(";") {
      let isUniProt = first.contains("eviewed;") || first.hasSuffix(" AA.")
      return isUniProt
        ? .biopython("a flat file of UniProt", "swiss", or: ofUniProt)
        : .biopython("an EMBL file", "embl", or: "take the translations of its coding sequences")
    }
    if first.contains("::=") { return .without("a file in NCBI's ASN.1", "download the FASTA of the entry") }
    if first.hasPrefix("HMMER3/") || first.hasPrefix("HMMER2.") || first.hasPrefix("HHsearch ") {
      return .without("a profile (HMM)", "a profile is no protein; `hmmemit -c FILE` gives its consensus as FASTA")
    }
    if first.hasPrefix("BLASTP ") || first.hasPrefix("BLASTN ") || first.hasPrefix("BLASTX ")
      || first.hasPrefix("TBLASTN ")
    {
      return .without(
        "a report of BLAST", "`blastdbcmd -entry ID -db DATABASE` gives the sequences of its hits as FASTA")
    }
    if first.hasPrefix("version https://git-lfs") {
      return .without("a pointer of Git LFS in place of the file", "`git lfs pull` fetches the file itself")
    }
    return nil
  }

  // === Sequencing ===

  private static func reads(_ first: String, _ lines: HeadLines) -> ForeignFormat? {
    guard first.hasPrefix("@") else { return nil }
    if first.hasPrefix("@HD\t") || first.hasPrefix("@SQ\t") || first.hasPrefix("@RG\t") || first.hasPrefix("@PG\t") {
      return .without("a SAM file", nucleotides)
    }
    let plus = lines.filled.dropFirst().firstIndex { $0.withoutBlanks.hasPrefix("+") }
    guard plus != nil || !lines.isWhole && lines.filled.count < 3 else { return nil }
    return .without(
      "a FASTQ file", "reads are nucleotides: \(nucleotides); of proteins `seqtk seq -A FILE` makes FASTA")
  }

  // === A first line that says what follows ===

  private static let marks: [(start: String, format: ForeignFormat)] = [
    ("#!", .without("a script", write)), ("##gff", gff), ("##maf", .without("a MAF alignment of genomes", nucleotides)),
    ("##fileformat=vcf", .without("a VCF file", nucleotides)), ("track name=", .without("a BED file", nucleotides)),
  ]
  private static let gff = ForeignFormat.without(
    "a GFF file", "`gffread FILE -g GENOME.fasta -y PROTEINS.fasta` writes the proteins that it describes")

  private static func marked(_ first: String) -> ForeignFormat? {
    let small = first.lowercased()
    return marks.first { small.hasPrefix($0.start) && first.count > $0.start.count }?.format
  }

  // === YAML and the like ===

  /// Keys with which inputs of other folding programs begin.
  private static let keys: Set<String> = [
    "version", "sequences", "protein", "proteins", "entities", "name", "modelseeds", "templates", "constraints", "jobs",
    "id", "sequence", "dialect", "chains",
  ]

  private static func configuration(_ lines: HeadLines) -> ForeignFormat? {
    let content = lines.withoutComments
    guard let first = content.first?.withoutBlanks else { return nil }
    let hasMark =
      first.hasPrefix("%YAML") || (first == "---" && content.dropFirst().first.map { key(of: $0) != nil } == true)
    let found = content.compactMap(key)
    guard hasMark || key(of: first) != nil,
      hasMark || found.count > 1 || found.first.map({ keys.contains($0.lowercased()) }) == true
    else { return nil }
    let advice = "`yq -o=json FILE | jq -r \(filter) > FILE.fasta` makes FASTA of it"
    return found.contains("sequences")
      ? .without("a YAML file, an input of another program", advice) : .without("a YAML file", write)
  }

  /// `key` of a line `key: value` or `- key:`; chains separated by `:` have no blank behind it and no small letters.
  private static func key(of line: String) -> String? {
    var text = line.withoutBlanks[...]
    if text.hasPrefix("- ") { text = text.dropFirst(2) }
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let key = text[..<colon], rest = text[text.index(after: colon)...]
    let isWord = key.first?.isLetter == true && key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
    guard isWord, rest.isEmpty || rest.first == " ", key.contains(where: \.isLowercase) else { return nil }
    return String(key)
  }
}
