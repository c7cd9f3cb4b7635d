"""The fixtures of long sequences: the reference's results for 131, 300 and 1024 tokens, as selected rows and sums.

Imported by goldens.py; not a program. Kernels work in vectors of 16, blocks of 48 queries, tiles of 16 rows and
panels of 64 columns, so a bug in the second or a later one shows only beyond these lengths. Whole tensors of such
lengths would be megabytes. Stored instead are some rows, and sums over all rows and columns in which one wrong number
shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import EsmForMaskedLM, EsmModel

from golden_family import ABSOLUTE, DOUBLE_LIMIT, FAMILY, ROTARY, Family, outputs, write_model, write_scores
from reference_support import VOCABULARY, generator, whole, write_safetensors

# Two, nearly seven and many blocks of 48; none is a multiple of 16 but the last, the limit of learned positions.
LENGTHS = (131, 300)
LIMIT = 1024

# Separate models: with enough learned positions, and one whose widths exceed a vector and a panel.
LONG_MODELS = (
    Family(
        "esm1b-long",
        21,
        EsmForMaskedLM,
        {
            **ABSOLUTE,
            "architectures": ["EsmForMaskedLM"],
            "max_position_embeddings": 302,
            "emb_layer_norm_before": True,
            "tie_word_embeddings": False,
        },
        tied=False,
    ),
    Family("esm1v-long", 22, EsmModel, {**ABSOLUTE, "max_position_embeddings": 1026}, half=True),
    Family(
        "esm2-wide",
        23,
        EsmForMaskedLM,
        {
            **ROTARY,
            "architectures": ["EsmForMaskedLM"],
            "hidden_size": 96,
            "num_hidden_layers": 2,
            "intermediate_size": 136,
        },
        half=True,
    ),
)
SHORT_MODELS = tuple(family for family in FAMILY if family.name not in ("esm1b", "esm1v"))
# Attention maps are stored for these: one for each kind of positions, and the wide one.
WITH_MAPS = ("esm2", "esm1b-long", "esm2-wide")


def sequence(seed: int, count: int) -> list[int]:
    """Random residues between <cls> and <eos>. In long ones every twentieth is masked; <pad>, <eos> and <unk> occur
    inside."""
    source = generator(seed, f"tokens {count}")
    ids = source.integers(4, 24, count).tolist()
    ids[0], ids[-1] = VOCABULARY.index("<cls>"), VOCABULARY.index("<eos>")
    masked = range(7, count - 1, 20) if count > 200 else (5, count - 3)
    for place in masked:
        ids[place] = VOCABULARY.index("<mask>")
    if count > 200:
        ids[140], ids[190], ids[210] = (VOCABULARY.index(token) for token in ("<eos>", "<pad>", "<unk>"))
    return ids


def chosen(count: int) -> list[int]:
    """Rows at the ends of blocks, tiles and sequences."""
    places = (0, 1, 15, 16, 47, 48, 63, 64, 95, 96, 127, 128, 255, 256, 1007, count // 2, count - 3, count - 2, count - 1)
    return sorted({place for place in places if 0 <= place < count})


def summary(name: str, tensor: torch.Tensor) -> dict[str, torch.Tensor]:
    """Rows of a tensor [..., n, m], the sum and the sum of magnitudes of each row and of each column. Attention weights are
    not negative and their rows sum to 1: for them the sums of squares are stored."""
    if tensor.dim() == 1:
        return {name: tensor}
    count = tensor.shape[-2]
    if name == "attentions":
        rows = [row for row in (1, 48, 128, count - 2) if row < count]
        maps = tensor.flatten(0, 1)
        return {
            f"{name}.rows": maps[:, rows],
            f"{name}.row-sums": (maps.double() ** 2).sum(-1),
            f"{name}.column-sums": maps.double().sum(-2),
        }
    values = tensor.double()
    return {
        f"{name}.rows": tensor[chosen(count)],
        f"{name}.row-sums": torch.stack([values.sum(-1), values.abs().sum(-1)]),
        f"{name}.column-sums": torch.stack([values.sum(-2), values.abs().sum(-2)]),
    }


def make_long_family(family: Family, out: Path) -> bool:
    """Writes the goldens of one model, and the model unless the short sequences have it; true if float32 agrees with
    float64."""
    directory = out / "family" / family.name
    if family in LONG_MODELS:
        write_model(family, directory)
    load = {"attn_implementation": "eager", "local_files_only": True}
    model = family.kind.from_pretrained(directory, dtype=torch.float32, **load).eval()
    exact = family.kind.from_pretrained(directory, dtype=torch.float32, **load).eval().double()
    lengths = (*LENGTHS, LIMIT) if family.name == "esm1v-long" else LENGTHS
    entries, metadata, worst = [], {}, 0.0
    for number, length in enumerate(lengths):
        ids = sequence(family.seed, length)
        metadata[f"{number}.tokens"] = " ".join(map(str, ids))
        doubles = outputs(exact, torch.tensor([ids]))
        for name, tensor in outputs(model, torch.tensor([ids])).items():
            difference = (tensor.double() - doubles[name]).abs().max() / doubles[name].abs().max().clamp(min=1e-3)
            worst = max(worst, float(difference))
            if name == "attentions" and family.name not in WITH_MAPS or name == "contacts" and length == LIMIT:
                continue
            for key, part in summary(name, tensor).items():
                entries.append(whole(f"{number}.{key}", part.float().numpy()))
    size = write_safetensors(directory / "long.safetensors", entries, metadata)
    print(f"{family.name}, long: {size} bytes, float32 within {worst:.1e} of float64")
    return worst <= DOUBLE_LIMIT and size < 300_000


@dataclass(frozen=True)
class Windowed:
    """A sequence read in windows: its tokens before, of and after residues, and how it is cut."""

    model: str
    residues: int
    longest: int  # tokens of a window
    overlap: int
    framing: tuple[bool, bool] = (True, True)  # <cls>, <eos>
    layers: tuple[int, ...] = (0, 3)


WINDOWED = (
    Windowed("esm1b-long", 350, 300, 256),
    Windowed("esm1v-long", 129, 60, 10),
    Windowed("single-label", 129, 70, 0, layers=(2,)),
    Windowed("tokens", 131, 70, 33, layers=(2,)),
    Windowed("esm2", 90, 40, 7, framing=(False, False)),
    Windowed("esm2", 60, 27, 9, framing=(True, False)),
    Windowed("esm2", 61, 27, 9, framing=(False, True)),
)


def window_starts(length: int, size: int, overlap: int) -> list[int]:
    """The first residue of each window: as few as possible that overlap by `overlap` residues, spread evenly."""
    count = 1 + math.ceil((length - size) / (size - overlap))
    return [index * (length - size) // (count - 1) for index in range(count)]


def make_windows(out: Path) -> None:
    """Means over windows, each read by the reference: for a residue over the windows with it, for a pair over those
    with both, for everything else over all."""
    families = {family.name: family for family in (*FAMILY, *LONG_MODELS)}
    entries, metadata = [], {}
    for number, case in enumerate(WINDOWED):
        family = families[case.model]
        model = family.kind.from_pretrained(
            out / "family" / case.model, dtype=torch.float32, attn_implementation="eager", local_files_only=True
        ).eval()
        residues = generator(31, f"windows {number}").integers(4, 24, case.residues).tolist()
        residues[case.residues // 3] = VOCABULARY.index("<mask>")
        before = [VOCABULARY.index("<cls>")] * case.framing[0]
        after = [VOCABULARY.index("<eos>")] * case.framing[1]
        tokens = [*before, *residues, *after]
        size, count = case.longest - len(before) - len(after), len(tokens)
        starts = window_starts(len(residues), size, case.overlap)
        sums: dict[str, torch.Tensor] = {}
        counts: dict[str, torch.Tensor] = {}
        for start in starts:
            window = [*before, *residues[start : start + size], *after]
            places = [*range(len(before)), *range(start + len(before), start + len(before) + size)]
            places += range(count - len(after), count)
            inner = torch.tensor([place - 1 for place in places[1:-1]])
            for name, tensor in outputs(model, torch.tensor([window])).items():
                if name == "attentions" or name.startswith("hidden") and int(name.split(".")[1]) not in case.layers:
                    continue
                values = tensor.double()
                if name == "contacts":
                    total, index = torch.zeros(count - 2, count - 2).double(), (inner[:, None], inner[None, :])
                elif values.dim() == 2:
                    total, index = torch.zeros(count, values.shape[1]).double(), (torch.tensor(places),)
                else:
                    total, index = torch.zeros_like(values), (slice(None),)
                sums.setdefault(name, total)[index] += values
                counts.setdefault(name, torch.zeros_like(total))[index] += 1
        for name, total in sums.items():
            mean = torch.where(counts[name] > 0, total / counts[name].clamp(min=1), 0)
            entries += [whole(f"{number}.{key}", part.float().numpy()) for key, part in summary(name, mean).items()]
        metadata[f"{number}.model"] = case.model
        metadata[f"{number}.tokens"] = " ".join(map(str, tokens))
        metadata[f"{number}.cut"] = f"{case.longest} {case.overlap}"
        metadata[f"{number}.starts"] = " ".join(map(str, starts))
    size = write_safetensors(out / "family" / "windows.safetensors", entries, metadata)
    print(f"windows: {size} bytes")


def make_long_scores(out: Path) -> None:
    """As `make_scores`, for a sequence too long to be read in one batch with each position masked."""
    letters = [VOCABULARY[id] for id in generator(32, "scores").integers(4, 24, 129)]
    variants = [f"{letters[0]}1W", f"{letters[128]}129C", f"{letters[99]}100G:{letters[127]}128P"]
    write_scores(out / "family" / "esm2" / "long-scores.safetensors", out, "".join(letters), variants)
