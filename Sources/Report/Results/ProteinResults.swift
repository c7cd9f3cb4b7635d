// The results of one protein, read from its files.

import ESMFoldKit
import Glibc
import Platform
import Protein

/// A protein's residues, files and aligned errors.
struct ProteinResults {
  /// A file that the page offers.
  struct File {
    let name: String
    /// "pdb" or "cif".
    let kind: String
    let bytes: [UInt8]
  }

  let residues: [ListedResidue]
  /// The first one is shown.
  let files: [File]
  let errors: ReadErrors?
  /// nil for structures of programs that do not say it.
  let provenance: PDBProvenance?
  /// What was left out, and why; empty where nothing was.
  let remarks: [String]

  /// No file of a result is larger.
  static let largestFile = 1 << 30

  /// Reads the files of a protein.
  ///
  /// - Throws: `ResultError` when there is no structure, or it cannot be read.
  init(_ protein: FoundProtein) throws(ResultError) {
    var remarks: [String] = []
    files = try [protein.pdb, protein.cif].compactMap { $0 }.map { (path) throws(ResultError) in
      File(name: path.lastComponent, kind: String(path.suffix(3)), bytes: try Self.bytes(path))
    }
    guard let shown = files.first else { throw .noStructure }
    provenance = Self.provenance(of: shown)
    for file in files.dropFirst() where Self.provenance(of: file)?.digest != provenance?.digest {
      throw .otherFold(file.name, shown.name)
    }
    residues = try Self.residues(protein, files)
    var errors: ReadErrors?
    if let path = protein.errors.first {
      do throws(ResultError) {
        let found = try AlignedErrorReader.read(try Self.bytes(path))
        if let digest = found.digest, let made = provenance?.digest, digest != made {
          throw .otherFold(path.lastComponent, shown.name)
        }
        guard found.size == residues.count else { throw .size(errors: found.size, residues: residues.count) }
        errors = found
      } catch {
        remarks.append("the predicted aligned error is left out: \(path.lastComponent): \(error)")
      }
    }
    self.errors = errors
    self.remarks = remarks
  }

  private static func bytes(_ path: String) throws(ResultError) -> [UInt8] {
    do throws(SystemError) {
      let status = try FileStatus(of: path)
      // A pipe would wait for ever, a folder has no bytes.
      guard status.kind == .file, status.size <= largestFile else {
        throw SystemError(path: path, action: "read", code: EFBIG)
      }
      return try WholeFile.read(path, atMost: largestFile)
    } catch {
      throw .system(error)
    }
  }

  private static func provenance(of file: File) -> PDBProvenance? {
    file.kind == "cif"
      ? MMCIFProvenance(Array(file.bytes.prefix(MMCIFProvenance.headByteCount)))?.fold
      : PDBProvenance(Array(file.bytes.prefix(PDBProvenance.headByteCount)))
  }

  /// All residues where a file lists them, those with atoms else.
  private static func residues(_ protein: FoundProtein, _ files: [File]) throws(ResultError) -> [ListedResidue] {
    guard let file = files.first(where: { $0.kind == "cif" }) ?? files.first else { throw .noStructure }
    do throws(StructureTextError) {
      if file.kind == "cif" { return try MMCIFResidues.list(file.bytes) }
      let residues = try PDBResidues.list(file.bytes)
      guard let length = protein.entry.length, length != residues.count else { return residues }
      return protein.table.flatMap { ConfidenceTableReader.residues($0, of: residues) } ?? residues.filled(to: length)
        ?? residues
    } catch {
      throw .structure(path: file.name, error)
    }
  }
}
