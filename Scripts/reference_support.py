"""Shared by the reference scripts: seeded weights of reasonable scale, writing safetensors, running the reference.

Imported by goldens.py and its parts, the random-* scripts and reference_worker.py; not a program.
The reference is `EsmForProteinFolding` of transformers on the CPU in float32, one sequence at a time.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import EsmConfig, EsmForProteinFolding
from transformers.models.esm.modeling_esmfold import EsmFoldLayerNorm, EsmFoldLinear

RESIDUES = "ARNDCQEGHILKMFPSTWYVX"

VOCABULARY = "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1> <mask>".split()

CHUNK = 1 << 23  # elements drawn at a time

DTYPE_NAMES = {"float32": "F32", "float16": "F16", "int64": "I64"}


@dataclass(frozen=True)
class Entry:
    """One tensor of a safetensors file; `chunks` yields its elements in order when the file is written."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    chunks: Callable[[], Iterable[np.ndarray]]

    @property
    def byte_count(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


def whole(name: str, array: np.ndarray) -> Entry:
    """An entry for an array that is already in memory."""
    return Entry(name, tuple(array.shape), array.dtype.name, lambda: [array])


def write_safetensors(path: Path, entries: Iterable[Entry], metadata: dict[str, str]) -> int:
    """Writes a safetensors file tensor by tensor (the same bytes every time) and returns its size."""
    entries = list(entries)
    header: dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    offset = 0
    for entry in entries:
        end = offset + entry.byte_count
        header[entry.name] = {
            "dtype": DTYPE_NAMES[entry.dtype],
            "shape": list(entry.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        start = file.tell()
        for entry in entries:
            for chunk in entry.chunks():
                file.write(np.ascontiguousarray(chunk, dtype=entry.dtype).data)
            expected = start + header[entry.name]["data_offsets"][1]  # type: ignore[index]
            if file.tell() != expected:
                raise RuntimeError(f"{entry.name}: wrote up to byte {file.tell()}, expected {expected}")
    return start + offset


@dataclass(frozen=True)
class Distribution:
    """Mean and standard deviation of a parameter's random values."""

    mean: float
    std: float


# The last linear layer of every residual branch of the language model, the trunk and the structure module.
RESIDUAL_OUTPUT = re.compile(
    r"(attention\.output\.dense|layer\.\d+\.output\.dense|seq_attention\.o_proj|mlp_(seq|pair)\.mlp\.3"
    r"|sequence_to_pair\.o_proj|tri_mul_(out|in)\.linear_z|tri_att_(start|end)\.mha\.linear_o"
    r"|ipa\.linear_out|transition\.layers\.\d+\.linear_3|angle_resnet\.layers\.\d+\.linear_2)\.weight$"
)


def distributions(model: nn.Module, residual_gain: float, embedding_std: float = 0.5) -> dict[str, Distribution]:
    """A distribution for every parameter of a folding model, none left at its initial value.

    Linear layers keep the scale of their input (standard deviation gain / sqrt(inputs)), residual branches add
    `residual_gain` times the scale of their input, and layer norms scatter around gain 1 and bias 0.
    """
    result: dict[str, Distribution] = {}
    for prefix, module in model.named_modules():
        for suffix, parameter in module.named_parameters(recurse=False):
            name = f"{prefix}.{suffix}" if prefix else suffix
            result[name] = _distribution(name, module, parameter, residual_gain, embedding_std)
    return result


def _distribution(
    name: str, module: nn.Module, parameter: nn.Parameter, residual_gain: float, embedding_std: float
) -> Distribution:
    if isinstance(module, (nn.LayerNorm, EsmFoldLayerNorm)):
        return Distribution(1.0 if name.endswith("weight") else 0.0, 0.15)
    if isinstance(module, nn.Embedding):
        return Distribution(0.0, embedding_std)
    if isinstance(module, (nn.Linear, EsmFoldLinear)):
        if name.endswith("bias"):
            return Distribution(0.0, 0.15)
        gain = 1.0
        if RESIDUAL_OUTPUT.search(name):
            gain = residual_gain
        elif name.startswith("ptm_head") or name.startswith("lddt_head.3") or name.startswith("distogram_head"):
            gain = 2.0  # confidences that vary between residues
        elif "bb_update" in name:
            gain = 0.6
        return Distribution(0.0, gain / parameter.shape[-1] ** 0.5)
    if name.endswith("head_weights"):
        return Distribution(0.54, 0.3)
    if name == "esm_s_combine":
        return Distribution(0.0, 1.0)
    raise ValueError(f"no distribution for {name} {tuple(parameter.shape)} of {type(module).__name__}")


def generator(seed: int, name: str) -> np.random.Generator:
    """A generator that depends only on the seed and the tensor's name, not on the order of the tensors."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "little")))


def draw(seed: int, name: str, shape: tuple[int, ...], distribution: Distribution) -> np.ndarray:
    """Seeded normal values, float32."""
    values = generator(seed, name).standard_normal(shape, dtype=np.float32)
    return values * np.float32(distribution.std) + np.float32(distribution.mean)


def draw_chunks(seed: int, name: str, count: int, distribution: Distribution) -> Iterator[np.ndarray]:
    """The same values as from `draw`, a few million at a time."""
    source = generator(seed, name)
    for start in range(0, count, CHUNK):
        values = source.standard_normal(min(CHUNK, count - start), dtype=np.float32)
        values *= np.float32(distribution.std)
        values += np.float32(distribution.mean)
        yield values


def meta_model(config: dict) -> EsmForProteinFolding:
    """The model of a configuration without memory for its weights: names, shapes and module types."""
    with torch.device("meta"):
        return EsmForProteinFolding(EsmConfig(**config))


def load_reference(directory: Path) -> EsmForProteinFolding:
    """The reference on a model directory: float32 arithmetic on the stored weights, eager attention.

    Also if the configuration requests a float16 language model (`fp16_esm`, which defaults to true).
    """
    config = EsmConfig.from_pretrained(directory, local_files_only=True)
    config.esmfold_config.fp16_esm = False
    return EsmForProteinFolding.from_pretrained(
        directory, config=config, dtype=torch.float32, attn_implementation="eager", local_files_only=True, low_cpu_mem_usage=True
    ).eval()


def residue_indices(sequence: str) -> torch.Tensor:
    """A sequence as a batch of one in the reference's amino-acid order; any other letter is X."""
    unknown = RESIDUES.index("X")
    return torch.tensor([[RESIDUES.index(letter) if letter in RESIDUES else unknown for letter in sequence]])


def fold(model: EsmForProteinFolding, sequence: str, recycles: int | None) -> dict[str, torch.Tensor]:
    """Runs the reference on one sequence; `recycles` counts passes after the first, None is the model's own number."""
    with torch.no_grad():
        return dict(model(residue_indices(sequence), num_recycles=recycles))
