"""The small random folding models of the parity fixtures, written as model folders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reference_support import (
    RESIDUES,
    VOCABULARY,
    Distribution,
    Entry,
    distributions,
    draw,
    meta_model,
    whole,
    write_safetensors,
)


@dataclass(frozen=True)
class Fixture:
    """One folding configuration, how its weights are stored, and the sequences that are folded with it."""

    name: str
    seed: int
    config: dict
    sequences: tuple[str, ...]
    long_sequences: tuple[str, ...] = ()  # folded with one recycle; their goldens hold samples and fingerprints
    half_language_model: bool = False  # its tensors as float16, as in the published checkpoint
    inverse_frequencies: str = "none"  # "layers" (old files), "model" (new files) or "none"
    residual_gain: float = 0.6
    embedding_std: float = 0.5
    recycles: tuple[int | None, ...] = (0, None)
    pdb: str | None = None  # name of the golden whose structure is also written as PDB


def shuffled_vocabulary() -> list[str]:
    """The vocabulary with <pad> where the reference needs it (1) and everything else moved."""
    rest = [token for token in VOCABULARY if token != "<pad>"]
    order = np.random.Generator(np.random.PCG64(20)).permutation(len(rest))
    tokens = [rest[i] for i in order]
    return [tokens[0], "<pad>", *tokens[1:]]


def write_model(fixture: Fixture, directory: Path) -> None:
    """Writes config.json and model.safetensors of a fixture."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps(fixture.config, indent=2) + "\n")
    model = meta_model(fixture.config)
    plan = distributions(model, fixture.residual_gain, fixture.embedding_std)
    entries: list[Entry] = []
    for name, tensor in model.state_dict().items():
        if name in plan:
            array = draw(fixture.seed, name, tuple(tensor.shape), plan[name])
        elif name == "af2_to_esm":
            vocabulary = fixture.config.get("vocab_list", VOCABULARY)
            array = np.array([vocabulary.index(t) for t in ["<pad>", *RESIDUES]], dtype=np.int64)
        elif name.endswith("inv_freq"):
            continue
        else:
            raise ValueError(f"unexpected buffer {name}")
        entries.append(whole(name, array.astype(np.float16) if _is_half(fixture, name) else array))
    entries += [whole(name, array) for name, array in inverse_frequencies(fixture)]
    if fixture.inverse_frequencies == "layers":
        positions = np.arange(fixture.config["max_position_embeddings"], dtype=np.int64)[None]
        entries.append(whole("esm.embeddings.position_ids", positions))
    write_safetensors(directory / "model.safetensors", entries, {"format": "pt"})


def _is_half(fixture: Fixture, name: str) -> bool:
    return fixture.half_language_model and name.startswith("esm.")


def inverse_frequencies(fixture: Fixture) -> Iterator[tuple[str, np.ndarray]]:
    """The rotary frequencies as stored: off the formula's values, so that a loader that recomputes them is detected."""
    if fixture.inverse_frequencies == "none":
        return
    width = fixture.config["hidden_size"] // fixture.config["num_attention_heads"]
    exact = 10000.0 ** (-np.arange(0, width, 2) / width)
    stored = (exact * draw(fixture.seed, "inv_freq", exact.shape, Distribution(1.0, 0.05))).astype(np.float16)
    if fixture.inverse_frequencies == "model":
        yield "esm.rotary_embeddings.inv_freq", stored
        return
    for layer in range(fixture.config["num_hidden_layers"]):
        key = f"esm.encoder.layer.{layer}.attention.self.rotary_embeddings.inv_freq"
        yield key, stored.astype(np.float32)
