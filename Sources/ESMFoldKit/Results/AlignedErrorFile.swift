// NAME.pae.json: predicted aligned errors in the form of the AlphaFold database.

import Folding
package import Protein

/// `[{"request_sha256":"…","predicted_aligned_error":[[…],…],"max_predicted_aligned_error":31.75}]`: a list with one
/// object, as the AlphaFold database has it since its version 3 with whole numbers, and AlphaFold 2 itself with one decimal,
/// which is what is written. Row i, column j is the error of residue j when residue i is superposed; the maximum is what the
/// model can express. The digest, which neither of them has, tells what the file was made of.
package enum AlignedErrorFile {
  private static let start = "[{"

  /// Writes a file.
  ///
  /// - Parameters:
  ///   - errors: Å.
  ///   - digest: What the file was made of.
  ///   - write: Takes the next piece of the file.
  /// - Throws: `ConfidenceError` when a number is not finite; what `write` throws.
  package static func write(
    _ errors: AlignedErrors, digest: String, to write: @escaping ([UInt8]) throws -> Void
  ) throws {
    var text = TextPieces(write)
    text.append(start + ConfidenceJSON.identity(digest) + "\"predicted_aligned_error\":")
    try ConfidenceJSON.write(errors, decimals: 1, to: &text)
    text.append(",\"max_predicted_aligned_error\":\(ConfidenceHeads.maximumPredictedAlignedError)}]\n")
    try text.finish()
  }

  /// The digest in the head of such a file; nil when it is another one.
  package static func digest(in head: [UInt8]) -> String? { ConfidenceJSON.digest(in: head, after: start) }
}
