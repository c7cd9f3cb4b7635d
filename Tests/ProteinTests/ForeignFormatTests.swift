// Formats that are not FASTA, told by their first bytes; and sequences that must never be taken for one.

import Protein
import TestSupport
import Testing

struct ForeignFormatTests {
  private static let s = "NLYIQWLKDGGPSSGRPPPS"

  /// The name of the format that an input is refused as; nil if it is read. It must not depend on the pieces.
  private func refused(_ bytes: [UInt8]) -> String? {
    func name(_ piece: Int) -> String? {
      var parser = FASTAParser(file: "p.fa")
      for start in stride(from: 0, to: bytes.count, by: piece) {
        parser.push(bytes[start..<min(start + piece, bytes.count)])
      }
      parser.finish()
      guard case .failure(.foreign(let format, _))? = parser.next() else { return nil }
      // One error for the whole input.
      #expect(parser.next() == nil)
      #expect(!format.advice.isEmpty && !format.advice.contains("\n"))
      return format.name
    }
    let whole = name(max(bytes.count, 1))
    for piece in [1, 3, 1000] { #expect(name(piece) == whole, "pieces of \(piece)") }
    return whole
  }

  @Test(arguments: [
    ("P04637\t\(s)\nP38398\t\(s)\n", "a table with columns separated by tabs"),
    ("P04637\t\(s)\n", "a table with columns separated by tabs"),
    ("# comment\nid\tlength\tsequence\nx\t20\t\(s)\n", "a table with columns separated by tabs"),
    ("insulin\tGIVEQCC\ntrpcage\t\(s)\n", "a table with columns separated by tabs"),
    ("1\t\(s)\n2\t\(s)\n", "a table with columns separated by tabs"),
    ("name,sequence\na,\(s)\n", "a table with columns separated by commas"),
    ("\"a\",\"\(s)\"\n\"b\",\"\(s)\"\n", "a table with columns separated by commas"),
    ("a;\(s)\nb;\(s)\n", "a table with columns separated by semicolons"),
    ("| name | sequence |\n|---|---|\n| a | \(s) |\n", "a table with columns separated by bars"),
    ("P04637 \(s)\n", "a table with columns separated by blanks"),
    ("design_1   \(s)\r\ndesign_2   \(s)\r\n", "a table with columns separated by blanks"),
    ("insulin \(s)\ntrpcage \(s)\n", "a table with columns separated by blanks"),
    ("P04637\t\(s)\textra\nP38398\t\(s)\n", "a table with columns separated by tabs"),
    ("P04637 tumor antigen \(s)\nP38398 BRCA \(s)\n", "a table with columns separated by blanks"),
    (
      "P04637\n\(s)\nP38398\n\(s)\n",
      "names and sequences on lines of their own, without a '>' before the names"
    ),
    ("P04637\nP38398\n", "a list of accession numbers"), ("1CRN\n", "an accession number"),
    ("sp|P04637|P53_HUMAN\n", "an accession number"), ("NP_000537.3\n", "an accession number"),
    ("ATOM      1  N   MET A   1      27.340  24.430   2.614  1.00  9.67           N\n", "a PDB file"),
    ("HEADER    PLANT PROTEIN                           30-APR-81   1CRN\n", "a PDB file"),
    ("TITLE     A PROTEIN\n", "a PDB file"), ("REMARK   1 CREATED\n", "a PDB file"), ("MODEL        1\n", "a PDB file"),
    ("CRYST1   40.960   18.650   22.520  90.00  90.77  90.00 P 1 21 1      2\n", "a PDB file"),
    ("PARENT N/A\nATOM      1  N   MET A   1      27.340  24.430   2.614  1.00  9.67           N\n", "a PDB file"),
    ("\ndata_1CRN\n#\n_entry.id   1CRN\n", "an mmCIF file"), ("#\ndata_x\nloop_\n", "an mmCIF file"),
    ("LOCUS       SCU49845     5028 bp    DNA             PLN       21-JUN-1999\n", "a GenBank file"),
    ("LOCUS       AAA1      110 aa            linear   PLN 21-JUN-1999\n", "a GenPept file"),
    ("ID   P53_HUMAN               Reviewed;         393 AA.\nAC   P04637;\n", "a flat file of UniProt"),
    ("ID   X56734; SV 1; linear; mRNA; STD; PLN; 1859 BP.\nXX\n", "an EMBL file"),
    ("CLUSTAL W (1.83) multiple sequence alignment\n\na   MKV--\n", "a Clustal alignment"),
    ("CLUSTAL format alignment by MAFFT\n\na MKV\n", "a Clustal alignment"),
    ("MUSCLE (3.8) multiple sequence alignment\n\na MKV\n", "a Clustal alignment"),
    ("# STOCKHOLM 1.0\na  MKV\n//\n", "a Stockholm alignment"), ("#NEXUS\nBEGIN DATA;\n", "a NEXUS file"),
    ("#mega\n!Title x;\n", "a MEGA alignment"),
    (" 2 20\nseq1      \(s)\nseq2      \(s)\n", "a PHYLIP alignment"),
    ("!!AA_MULTIPLE_ALIGNMENT 1.0\n", "an MSF file (GCG)"),
    ("PileUp\n\n   MSF:  20  Type: P    Check:  1  ..\n", "an MSF file (GCG)"),
    (">P1;1crn\nstructureX:1crn:1:A:46:A:::1.5:\n\(s)*\n", "a PIR file (NBRF, Modeller)"),
    (">P1;CRAB\ncrambin - Abyssinian cabbage\n\(s)*\n", "a PIR file (NBRF, Modeller)"),
    ("@r1\nACGTACGT\n+\nIIIIIIII\n", "a FASTQ file"), ("@HD\tVN:1.6\n", "a SAM file"),
    ("##gff-version 3\n", "a GFF file"),
    ("##fileformat=VCFv4.2\n", "a VCF file"),
    ("{\"name\": \"x\", \"sequences\": []}\n", "a JSON file"), ("[\n {\"a\": 1}]", "a JSON file"),
    ("[model]\nname = x\n", "a configuration file (TOML or INI)"),
    ("<?xml version=\"1.0\"?>\n<a/>\n", "an XML file"), ("<!DOCTYPE html>\n<html>\n", "a web page (HTML)"),
    ("<html><body>", "a web page (HTML)"), ("<entry id=\"1\">\n", "an XML file"),
    ("<a>\n<b>1</b>\n</a>\n", "an XML file"),
    ("version: 1\nsequences:\n  - protein:\n      id: A\n", "a YAML file, an input of another program"),
    ("---\nname: x\nlength: 3\n", "a YAML file"),
    ("sequences:\n- protein:\n", "a YAML file, an input of another program"),
    ("aspirin\n  CDK\n\n 13 13  0  0  0  0  0  0  0  0999 V2000\n", "an SDF or MOL file of small molecules"),
    ("@<TRIPOS>MOLECULE\n", "a MOL2 file"), ("3\nwater\nO 0.0 0.1 0.2\n", "a file of atoms (XYZ or GRO)"),
    ("Seq-entry ::= set {\n", "a file in NCBI's ASN.1"), ("HMMER3/f [3.1b2]\n", "a profile (HMM)"),
    ("BLASTP 2.10.0+\n", "a report of BLAST"), ("#!/bin/sh\n", "a script"),
    ("version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS in place of the file"),
    ("%PDF-1.4\n", "a PDF file"), ("{\\rtf1\\ansi\n", "an RTF file of a word processor"),
    ("\u{FEFF}P04637\t\(s)\n", "a table with columns separated by tabs"),
  ])
  func text(content: String, name: String) { #expect(refused(Array(content.utf8)) == name) }

  @Test(
    arguments: [
      ([0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "bzip2"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"),
      ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0x04, 0x22, 0x4D, 0x18], "lz4"), ([0x4C, 0x5A, 0x49, 0x50, 1], "lzip"),
      ([0x1F, 0x9D, 0x90], "compress"), ([0x5D, 0, 0, 0x80, 0], "lzma"), ([0x1F, 0x8B, 8], "gzip, twice"),
    ] as [([UInt8], String)])
  func compressed(bytes: [UInt8], name: String) {
    #expect(refused(bytes + [1, 0, 2]) == "a file compressed with \(name)")
  }

  @Test(
    arguments: [
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"), ([0x50, 0x4B, 3, 4, 0x14], "a zip archive"),
      ([0x50, 0x4B, 3, 4] + Array("....[Content_Types].xml".utf8), "a file of Word or Excel"),
      ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "an HDF5 file"), (Array("BAM\u{1}".utf8), "a BAM file"),
      ([0x93] + Array("NUMPY".utf8), "a NumPy file"),
      ([20, 1, 0, 0, 0, 0, 0, 0] + Array("{\"a\":{}}".utf8), "a safetensors file"),
      (Array("a.fasta".utf8) + [UInt8](repeating: 0, count: 250) + Array("ustar".utf8), "a tar archive"),
      ([0xFF, 0xFE] + [0x3E, 0, 0x61, 0], "text in the encoding UTF-16"),
      ([0xFE, 0xFF, 0, 0x3E], "text in the encoding UTF-16"),
      ([0x3E, 0, 0x61, 0, 0x0A, 0, 0x4D, 0], "text in the encoding UTF-16LE"),
      ([0, 0x3E, 0, 0x61, 0, 0x0A, 0, 0x4D], "text in the encoding UTF-16BE"),
      ([0xFF, 0xFE, 0, 0, 0x3E, 0, 0, 0], "text in the encoding UTF-32"),
    ] as [([UInt8], String)])
  func binary(bytes: [UInt8], name: String) { #expect(refused(bytes) == name) }

  @Test("An archive from before POSIX is told by its sum") func oldTar() {
    var block = [UInt8](repeating: 0, count: 512)
    block.replaceSubrange(0..<7, with: Array("a.fasta".utf8))
    let sum = block.reduce(8 * 0x20) { $0 + Int($1) }
    block.replaceSubrange(
      148..<156, with: Array((String(sum, radix: 8) + "\0  ").utf8.prefix(8)) + [UInt8](repeating: 0x20, count: 1))
    #expect(refused(Array(block.prefix(512))) == "a tar archive")
  }

  /// Legal inputs, also odd ones.
  @Test(arguments: [
    s, "\(s)\n\(s)\n", "10 20\n\(s)\n", "   10    20\nNLYIQWLKDG GPSSGRPPPS\n", "1 NLYIQWLKDG GPSSGRPPPS\n21 GIVEQ\n",
    "1\tNLYIQWLKDG\n11\tGPSSGRPPPS\n", "NLYIQWLKDG\tGPSSGRPPPS\nNLYIQ\n",
    "NLYIQWLKDG\tGPSSGRPPPS\t20\nNLYIQWLKDG\tGPSSG\t35\n",
    "\(s)\t\n", "\t\(s)\t\n\t\(s)\n", "M\tK\tV\n", "1\t\(s)\n", "mkvl LAAG\n", "HEADER\n", "TITLE\nMODEL\n", "REMARK\n",
    "ATOM\n",
    "CLUSTAL\nMKV\n", "LOCUS\n", "LZIP\n", "ID\nAC\n", "BZH9\n", "PAR\n", "MKV:GGH\n", "mkv:\nggh\n", "MKV: GGH\n",
    "MKV/GGH\n",
    "--\nMKV\n", "<mask>MKV\n", "<msk>\n", "<cls>MKV<eos>\n", "#20\t1\n>a\n\(s)\n", "# a\n# b\n\(s)\n",
    ";a,b\n;c,d\n\(s)\n",
    ">a\tb\nMKV\n>c\td\nMKV\n", ">P1;a\nMKV\n", ">P1\nMK V\n", ">DL;x\nACDEF\nGHI\n", ">{\"a\": 1}\nMKV\n",
    ">a\nATOM\n",
    "MKV,\n", "MK@V\n", "MKV\n>a\nMKV\n", "P04637X\n", "\u{FEFF}>a\nMKV\n", "\u{FEFF}\(s)\n", "GIF8\n", "NUMPY\n",
    "HMMER\n",
    "track\n", "AAAAA BBBBB\nCCCCC DDD\n",
  ])
  func sequences(content: String) { #expect(refused(Array(content.utf8)) == nil) }

  @Test(
    "The command for a table names its columns",
    arguments: [
      ("P04637\t\(s)\n", #"awk -F"\t" '{ print ">" $1 "\n" $2 }' FILE > FILE.fasta"#),
      ("sequence,name\n\(s),a\n\(s),b\n", #"awk -F"," 'NR > 1 { print ">" $2 "\n" $1 }' FILE > FILE.fasta"#),
      ("id\tlen\tsequence\nx\t20\t\(s)\n", #"awk -F"\t" 'NR > 1 { print ">" $1 "\n" $3 }' FILE > FILE.fasta"#),
      ("a_1 some words \(s)\na_2 \(s)\n", #"awk '{ print ">" $1 "\n" $NF }' FILE > FILE.fasta"#),
      ("a_1 \(s)\n", #"awk '{ print ">" $1 "\n" $2 }' FILE > FILE.fasta"#),
    ])
  func tables(content: String, command: String) {
    let format = ForeignFormat.recognized(in: Array(content.utf8), isWhole: true)
    #expect(format?.advice.contains(command) == true)
  }

  /// Random sequences in every usual layout.
  @Test func randomSequencesAreRead() {
    var random = RandomNumbers(seed: 11)
    let letters = Array("ACDEFGHIKLMNPQRSTVWYBXZUO".utf8)
    for round in 0..<400 {
      let length = Int.random(in: 1..<400, using: &random)
      let sequence = (0..<length).map { _ in letters[Int.random(in: letters.indices, using: &random)] }
      let width = [10, 60, 70, 400][round % 4]
      var text: [UInt8] = []
      for start in stride(from: 0, to: length, by: width) {
        let line = Array(sequence[start..<min(start + width, length)])
        if round % 3 == 0 { text += Array("\(start + 1)\(round % 2 == 0 ? "\t" : " ")".utf8) }
        if round % 5 == 0 {
          for block in stride(from: 0, to: line.count, by: 10) {
            text += line[block..<min(block + 10, line.count)] + [0x20]
          }
        } else {
          text += line
        }
        if round % 7 == 0 { text += Array(" \(start + line.count)".utf8) }
        text += Array((round % 2 == 0 ? "\n" : "\r\n").utf8)
      }
      if round % 11 == 0 { text = text.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 } }
      if let name = refused(text) { Issue.record("round \(round): \(name): \(String(decoding: text, as: UTF8.self))") }
    }
  }

  @Test("Random bytes and texts are read or refused, never a trap") func randomBytes() {
    var random = RandomNumbers(seed: 12)
    let alphabets: [[UInt8]] = [
      Array(0...255), Array("ATOM HEADER\t,;|:<>{}[]#@+-_.0123456789\n\r\"ID LOCUS data_".utf8),
      Array("\t\n 19AMKV,".utf8),
    ]
    for round in 0..<2000 {
      let alphabet = alphabets[round % alphabets.count]
      let bytes = (0..<Int.random(in: 0..<700, using: &random)).map { _ in
        alphabet[Int.random(in: alphabet.indices, using: &random)]
      }
      _ = ForeignFormat.recognized(in: bytes, isWhole: round % 2 == 0)
    }
  }
}
