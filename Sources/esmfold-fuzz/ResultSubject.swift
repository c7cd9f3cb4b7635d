// Results that reports read back: structures and aligned errors.

import Platform
import Protein
import Report

extension Subject {
  package static let results = Subject(
    name: "results",
    seeds: { files, _ in
      let atom = "ATOM      1  CA  ALA A   1       1.000   2.000   3.000  1.00 91.00           C  \n"
      let texts: [String] = [
        atom + atom.replacing("   1 ", with: "A000 ") + "TER\nENDMDL\n",
        "data_x\n#\nloop_\n_pdbx_poly_seq_scheme.asym_id\n_pdbx_poly_seq_scheme.seq_id\n_pdbx_poly_seq_scheme.mon_id\n"
          + "_pdbx_poly_seq_scheme.pdb_seq_num\n_pdbx_poly_seq_scheme.pdb_strand_id\nA 1 MET 1 A\nA 2 'UNK' 2 \"A\"\n#\n"
          + "loop_\n_ma_qa_metric_local.label_asym_id\n_ma_qa_metric_local.label_seq_id\n"
          + "_ma_qa_metric_local.metric_value\nA 1 50.5\n#\n",
        "[{\"request_sha256\":\"ab\",\"predicted_aligned_error\":[[0.3,1.7],[2.0,31.7]],\"max\":31.75}]\n",
        "{\"plddt\":[90.1,2],\"x\":{\"y\":[null]},\"pae\":[[0,12.0],[1.0,29.951]],\"ptm\":0.5}",
      ]
      return try texts.map { [UInt8]($0.utf8) } + files.contents("fuzz/results", endings: [""])
    },
    tokens: tokens,
    mutate: { bytes, mutator in mutator.change(&bytes) },
    read: { bytes, _ in
      var first: (any Error)?, accepted = 0
      for isCIF in [false, true] {
        do {
          let residues = try isCIF ? MMCIFResidues.list(bytes) : PDBResidues.list(bytes)
          precondition(!residues.isEmpty && residues.allSatisfy { $0.plddt?.isFinite ?? true })
          let filled = residues.filled(to: residues.count + 3)
          precondition(filled.map { $0.count == residues.count + 3 } ?? true)
          accepted += 1
        } catch {
          first = first ?? error
        }
      }
      do {
        let errors = try AlignedErrorReader.read(bytes)
        precondition(errors.size > 0 && errors.tenths.count == errors.size * errors.size)
        accepted += 1
      } catch {
        first = first ?? error
      }
      if accepted == 0, let first { throw first }
    })

  private static let tokens: [[UInt8]] =
    words("ATOM CA ENDMDL loop_ # ; _ma_qa_metric_local. _pdbx_poly_seq_scheme. pae [ ] { } , : 6553.6 -1 1e9 ' A000")
    + [[0x22], [10], [13, 10], [9], [0], [0xC3]]
}
