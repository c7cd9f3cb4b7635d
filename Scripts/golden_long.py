"""Goldens of proteins longer than a tile: samples and fingerprints of every tensor, since whole ones are too large."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from golden_models import Fixture
from golden_recording import Tensors, check, double_precision, record
from reference_support import load_reference, whole, write_safetensors

# Where the program's tiles of pairs (66, 90, 180), its chunks of rows (96, 192) and 256 keys begin and end.
BORDERS = (0, 65, 66, 67, 89, 90, 95, 96, 97, 130, 179, 180, 191, 192, 193, 255, 256, 257, 269)
WIDE = ("lddt_head", "ptm_logits")  # too wide for samples; the program has no ptm_logits
RECYCLES = 1


def fingerprint(value: np.ndarray) -> np.ndarray:
    """Two numbers for each row that depend on each element and its position: Σ cos(k) x_k and Σ |x_k|."""
    rows = value.reshape(len(value), -1).astype(np.float64)
    weighted = rows @ np.cos(np.arange(rows.shape[1], dtype=np.float64))
    return np.stack([weighted, np.abs(rows).sum(1)], axis=1).astype(np.float32)


def sample(value: np.ndarray, rows: list[int]) -> np.ndarray:
    """The selected rows; for pairs the selected rows and columns."""
    chosen = value[rows]
    return chosen[:, rows] if value.ndim > 1 and value.shape[0] == value.shape[1] else chosen


def write_long_golden(path: Path, tensors: Tensors, sequence: str) -> None:
    rows = [row for row in BORDERS if row < len(sequence)]
    entries = []
    for name, tensor in sorted(tensors.items()):
        value = tensor.float().numpy()
        if len(value) < len(sequence):
            entries.append(whole(name, value))
            continue
        if name not in WIDE:
            entries.append(whole(f"{name}.sample", sample(value, rows)))
        if name != "ptm_logits":
            entries.append(whole(f"{name}.fingerprint", fingerprint(value)))
    metadata = {"sequence": sequence, "recycles": str(RECYCLES), "rows": ",".join(map(str, rows))}
    print(f"{path.name}: {write_safetensors(path, entries, metadata)} bytes")


def make_long(fixture: Fixture, directory: Path) -> bool:
    """Writes the goldens of a model's long sequences; true if every check passed."""
    single_model = load_reference(directory)
    with double_precision():
        double_model = load_reference(directory).double()
    good = True
    for sequence in fixture.long_sequences:
        single, _ = record(single_model, sequence, RECYCLES)
        with double_precision():
            double, _ = record(double_model, sequence, RECYCLES)
        # The last pass's bins are not used, so they need no margin.
        del single[f"trunk.{RECYCLES}.recycle_bins"]
        good &= check(f"{fixture.name} long-{len(sequence)}", single, double)
        write_long_golden(directory / f"long-{len(sequence)}.safetensors", single, sequence)
    return good
