// Formats that begin with bytes of their own: compressed files, archives, HDF5, PDF, other encodings of text.

enum BinaryFormat {
  /// The bytes at a place, and the format that has them.
  private struct Signature {
    var place = 0
    let bytes: [UInt8]
    let format: ForeignFormat

    init(_ text: String, _ format: ForeignFormat, at place: Int = 0) {
      self.init(Array(text.utf8), format, at: place)
    }

    init(_ bytes: [UInt8], _ format: ForeignFormat, at place: Int = 0) {
      (self.bytes, self.format, self.place) = (bytes, format, place)
    }
  }

  private static let noSequences = "it has no sequences as text; give them as FASTA"
  private static let picture = ForeignFormat.without("a picture", noSequences)
  private static let pickle = ForeignFormat.without("a Python pickle", noSequences)
  private static let asText = "save it as plain text (.txt, UTF-8), each sequence below a line '>name'"

  private static let signatures: [Signature] = [
    // A gzip file here was compressed twice: the first layer is read as gzip.
    Signature([0x1F, 0x8B], .compressed("gzip, twice", "gzip -dc")),
    Signature([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .compressed("xz", "xz -dc")),
    Signature([0x5D, 0x00, 0x00], .compressed("lzma", "xz -dc --format=lzma")),
    Signature([0x28, 0xB5, 0x2F, 0xFD], .compressed("zstd", "zstd -dc")),
    Signature([0x04, 0x22, 0x4D, 0x18], .compressed("lz4", "lz4 -dc")),
    Signature([0x02, 0x21, 0x4C, 0x18], .compressed("lz4", "lz4 -dc")),
    Signature([0x4C, 0x5A, 0x49, 0x50, 0x01], .compressed("lzip", "lzip -dc")),
    Signature([0x89, 0x4C, 0x5A, 0x4F], .compressed("lzop", "lzop -dc")),
    Signature([0x1F, 0x9D], .compressed("compress", "gzip -dc")),
    Signature([0x1F, 0x1E], .compressed("pack", "gzip -dc")),
    Signature([0x1F, 0xA0], .compressed("LZH", "gzip -dc")),
    Signature([0xFF, 0x06, 0x00, 0x00] + Array("sNaPpY".utf8), .compressed("Snappy", "python3 -m snappy -d -i")),
    Signature([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .archive("a 7z archive", "7z x FILE")),
    Signature("Rar!\u{1A}\u{07}", .archive("a RAR archive", "unrar x FILE")),
    Signature("PK\u{05}\u{06}", .archive("an empty zip archive", "unzip FILE")),
    Signature([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], hdf5),
    Signature("%PDF-", .without("a PDF file", "copy the sequences into a text file, each below a line '>name'")),
    Signature("%!PS", .without("a PostScript file", noSequences)),
    Signature("{\\rtf", .without("an RTF file of a word processor", asText)),
    Signature([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], .without("a file of Word or Excel", asText)),
    Signature("SQLite format 3\0", .without("an SQLite database", "export the sequences from it as FASTA")),
    Signature(
      "PAR1\u{15}", .without("a Parquet file", "write its column of sequences as FASTA, with pandas for example")),
    Signature([0x93] + Array("NUMPY".utf8), .without("a NumPy file", noSequences)),
    Signature([0x80, 0x02], pickle), Signature([0x80, 0x03], pickle), Signature([0x80, 0x04, 0x95], pickle),
    Signature([0x80, 0x05, 0x95], pickle),
    Signature([0x89, 0x50, 0x4E, 0x47], picture), Signature([0xFF, 0xD8, 0xFF], picture), Signature("GIF87a", picture),
    Signature("GIF89a", picture),
    Signature([0x7F, 0x45, 0x4C, 0x46], .without("a program (ELF)", noSequences)),
    Signature("BAM\u{01}", .without("a BAM file", reads)), Signature("CRAM\u{03}", .without("a CRAM file", reads)),
    Signature("CRAM\u{02}", .without("a CRAM file", reads)), Signature("BCF\u{02}", .without("a BCF file", reads)),
    Signature("ABIF\0", .without("a trace of a sequencer (ABIF)", reads)),
    Signature("ustar", tar, at: 257),
  ]

  private static let reads = "it has nucleotides; translate their coding sequences into proteins"
  private static let tar = ForeignFormat.archive("a tar archive", "tar -xf FILE")
  private static let hdf5 = ForeignFormat.without(
    "an HDF5 file",
    "results of embed keep their input in the attribute sequence of each group; give the FASTA file itself")

  static func recognized(in bytes: [UInt8]) -> ForeignFormat? {
    if let format = encoding(bytes) ?? zip(bytes) { return format }
    if isBzip2(bytes) { return .compressed("bzip2", "bzip2 -dc") }
    if let found = signatures.first(where: { bytes.dropFirst($0.place).starts(with: $0.bytes) }) { return found.format }
    if isSafetensors(bytes) { return .without("a safetensors file", noSequences) }
    if isOldTar(bytes) { return tar }
    if bytes.first.map({ $0 >= 0x80 && $0 < 0xA0 }) == true, bytes.contains(sequence: "dataBlocks") {
      return .without("a BinaryCIF file", StructureFormat.ofEntries)
    }
    return nil
  }

  /// The letters BZh and a digit could begin a sequence; the number of a block, or of the end, follows them here.
  private static func isBzip2(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: [0x42, 0x5A, 0x68]), bytes.count > 9, (0x31...0x39).contains(bytes[3]) else {
      return false
    }
    return bytes[4..<10].elementsEqual([0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
      || bytes[4..<10].elementsEqual([0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
  }

  private static func zip(_ bytes: [UInt8]) -> ForeignFormat? {
    guard bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x07, 0x08]) else {
      return nil
    }
    if bytes.contains(sequence: "[Content_Types].xml") || bytes.contains(sequence: "word/")
      || bytes.contains(sequence: "xl/")
    {
      return .without("a file of Word or Excel", asText)
    }
    if bytes.contains(sequence: "opendocument") { return .without("a file of LibreOffice", asText) }
    return .archive("a zip archive", "unzip FILE")
  }

  // === Text in other encodings ===

  private static func encoding(_ bytes: [UInt8]) -> ForeignFormat? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      return inEncoding("UTF-32")
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return inEncoding("UTF-16") }
    // Without a mark: every second byte of ASCII text is a NUL.
    let pairs = bytes.prefix(64).count / 2
    guard pairs >= 2 else { return nil }
    let first = (0..<pairs).map { bytes[$0 * 2] }, second = (0..<pairs).map { bytes[$0 * 2 + 1] }
    func isText(_ part: [UInt8]) -> Bool { part.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || (9...13).contains($0) } }
    if isText(first), second.allSatisfy({ $0 == 0 }) { return inEncoding("UTF-16LE") }
    if isText(second), first.allSatisfy({ $0 == 0 }) { return inEncoding("UTF-16BE") }
    return nil
  }

  private static func inEncoding(_ name: String) -> ForeignFormat {
    ForeignFormat(
      name: "text in the encoding \(name)", advice: "`iconv -f \(name) -t UTF-8 FILE > FILE.fasta` converts it to UTF-8"
    )
  }

  // === Formats without a fixed beginning ===

  /// The length of a JSON header, and the header.
  private static func isSafetensors(_ bytes: [UInt8]) -> Bool {
    bytes.count > 10 && bytes[8] == UInt8(ascii: "{") && bytes[9] == UInt8(ascii: "\"")
      && bytes[5..<8].allSatisfy { $0 == 0 }
  }

  /// The first block of an archive before POSIX: its sum is at 148 in octal digits.
  private static func isOldTar(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 512, bytes[0] != 0 else { return false }
    let field = bytes[148..<156].filter { $0 != 0x20 && $0 != 0 }
    guard (4...7).contains(field.count), let stated = Int(String(decoding: field, as: UTF8.self), radix: 8) else {
      return false
    }
    let sum = bytes[..<512].enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    return sum == stated
  }
}

extension [UInt8] {
  /// Whether the text occurs anywhere.
  fileprivate func contains(sequence text: String) -> Bool {
    let wanted = Array(text.utf8)
    return indices.contains { self[$0] == wanted[0] && self[$0...].starts(with: wanted) }
  }
}
