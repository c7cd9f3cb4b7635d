"""Writes the parity fixtures: small random folding models and the reference's results, step by step.

    "$(Scripts/python-env)" Scripts/goldens.py [--only NAME] [--demo MODEL_DIR] [--out Tests/Fixtures]

Deterministic: the same command writes the same bytes on the same machine (other processors may change last digits).
Every parameter is a seeded random number, because a newly initialised folding model has zero output weights throughout
its trunk and tests next to nothing. Hooks record intermediate tensors from the reference's own modules.

Each model is checked to be neither degenerate nor chaotic: the reference is also run in float64, which must agree
with float32; no distance that is binned for recycling may be so close to a boundary that rounding could move it into
the next bin. The numbers are printed. Tests/Fixtures/README.md lists the files.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import EsmForProteinFolding
from transformers.models.esm.modeling_esmfold import EsmFoldingTrunk
from transformers.models.esm.openfold_utils import (
    Rigid,
    atom14_to_atom37,
    compute_predicted_aligned_error,
    compute_tm,
    frames_and_literature_positions_to_atom14_pos,
    make_atom14_masks,
    residue_constants,
    torsion_angles_to_frames,
)

from golden_configurations import FIXTURES
from golden_family import FAMILY, make_family, make_scores, make_tokenizer
from golden_family_long import LONG_MODELS, SHORT_MODELS, make_long_family, make_long_scores, make_windows
from golden_indels import make_indel_scores
from golden_inputs import make_inputs, make_losses, make_measures, make_pairs
from golden_long import make_long
from golden_models import Fixture, write_model
from golden_recording import BIN_MARGIN, Tensors, bin_margin, check, double_precision, record
from reference_support import load_reference, whole, write_safetensors

FILE_LIMIT = 200_000  # bytes of one golden file


def is_kept(name: str, length: int, first_pass: bool) -> bool:
    """Whether a golden file has a tensor: everything for short sequences, what fits for long ones.

    The first pass is the same with and without recycling, so of two files only the one without recycling has it.
    """
    parts = name.split(".")
    kind = parts[-1]
    if not first_pass and (name.startswith(("trunk.0.", "esm.")) or name in ("esm_s", "s_s_0")):
        return False
    if length <= 5:
        return True
    if not first_pass and kind in ("ipa", "unnormalized_angles", "sidechain_frames"):
        return False
    if length <= 13:
        return name not in ("lddt_head", "ptm_logits") and not (name == "distogram_logits" and not first_pass)
    if kind in ("lddt_head", "distogram_logits", "ptm_logits", "z_in", "s_z", "sidechain_frames", "angles"):
        return name == "angles"
    if ".blocks.0." in name:
        return kind in ("seq_attention", "mlp_seq")
    return not (kind == "recycle_bins" and int(parts[1]) > 1)


def pair_rows(length: int) -> list[int]:
    """The rows of a pair tensor that are stored when the whole tensor is too large."""
    return [length // 2, length - 1]


def write_golden(path: Path, tensors: Tensors, sequence: str, recycles: int | None, first_pass: bool) -> None:
    """Writes the selected tensors as float32."""
    length = len(sequence)
    chosen = {name: value for name, value in tensors.items() if is_kept(name, length, first_pass)}
    metadata = {"sequence": sequence, "recycles": "default" if recycles is None else str(recycles)}
    if length > 13:
        rows = pair_rows(length)
        metadata["rows"] = ",".join(map(str, rows))
        for name in ("s_z", "distogram_logits") if first_pass else ("s_z",):
            chosen[f"{name}.rows"] = tensors[name][rows]
    entries = [whole(name, value.to(torch.float32).numpy()) for name, value in sorted(chosen.items())]
    size = write_safetensors(path, entries, metadata)
    if size > FILE_LIMIT:
        raise RuntimeError(f"{path}: {size} bytes, more than {FILE_LIMIT}")


def make_fixture(fixture: Fixture, out: Path) -> bool:
    """Writes a model and its goldens; true if every check passed."""
    directory = out / "folding" / fixture.name
    write_model(fixture, directory)
    single_model = load_reference(directory)
    with double_precision():
        double_model = load_reference(directory).double()
    good = True
    for sequence in fixture.sequences:
        for recycles in fixture.recycles:
            label = f"L{len(sequence)}-r{'default' if recycles is None else recycles}"
            single, output = record(single_model, sequence, recycles)
            with double_precision():
                double, _ = record(double_model, sequence, recycles)
            good &= check(f"{fixture.name} {label}", single, double)
            write_golden(
                directory / f"{label}.safetensors", single, sequence, recycles, recycles == fixture.recycles[0]
            )
            if fixture.pdb == label:
                pdb = EsmForProteinFolding.output_to_pdb(output)[0]
                (directory / f"{label}.pdb").write_text(pdb)
    if fixture.long_sequences:
        good &= make_long(fixture, directory)
    return good


def write_tensors(path: Path, arrays: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Writes module goldens as float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [whole(name, value.to(torch.float32).contiguous().numpy()) for name, value in sorted(arrays.items())]
    write_safetensors(path, entries, metadata)


def make_modules(out: Path) -> None:
    """Goldens of functions without weights: atoms from torsions, recycling bins, pTM and aligned error."""
    normal = np.random.Generator(np.random.PCG64(7)).standard_normal

    def random(*shape: int) -> torch.Tensor:
        return torch.from_numpy(normal(shape, dtype=np.float32))

    aatype = torch.arange(21).repeat(2)
    count = len(aatype)
    quaternions, angles = random(count, 4), random(count, 7, 2)
    angles = angles / angles.norm(dim=-1, keepdim=True)
    frames = torch.cat([quaternions / quaternions.norm(dim=-1, keepdim=True), 10 * random(count, 3)], dim=-1)
    constants = {
        name: torch.tensor(getattr(residue_constants, f"restype_{name}"))
        for name in (
            "rigid_group_default_frame",
            "atom14_to_rigid_group",
            "atom14_mask",
            "atom14_rigid_group_positions",
        )
    }
    default_frames = constants["rigid_group_default_frame"].float()
    backbone = Rigid.from_tensor_7(frames)
    groups = torsion_angles_to_frames(backbone, angles, aatype, default_frames)
    positions = frames_and_literature_positions_to_atom14_pos(
        groups,
        aatype,
        default_frames,
        constants["atom14_to_rigid_group"],
        constants["atom14_mask"].float(),
        constants["atom14_rigid_group_positions"].float(),
    )
    masks = make_atom14_masks({"aatype": aatype})
    write_tensors(
        out / "structure" / "atom14.safetensors",
        {
            "aatype": aatype,
            "frames": frames,
            "angles": angles,
            "sidechain_frames": groups.to_tensor_4x4(),
            "positions": positions,
            "positions37": atom14_to_atom37(positions, masks),
            "atom14_atom_exists": masks["atom14_atom_exists"],
            "atom37_atom_exists": masks["atom37_atom_exists"],
        },
        {"what": "torsion angles and backbone frames to atoms, every residue type twice"},
    )

    coordinates = 7 * random(24, 1, 3) + 1.5 * random(24, 3, 3)
    coordinates[5] = 0  # X has no atoms: all its positions are the origin
    bins = EsmFoldingTrunk.distogram(coordinates[None], 3.375, 21.375, 15)[0]
    write_tensors(
        out / "structure" / "recycle-bins.safetensors",
        {"coordinates": coordinates, "bins": bins},
        {"what": "N, CA, C of 24 residues and their recycling bins"},
    )

    confidence: Tensors = {}
    for length in (1, 19, 20, 45):
        rows, columns = 2 * random(length, 64), 2 * random(length, 64)
        logits = (rows[:, None] + columns[None])[None]
        confidence[f"L{length}.rows"], confidence[f"L{length}.columns"] = rows, columns
        confidence[f"L{length}.ptm"] = compute_tm(logits, max_bin=31, no_bins=64).reshape(1)
        error = compute_predicted_aligned_error(logits, max_bin=31, no_bins=64)
        confidence[f"L{length}.predicted_aligned_error"] = error["predicted_aligned_error"][0]
        confidence[f"L{length}.max_predicted_aligned_error"] = error["max_predicted_aligned_error"].reshape(1)
    write_tensors(
        out / "structure" / "confidence.safetensors",
        confidence,
        {"what": "ptm_logits[i,j] = rows[i] + columns[j], and the pTM and aligned error of them"},
    )


def make_demo(directory: Path, out: Path) -> None:
    """The reference's result for the demo model, its weights rounded to float16.

    For training chains without a distance so near the boundary of a recycling bin that rounding could decide it: one
    pair in another bin moves atoms by hundredths of an Å.
    """
    model = load_reference(directory)
    for tensor in [*model.parameters(), *model.buffers()]:
        if tensor.is_floating_point():
            tensor.data = tensor.data.half().float()
    lines = (directory / "manifest.tsv").read_text().splitlines()
    columns = lines[0].split("\t")
    chains = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:]]
    known: list[dict[str, str]] = []
    tensors: Tensors = {}
    for chain in sorted((c for c in chains if c["split"] == "train"), key=lambda c: int(c["length"])):
        recorded, result = record(model, chain["sequence"], None)
        margin, index = bin_margin(recorded), len(known)
        if margin <= BIN_MARGIN:
            print(f"demo {chain['name']}: left out, bin margin {margin:.1e} Å")
            continue
        known.append(chain)
        tensors[f"{index}.positions"] = result["positions"][-1, 0]
        tensors[f"{index}.plddt"] = result["plddt"][0]
        tensors[f"{index}.ptm"] = result["ptm"].reshape(1)
        tensors[f"{index}.predicted_aligned_error"] = result["predicted_aligned_error"][0]
        print(
            f"demo {chain['name']}: bin margin {margin:.1e} Å, pLDDT of CA {result['plddt'][0, :, 1].mean():.4f}"
            f" pTM {float(result['ptm']):.4f}"
        )
        # What `weights verify demo --published` compares: the mean B-factor, and where the structure module's first
        # iteration puts atom N of the first residue.
        exists = result["atom37_atom_exists"][0]
        mean = float((100 * result["plddt"][0] * exists).sum() / exists.sum())
        first = ", ".join(f"{x:.4f}" for x in result["positions"][0, 0, 0, 0].tolist())
        print(f"demo {chain['name']}: mean over atoms {mean:.4f}, first position {first}")
    metadata = {"recycles": "default", "weights": "rounded to float16, float32 arithmetic"}
    metadata |= {f"{index}.sequence": chain["sequence"] for index, chain in enumerate(known)}
    metadata |= {f"{index}.name": chain["name"] for index, chain in enumerate(known)}
    write_tensors(out / "folding" / "demo-check.safetensors", tensors, metadata)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "Tests" / "Fixtures")
    parser.add_argument(
        "--only",
        help="one model (folding-a, esm2, ...), 'long', 'windows', 'modules', 'scores', 'indels', 'inputs', "
        "'tokenizer' or 'demo'")
    parser.add_argument("--demo", type=Path, metavar="MODEL_DIR", help="the demo model, for demo-check.safetensors")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    good = True
    for fixture in FIXTURES:
        if arguments.only in (None, fixture.name):
            good &= make_fixture(fixture, arguments.out)
    for family in FAMILY:
        if arguments.only in (None, family.name):
            good &= make_family(family, arguments.out)
    for family in (*SHORT_MODELS, *LONG_MODELS):
        if arguments.only in (None, "long", family.name):
            good &= make_long_family(family, arguments.out)
    if arguments.only in (None, "scores"):
        make_scores(arguments.out)
        make_long_scores(arguments.out)
    if arguments.only in (None, "indels"):
        make_indel_scores(arguments.out)
    if arguments.only in (None, "windows"):
        make_windows(arguments.out)
    if arguments.only in (None, "tokenizer"):
        make_tokenizer(arguments.out)
    if arguments.only in (None, "inputs"):
        make_inputs(arguments.out)
        make_losses(arguments.out)
        make_pairs(arguments.out)
        make_measures(arguments.out)
    if arguments.only in (None, "modules"):
        make_modules(arguments.out)
    if arguments.demo and arguments.only in (None, "demo"):
        make_demo(arguments.demo, arguments.out)
    if not good:
        print("goldens: a model is too sensitive to rounding: change its seed or its sequences", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
