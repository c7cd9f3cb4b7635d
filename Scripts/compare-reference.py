"""Folds the same sequences with the reference and esmfold on the same weights, and prints how well they agree.

    "$(Scripts/python-env)" Scripts/compare-reference.py MODEL_DIR --sequence MKTV... [--fasta FILE] [--esmfold BINARY]

MODEL_DIR holds config.json and model.safetensors. Both programs run as separate processes, one after the other,
with the same number of threads: transformers in float32 (a float16 language model is widened), then `esmfold fold
--save-tensors`. Printed: the largest difference of every tensor, the RMSD of alpha carbons after superposition and the
largest raw difference of a coordinate, seconds, and peak resident memory. Exit status 1 when a tolerance is exceeded.
With facebook/esmfold_v1's size the reference needs 14 GB of memory and the import another 8.4 GB in the work folder.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np

from program_runs import (
    Reference,
    Run,
    available_threads,
    esmfold_binary,
    import_model,
    read_fasta,
    run_esmfold,
)

# Float32 sums in a different order, over a whole fold; the parity tests have the tolerance of each stage.
RELATIVE_LIMIT = 2e-4  # of activations, relative to the tensor's largest magnitude
COORDINATE_LIMIT = 0.002  # Å
PLDDT_LIMIT = 0.02  # on the 0-100 scale
EXACT = ("aatype", "residue_index")


def superposed_rmsd(moving: np.ndarray, fixed: np.ndarray) -> float:
    """Root-mean-square deviation after optimal superposition."""
    a = moving.astype(np.float64) - moving.mean(0)
    b = fixed.astype(np.float64) - fixed.mean(0)
    u, _, vt = np.linalg.svd(a.T @ b)
    u[:, -1] *= np.sign(np.linalg.det(u @ vt))
    return float(np.sqrt(((a @ (u @ vt) - b) ** 2).sum(-1).mean()))


def compare(expected: dict[str, np.ndarray], found: dict[str, np.ndarray]) -> bool:
    """Prints a line per tensor; true when all agree."""
    good = True
    for name, reference in sorted(expected.items()):
        if name not in found:
            print(f"  {name:26} MISSING")
            good = False
            continue
        value = found[name].astype(np.float64).reshape(-1)
        reference = reference.astype(np.float64)
        if value.size != reference.size:
            print(f"  {name:26} SHAPE: found {list(found[name].shape)}, expected {list(reference.shape)}")
            good = False
            continue
        difference = float(np.abs(value - reference.reshape(-1)).max())
        scale = float(np.abs(reference).max())
        relative = difference / scale if scale else difference
        if name in EXACT:
            within = difference == 0
        elif name in ("positions", "plddt"):
            within = difference <= (COORDINATE_LIMIT if name == "positions" else PLDDT_LIMIT)
        else:
            within = relative <= RELATIVE_LIMIT
        good &= within
        print(
            f"  {name:26} largest difference {difference:.2e}, relative {relative:.2e}"
            f" (values to {scale:.3g}){'' if within else '  OUTSIDE'}"
        )
    return good


def compare_structures(expected: dict[str, np.ndarray], found: dict[str, np.ndarray]) -> None:
    """Prints the figures that matter to a structural biologist."""
    ours, theirs = found["positions"].reshape(-1, 14, 3)[:, 1], expected["positions"][:, 1]
    present = expected["aatype"] != 20  # X has no atoms
    if present.any():
        rmsd = superposed_rmsd(ours[present], theirs[present])
        raw = float(np.abs(ours - theirs)[present].max())
        print(f"  alpha carbons: RMSD {rmsd:.2e} Å superposed, largest raw difference {raw:.2e} Å")
    difference = float(np.abs(found["plddt"].reshape(-1, 37)[:, 1] - expected["plddt"][:, 1]).max())
    print(f"  pLDDT of alpha carbons: largest difference {difference:.2e}, mean {expected['plddt'][:, 1].mean():.2f}")
    print(f"  pTM: {float(found['ptm'].reshape(-1)[0]):.5f}, reference {float(expected['ptm'].reshape(-1)[0]):.5f}")


def gibibytes(count: int) -> str:
    return f"{count / 2**30:.2f} GiB"


def memory(peak: int, anonymous: int) -> str:
    """The peak, and the part of it that is not file pages and so cannot be dropped."""
    return f"peak resident {gibibytes(peak)} (without file pages {gibibytes(anonymous)})"


def stage_seconds(stages: list[tuple[str, int, float]]) -> str:
    return ", ".join(
        f"{stage}{f' {index}' if stage in ('trunk', 'structure') else ''} {s:.2f}" for stage, index, s in stages
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, metavar="MODEL_DIR")
    parser.add_argument("--sequence", action="append", default=[], help="a sequence to fold (may be repeated)")
    parser.add_argument("--fasta", type=Path, help="sequences to fold")
    parser.add_argument("--recycles", type=int, help="passes after the first (default: the model's own)")
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--work", type=Path, help="folder for the imported model and the outputs (default: temporary)")
    arguments = parser.parse_args()
    arguments.records = [(f"sequence{i + 1}", s.upper()) for i, s in enumerate(arguments.sequence)]
    if arguments.fasta:
        arguments.records += [(f"record{i + 1}", s) for i, (_, s) in enumerate(read_fasta(arguments.fasta))]
    if not arguments.records:
        parser.error("no sequence: use --sequence or --fasta")
    return arguments


def fold_with_reference(arguments: argparse.Namespace, work: Path) -> None:
    """Runs the reference on every record and prints its time and memory; leaves NAME.npz files."""
    reference = Reference(arguments.model, arguments.threads)
    print(f"reference: loaded in {reference.load_seconds:.1f} s")
    for name, sequence in arguments.records:
        seconds, stages = reference.fold(sequence, arguments.recycles, save=work / f"{name}.npz")
        print(f"reference: {name} ({len(sequence)} residues) {seconds:.2f} s: {stage_seconds(stages)}")
    reference.close()
    print(f"reference: {memory(reference.watch.peak, reference.watch.peak_anonymous)}")


def fold_with_esmfold(arguments: argparse.Namespace, work: Path) -> None:
    """Imports the model, folds each record in a separate process, prints time and memory; leaves NAME.tensors.h5."""
    binary = esmfold_binary(arguments.esmfold)
    cache = work / "model.h5"
    run = import_model(binary, arguments.model, cache, arguments.threads)
    print(f"esmfold: import {run.seconds:.1f} s, {memory(run.peak_bytes, run.peak_anonymous_bytes)}")
    for name, sequence in arguments.records:
        fasta = work / f"{name}.fasta"
        fasta.write_text(f">{name}\n{sequence}\n")
        options = ["--model", str(cache), "--threads", str(arguments.threads), "--save-tensors", "--overwrite"]
        if arguments.recycles is not None:
            options += ["--recycles", str(arguments.recycles)]
        run = run_esmfold(binary, ["fold", str(fasta), "-o", str(work), "--verbose", *options], arguments.threads)
        report(name, len(sequence), run)


def report(name: str, length: int, run: Run) -> None:
    print(f"esmfold: {name} ({length} residues) {run.seconds:.2f} s with start-up: {stage_seconds(run.stages)}")
    print(f"esmfold: {memory(run.peak_bytes, run.peak_anonymous_bytes)}")


def main() -> int:
    arguments = parse_arguments()
    with ExitStack() as stack:
        work = arguments.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="compare-reference-")))
        work.mkdir(parents=True, exist_ok=True)
        fold_with_reference(arguments, work)
        fold_with_esmfold(arguments, work)
        good = True
        for name, sequence in arguments.records:
            print(f"{name} ({len(sequence)} residues):")
            expected = dict(np.load(work / f"{name}.npz"))
            with h5py.File(work / f"{name}.tensors.h5") as file:
                found = {key: np.asarray(file[key]) for key in file}
            good &= compare(expected, found)
            if "positions" in found and "plddt" in found and "ptm" in found:
                compare_structures(expected, found)
    print("agreement within the tolerances" if good else "agreement OUTSIDE the tolerances")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
