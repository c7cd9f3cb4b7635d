#!/usr/bin/env python3
"""Writes the fixtures of this folder, except residues.txt, which is written by hand.

    pip install "transformers==5.23.0" torch numpy
    python Tests/Fixtures/protein/make_fixtures.py

Independent truth for the tests of Protein: the reference's own PDB writer and its torsion-to-atom code on random input,
C-like formatting by Python, lDDT in numpy. Never needed to build or to test. All .f32 files are little-endian float32.
"""

from pathlib import Path

import numpy as np
import torch
from transformers.models.esm.modeling_esmfold import EsmForProteinFolding
from transformers.models.esm.openfold_utils import data_transforms, feats, residue_constants as rc
from transformers.models.esm.openfold_utils.rigid_utils import Rigid

HERE = Path(__file__).resolve().parent
RANDOM = np.random.default_rng(20230627)
# Every residue type; X inside, and last, so that the TER line names one.
SEQUENCE = "MXARNDCQEGHILKMFPSTWYVGXX"
SPECIAL = [0.0, -0.0, -0.0004, 0.0005, -0.0005, 0.0625, -0.0625, 0.1875, 2.5e-42, 9999.999, -999.999, 999.9995, -99.9995,
           1234.5675, 0.0015, 1e-9, -1e-9, 5.0005, 127.0005, -0.9995]  # fmt: skip


def write(name: str, array) -> None:
    (HERE / name).write_bytes(np.asarray(array, dtype="<f4").tobytes())


def reference_pdb() -> None:
    """What EsmForProteinFolding.output_to_pdb writes for random coordinates, B-factors on the 0-100 scale."""
    length = len(SEQUENCE)
    aatype = torch.tensor([[rc.restype_order_with_x[letter] for letter in SEQUENCE]])
    positions = RANDOM.normal(0, 60, (1, 1, length, 14, 3)).astype(np.float32)
    positions.reshape(-1)[42 * 2 : 42 * 2 + len(SPECIAL)] = SPECIAL  # In residue 3, the first with atoms after an X.
    plddt = RANDOM.uniform(0, 100, (1, length, 37)).astype(np.float32)
    plddt[0, 2, :4] = [100, 0, 99.995, 0.005]
    output = data_transforms.make_atom14_masks({"aatype": aatype})
    output |= {"positions": torch.tensor(positions), "plddt": torch.tensor(plddt)}
    output["residue_index"] = torch.arange(length)[None]
    (HERE / "reference.pdb").write_text(EsmForProteinFolding.output_to_pdb(output)[0])
    (HERE / "reference.seq").write_text(SEQUENCE)
    write("reference-positions14.f32", positions)
    write("reference-plddt.f32", plddt)


def torsions() -> None:
    """Atoms of every residue type for random torsions and an identity backbone, in float64."""
    angles = RANDOM.normal(size=(21, 7, 2))
    angles = (angles / np.linalg.norm(angles, axis=-1, keepdims=True)).astype(np.float32)
    aatype = torch.arange(21)
    tables = {name: torch.tensor(getattr(rc, name)) for name in (
        "restype_rigid_group_default_frame", "restype_atom14_to_rigid_group", "restype_atom14_mask",
        "restype_atom14_rigid_group_positions")}  # fmt: skip
    tables = {name: table.double() if table.is_floating_point() else table for name, table in tables.items()}
    identity = Rigid.identity((21,), dtype=torch.float64, requires_grad=False)
    frames = feats.torsion_angles_to_frames(
        identity, torch.tensor(angles).double(), aatype, tables["restype_rigid_group_default_frame"])
    atoms = feats.frames_and_literature_positions_to_atom14_pos(
        frames, aatype, tables["restype_rigid_group_default_frame"], tables["restype_atom14_to_rigid_group"],
        tables["restype_atom14_mask"], tables["restype_atom14_rigid_group_positions"])
    write("torsion-angles.f32", angles)
    write("torsion-atoms14.f32", atoms.numpy())


def tables() -> None:
    """Every table of the reference's residue constants, as Sources/Protein/ResidueConstants+Tables.swift has them."""
    masks = data_transforms.make_atom14_masks({"aatype": torch.arange(21)})
    write("residue-tables.f32", np.concatenate([np.asarray(table, dtype="<f4").reshape(-1) for table in (
        rc.restype_atom14_mask, masks["residx_atom14_to_atom37"], masks["atom37_atom_exists"],
        masks["residx_atom37_to_atom14"], rc.restype_atom14_to_rigid_group, rc.restype_atom14_rigid_group_positions,
        rc.restype_rigid_group_default_frame)]))  # fmt: skip
    names = [" ".join(rc.atom_types)]
    names += [" ".join(filter(None, rc.restype_name_to_atom14_names[rc.restype_1to3[letter]])) for letter in rc.restypes]
    (HERE / "residue-names.txt").write_text("\n".join(names) + "\n")


def numbers() -> None:
    """Float32 bit patterns and how C's %8.3f and %6.2f write them."""
    values = np.concatenate([
        SPECIAL, RANDOM.normal(0, 50, 60), RANDOM.uniform(-999, 9999, 60), RANDOM.uniform(0, 100, 60),
        RANDOM.integers(-8000, 8000, 60) / 16, RANDOM.integers(-80000, 160000, 40) / 128,
        10.0 ** RANDOM.uniform(-12, 2, 40)]).astype(np.float32)  # fmt: skip
    lines = []
    for value in values:
        texts = (f"{float(value):8.3f}", f"{float(value):6.2f}")
        texts = [text if len(text) == width else "-" for text, width in zip(texts, (8, 6), strict=True)]
        lines.append(f"{value.view(np.uint32):08x}\t{texts[0]}\t{texts[1]}\n")
    (HERE / "numbers.tsv").write_text("".join(lines))


def lddt_value(model: np.ndarray, reference: np.ndarray, cutoff: float) -> float:
    distances = [np.linalg.norm(x[:, None] - x[None], axis=-1) for x in (model, reference)]
    counted = (distances[1] < cutoff) & ~np.eye(len(model), dtype=bool)
    difference = np.abs(distances[0] - distances[1])[counted]
    return float(np.mean([difference < limit for limit in (0.5, 1, 2, 4)]))


def lddt() -> None:
    """A random walk of 40 Cα and copies of it, each worse than the one before; the expected values beside."""
    steps = RANDOM.normal(size=(40, 3))
    reference = np.cumsum(3.8 * steps / np.linalg.norm(steps, axis=-1, keepdims=True), axis=0).astype(np.float32)
    noise = RANDOM.normal(size=reference.shape)
    models = [(reference + scale * noise).astype(np.float32) for scale in (0.1, 0.5, 1, 3, 20)]
    write("lddt-points.f32", np.stack([reference, *models]))
    rows = [[lddt_value(model.astype(np.float64), reference.astype(np.float64), cutoff) for cutoff in (15, 8)]
            for model in models]  # fmt: skip
    (HERE / "lddt.tsv").write_text("".join(f"{at15!r}\t{at8!r}\n" for at15, at8 in rows))


if __name__ == "__main__":
    reference_pdb()
    torsions()
    tables()
    numbers()
    lddt()
