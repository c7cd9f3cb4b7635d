"""Folds the same sequences in fp32 and in bf16 and prints the differences.

    "$(Scripts/python-env)" Scripts/compare-precisions.py FASTA --model MODEL [--recycles N] [--esmfold BINARY]

MODEL is anything that `esmfold fold --model` takes. For every protein: RMSD of alpha carbons after superposition and
their lDDT against the fp32 structure, and the differences of mean pLDDT (alpha carbons, 0-100) and of pTM.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program_runs import available_threads, esmfold_binary, run_esmfold

ALPHA_CARBON = 1


def superposed_rmsd(moving: np.ndarray, fixed: np.ndarray) -> float:
    """Root-mean-square deviation after optimal superposition, Å."""
    a, b = moving - moving.mean(0), fixed - fixed.mean(0)
    u, _, vt = np.linalg.svd(a.T @ b)
    u[:, -1] *= np.sign(np.linalg.det(u @ vt))
    return float(np.sqrt(((a @ (u @ vt) - b) ** 2).sum(-1).mean()))


def lddt(model: np.ndarray, reference: np.ndarray) -> float:
    """lDDT of alpha carbons: pairs within 15 Å in the reference, thresholds 0.5, 1, 2 and 4 Å."""
    expected = np.linalg.norm(reference[:, None] - reference[None], axis=-1)
    found = np.linalg.norm(model[:, None] - model[None], axis=-1)
    pairs = (expected < 15) & ~np.eye(len(model), dtype=bool)
    if not pairs.any():
        return 1.0
    difference = np.abs(found - expected)[pairs]
    return float(np.mean([(difference < threshold).mean() for threshold in (0.5, 1, 2, 4)]))


def fold(binary: Path, arguments: argparse.Namespace, precision: str, folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Every protein's positions, pLDDT and pTM, float64."""
    options = ["--model", arguments.model, "--precision", precision, "--save-tensors", "--overwrite"]
    if arguments.recycles is not None:
        options += ["--recycles", str(arguments.recycles)]
    run_esmfold(binary, ["fold", str(arguments.fasta), "-o", str(folder), *options], available_threads())
    results = {}
    for path in sorted(folder.glob("*.tensors.h5")):
        with h5py.File(path) as file:
            names = ("positions", "plddt", "ptm")
            results[path.name.removesuffix(".tensors.h5")] = {name: np.asarray(file[name], np.float64) for name in names}
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fasta", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--recycles", type=int)
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    arguments = parser.parse_args()
    binary = esmfold_binary(arguments.esmfold)
    with tempfile.TemporaryDirectory() as work:
        exact = fold(binary, arguments, "fp32", Path(work) / "fp32")
        fast = fold(binary, arguments, "bf16", Path(work) / "bf16")
    print("| protein | length | Cα RMSD, Å | lDDT-Cα | pLDDT fp32 | change | pTM fp32 | change |")
    print("|---|---|---|---|---|---|---|---|")
    for name, a in exact.items():
        b = fast[name]
        ca, cb = a["positions"][:, ALPHA_CARBON], b["positions"][:, ALPHA_CARBON]
        plddt = a["plddt"][:, ALPHA_CARBON].mean()
        change = b["plddt"][:, ALPHA_CARBON].mean() - plddt
        print(
            f"| {name} | {len(ca)} | {superposed_rmsd(cb, ca):.3f} | {lddt(cb, ca):.4f} | {plddt:.1f} | {change:+.2f} "
            f"| {float(a['ptm']):.3f} | {float(b['ptm'] - a['ptm']):+.4f} |"
        )


if __name__ == "__main__":
    main()
