#!/usr/bin/env python3
"""Writes Sources/Protein/ResidueConstants+Tables.swift.

    pip install "transformers==5.23.0" torch numpy
    python Scripts/residue-tables.py

The numbers are published: idealised side chains with the bond lengths and angles of Engh & Huber (1991, 2001), laid out
in rigid groups as in the supplement of AlphaFold 2 (Jumper et al., Nature 596, 2021: table 2 and section 1.8.4). They are
read from the copy that the reference implementation computes with (transformers, models/esm/openfold_utils), so that
every table is the same float32 there and here. Needed only to regenerate the file, never to build or test.
"""

from pathlib import Path

import numpy as np
import torch
from transformers.models.esm.openfold_utils import data_transforms, residue_constants as rc

TARGET = Path(__file__).resolve().parent.parent / "Sources" / "Protein" / "ResidueConstants+Tables.swift"
NAMES = [rc.restype_1to3[letter] for letter in rc.restypes] + ["UNK"]


def literal(value) -> str:
    """The shortest decimal that reads back as the same float32 (or the integer, or the quoted name)."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, np.floating):
        text = str(np.float32(value))
        return text[:-2] if text.endswith(".0") and text != "-0.0" else text
    return str(int(value))


def table(name: str, kind: str, shape: str, comment: str, rows: list[tuple[str, list]]) -> str:
    """One flat array, a line for each row, followed by the row's name."""
    lines = [f"  /// {comment}", f"  package static let {name}: [{kind}] = [  // {shape}"]
    for label, values in rows:
        lines.append(f"    {', '.join(literal(value) for value in values)},  // {label}")
    return "\n".join([*lines, "  ]"])


def by_residue(array) -> list[tuple[str, list]]:
    """One row for each residue type."""
    return [(name, list(row.reshape(-1))) for name, row in zip(NAMES, array, strict=True)]


def main() -> None:
    masks = data_transforms.make_atom14_masks({"aatype": torch.arange(21)})
    gather = {key: masks[key].numpy() for key in ("residx_atom14_to_atom37", "residx_atom37_to_atom14")}
    frames = [
        (f"{name} {group}", list(rc.restype_rigid_group_default_frame[index, number].reshape(-1)))
        for index, name in enumerate(NAMES)
        for number, group in enumerate(("backbone", "omega", "phi", "psi", "chi1", "chi2", "chi3", "chi4"))
    ]
    names14 = [(name, rc.restype_name_to_atom14_names.get(name, [""] * 14)) for name in NAMES]
    tables = [
        table("atomTypes", "String", "[37]", "Names of the 37 atom types, in the order of atom37 arrays and of PDB files.",
              [("37 heavy atoms", rc.atom_types)]),
        table("atom14Names", "String", "[21, 14]", "Names of each residue type's atoms in the order of atom14 arrays; empty where there is none.", names14),
        table("atom14Mask", "Float", "[21, 14]", "1 where the residue type has an atom in this slot.", by_residue(rc.restype_atom14_mask)),
        table("atom14ToAtom37", "Int", "[21, 14]", "Atom type of each slot; valid where `atom14Mask` is 1, elsewhere 0.", by_residue(gather["residx_atom14_to_atom37"])),
        table("atom37Mask", "Float", "[21, 37]", "1 where the residue type has an atom of this type.", by_residue(masks["atom37_atom_exists"].numpy())),
        table("atom37ToAtom14", "Int", "[21, 37]", "Slot of each atom type; valid where `atom37Mask` is 1, elsewhere 0.", by_residue(gather["residx_atom37_to_atom14"])),
        table("atom14ToRigidGroup", "Int", "[21, 14]", "Rigid group that moves the atom: 0 backbone, 3 psi, 4...7 chi1...chi4.", by_residue(rc.restype_atom14_to_rigid_group)),
        table("atom14RigidGroupPositions", "Float", "[21, 14, 3]", "Position of the atom in the frame of its rigid group, Å.", by_residue(rc.restype_atom14_rigid_group_positions)),
        table("rigidGroupDefaultFrames", "Float", "[21, 8, 4, 4]",
              "Homogeneous transform of each rigid group to its parent at torsion 0, Å; all zero for a chi that the residue type lacks and for X.", frames),
    ]  # fmt: skip
    header = """\
// swift-format-ignore-file
// Written by Scripts/residue-tables.py: change the script, not this file.
// Source of the numbers: AlphaFold 2 supplement (Jumper et al. 2021, table 2 and section 1.8.4), side-chain geometry of
// Engh & Huber (1991, 2001), as float32 in the order of residue types ARNDCQEGHILKMFPSTWYV, X.
"""
    TARGET.write_text(header + "\nextension ResidueConstants {\n" + "\n\n".join(tables) + "\n}\n")


if __name__ == "__main__":
    main()
