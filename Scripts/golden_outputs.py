"""Goldens of every field of the reference's output (EsmForProteinFoldingOutput), with all iterations.

Short sequences have whole fields; long ones have two numbers for each row, as in golden_long.py.
"""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import EsmForProteinFolding

from golden_long import RECYCLES, fingerprint
from golden_models import Fixture
from reference_support import fold, load_reference, whole, write_safetensors

SHORT = range(2, 6)  # residues of sequences with whole fields
STACKED = ("frames", "sidechain_frames", "unnormalized_angles", "angles", "positions", "states", "lddt_head")  # iterations first


def write_outputs(path: Path, model: EsmForProteinFolding, sequence: str, recycles: int | None) -> None:
    """Folds a sequence and writes the output without its batch, integers as float32, as in all goldens."""
    output = fold(model, sequence, recycles)
    entries = []
    for name, tensor in sorted(output.items()):
        batch = 1 if name in STACKED else 0
        value = tensor.squeeze(batch) if tensor.dim() > 0 else tensor
        value = value.to(torch.float32).numpy()
        if len(sequence) in SHORT or value.ndim == 0:
            entries.append(whole(name, value))
            continue
        rows = value.reshape(-1, *value.shape[2:]) if name in STACKED else value
        entries.append(whole(f"{name}.fingerprint", fingerprint(rows)))
        entries.append(whole(f"{name}.shape", torch.tensor(value.shape, dtype=torch.float32).numpy()))
    metadata = {"sequence": sequence, "recycles": "default" if recycles is None else str(recycles)}
    print(f"{path.name}: {write_safetensors(path, entries, metadata)} bytes")


def make_outputs(fixture: Fixture, directory: Path) -> None:
    """Writes the outputs of a model's sequences of a few residues, and of its first long one."""
    model = load_reference(directory)
    for sequence in fixture.sequences:
        if len(sequence) in SHORT:
            write_outputs(directory / f"outputs-{len(sequence)}.safetensors", model, sequence, None)
    for sequence in fixture.long_sequences[:1]:
        write_outputs(directory / f"outputs-{len(sequence)}.safetensors", model, sequence, RECYCLES)
