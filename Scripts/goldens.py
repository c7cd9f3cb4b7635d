"""Writes the parity fixtures: small random folding models and what the reference computes with them, step by step.

    "$(Scripts/python-env)" Scripts/goldens.py [--only NAME] [--demo MODEL_DIR] [--out Tests/Fixtures]

Deterministic: the same command writes the same bytes on the same machine (other processors may change last digits).
Every parameter is a seeded random number, because a freshly initialised folding model has zero output weights all over
its trunk and tests next to nothing. Intermediates are taken by hooks from the reference's own modules.

Each model is checked to be neither degenerate nor chaotic: the reference is run in float64 as well, and has to agree
with its float32 self; no distance that recycling bins may lie so close to a boundary that rounding could move it into
the next bin. The numbers are printed. Tests/Fixtures/README.md lists the files.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from reference_support import (
    RESIDUES,
    VOCABULARY,
    Distribution,
    Entry,
    distributions,
    draw,
    fold,
    load_reference,
    meta_model,
    residue_indices,
    whole,
    write_safetensors,
)
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
    rigid_utils,
    torsion_angles_to_frames,
)

FILE_LIMIT = 200_000  # bytes of one golden file
BIN_MARGIN = 3e-4  # Å between any binned distance and the nearest bin boundary
DOUBLE_LIMIT = 1e-5  # largest relative difference of final coordinates between float32 and float64
BIN_BOUNDARIES = np.linspace(3.375, 21.375, 14)

Tensors = dict[str, torch.Tensor]

# --- the models ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fixture:
    """One folding configuration, how its weights are stored, and the sequences that are folded with it."""

    name: str
    seed: int
    config: dict
    sequences: tuple[str, ...]
    half_stem: bool = False  # the stem's tensors as float16, as in the published checkpoint
    inverse_frequencies: str = "none"  # "layers" (old files), "model" (new files) or "none"
    residual_gain: float = 0.6
    embedding_std: float = 0.5
    recycles: tuple[int | None, ...] = (0, None)
    pdb: str | None = None  # name of the golden whose structure is also written as PDB


def shuffled_vocabulary() -> list[str]:
    """The vocabulary with <pad> where the reference needs it (1) and everything else elsewhere."""
    rest = [token for token in VOCABULARY if token != "<pad>"]
    order = np.random.Generator(np.random.PCG64(20)).permutation(len(rest))
    tokens = [rest[i] for i in order]
    return [tokens[0], "<pad>", *tokens[1:]]


FOLDING = {"model_type": "esm", "architectures": ["EsmForProteinFolding"], "is_folding_model": True}

FIXTURES = (
    # Every field given, no width shared with another one or with esmfold_v1.
    Fixture(
        name="folding-a",
        seed=1,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": 32,
            "vocab_list": VOCABULARY,
            "hidden_size": 20,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "intermediate_size": 28,
            "max_position_embeddings": 70,
            "layer_norm_eps": 1e-5,
            "position_embedding_type": "rotary",
            "rope_theta": 10000.0,
            "token_dropout": True,
            "emb_layer_norm_before": False,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "esmfold_config": {
                "esm_type": "random_3L20",
                "fp16_esm": False,
                "use_esm_attn_map": False,
                "embed_aa": True,
                "bypass_lm": False,
                "esm_ablate_pairwise": False,
                "esm_ablate_sequence": False,
                "lddt_head_hid_dim": 11,
                "trunk": {
                    "num_blocks": 2,
                    "sequence_state_dim": 24,
                    "sequence_head_width": 8,
                    "pairwise_state_dim": 12,
                    "pairwise_head_width": 4,
                    "position_bins": 5,
                    "dropout": 0,
                    "layer_drop": 0,
                    "max_recycles": 3,
                    "chunk_size": None,
                    "structure_module": {
                        "sequence_dim": 18,
                        "pairwise_dim": 10,
                        "ipa_dim": 5,
                        "num_heads_ipa": 3,
                        "num_qk_points": 2,
                        "num_v_points": 3,
                        "num_blocks": 3,
                        "resnet_dim": 14,
                        "num_resnet_blocks": 1,
                        "num_transition_layers": 2,
                        "num_angles": 7,
                        "trans_scale_factor": 7,
                        "epsilon": 1e-6,
                        "inf": 1e5,
                        "dropout_rate": 0.1,
                    },
                },
            },
        },
        sequences=("W", "XM", "MKXVRQWYHFWRG", "MSMEPKPQRKSXKFNTNRRPQPVKFQGGGQIVGXVYLLPRRGPRLGW"),
        inverse_frequencies="layers",
        pdb="L13-r0",
    ),
    # Absolute positions, layer norm before the stem, no amino-acid embedding, float16 stem; what is not given matters.
    Fixture(
        name="folding-b",
        seed=2,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": 32,
            "hidden_size": 18,
            "num_hidden_layers": 2,
            "num_attention_heads": 1,
            "intermediate_size": 30,
            "max_position_embeddings": 61,
            "emb_layer_norm_before": True,
            "esmfold_config": {
                "fp16_esm": False,
                "embed_aa": False,
                "lddt_head_hid_dim": 9,
                "trunk": {
                    "num_blocks": 3,
                    "sequence_state_dim": 32,
                    "sequence_head_width": 16,
                    "pairwise_state_dim": 16,
                    "pairwise_head_width": 8,
                    "max_recycles": 2,
                    "structure_module": {
                        "sequence_dim": 22,
                        "pairwise_dim": 14,
                        "ipa_dim": 6,
                        "num_heads_ipa": 2,
                        "num_qk_points": 3,
                        "num_v_points": 5,
                        "num_blocks": 2,
                        "resnet_dim": 15,
                    },
                },
            },
        },
        sequences=("G", "KX", "CXDEFGHIKLMNP", "GWVLIPCYWSTQMNQDEKRHXYEAWRITLGSDDVNICQSVFXWVTAG"),
        half_stem=True,
        embedding_std=0.05,
    ),
    # Rotary with one float16 inv_freq for the model, layer norm before it, and epsilons large enough to be seen.
    Fixture(
        name="folding-c",
        seed=3,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": 32,
            "vocab_list": VOCABULARY,
            "hidden_size": 12,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 7,
            "max_position_embeddings": 9,
            "layer_norm_eps": 0.03,
            "position_embedding_type": "rotary",
            "token_dropout": False,
            "emb_layer_norm_before": True,
            "esmfold_config": {
                "fp16_esm": False,
                "lddt_head_hid_dim": 3,
                "trunk": {
                    "num_blocks": 1,
                    "sequence_state_dim": 6,
                    "sequence_head_width": 6,
                    "pairwise_state_dim": 4,
                    "pairwise_head_width": 4,
                    "position_bins": 1,
                    "max_recycles": 1,
                    "structure_module": {
                        "sequence_dim": 8,
                        "pairwise_dim": 5,
                        "ipa_dim": 3,
                        "num_heads_ipa": 1,
                        "num_qk_points": 1,
                        "num_v_points": 1,
                        "num_blocks": 1,
                        "resnet_dim": 5,
                        "num_resnet_blocks": 0,
                        "num_transition_layers": 0,
                        "epsilon": 0.05,
                    },
                },
            },
        },
        sequences=("AXGCD",),
        recycles=(None,),
        half_stem=True,
        inverse_frequencies="model",
    ),
    # The ablated stem, a vocabulary of its own order, another rotary base and no inv_freq in the file.
    Fixture(
        name="folding-d",
        seed=4,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": shuffled_vocabulary().index("<mask>"),
            "vocab_list": shuffled_vocabulary(),
            "hidden_size": 8,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 9,
            "max_position_embeddings": 9,
            "position_embedding_type": "rotary",
            "rope_theta": 300.0,
            "token_dropout": True,
            "esmfold_config": {
                "fp16_esm": False,
                "esm_ablate_sequence": True,
                "lddt_head_hid_dim": 2,
                "trunk": {
                    "num_blocks": 1,
                    "sequence_state_dim": 8,
                    "sequence_head_width": 2,
                    "pairwise_state_dim": 6,
                    "pairwise_head_width": 2,
                    "position_bins": 3,
                    "max_recycles": 2,
                    "structure_module": {
                        "sequence_dim": 7,
                        "pairwise_dim": 6,
                        "ipa_dim": 2,
                        "num_heads_ipa": 2,
                        "num_qk_points": 2,
                        "num_v_points": 1,
                        "num_blocks": 2,
                        "resnet_dim": 4,
                    },
                },
            },
        },
        sequences=("MWXKY",),
        recycles=(None,),
    ),
)


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
    return fixture.half_stem and name.startswith("esm.")


def inverse_frequencies(fixture: Fixture) -> Iterator[tuple[str, np.ndarray]]:
    """The rotary frequencies as stored: off the formula's values, so that a loader which recomputes them is found."""
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


# --- recording -------------------------------------------------------------------------------------------------------


class Recorder:
    """Hooks on the reference that keep what its modules receive and return, under the fixtures' names."""

    # Running states of a block: the input of the next module, or the output of a module.
    STATES_BEFORE = {
        "mlp_seq": "seq_attention",
        "tri_mul_out": "sequence_to_pair",
        "tri_mul_in": "tri_mul_out",
        "tri_att_start": "tri_mul_in",
        "tri_att_end": "tri_att_start",
        "mlp_pair": "tri_att_end",
    }
    STATES_AFTER = ("pair_to_sequence", "mlp_seq", "mlp_pair")

    def __init__(self, model: EsmForProteinFolding) -> None:
        self.tensors: Tensors = {}
        self.passes = 0
        self.iteration = 0
        trunk = model.trunk
        self.handles = [
            model.esm.register_forward_hook(self._stem),
            model.esm_s_mlp[0].register_forward_pre_hook(lambda _, a: self.keep("esm_s", a[0])),
            trunk.register_forward_pre_hook(lambda _, a: self.keep("s_s_0", a[0])),
            trunk.blocks[0].register_forward_pre_hook(lambda _, a: self._states("in", a)),
            trunk.blocks[-1].register_forward_hook(lambda _, __, out: self._states("out", out)),
            trunk.structure_module.ipa.register_forward_hook(self._ipa),
            trunk.structure_module.register_forward_hook(self._structure),
        ]
        block = trunk.blocks[0]
        for module, name in self.STATES_BEFORE.items():
            self.handles.append(getattr(block, module).register_forward_pre_hook(self._before(name)))
        for module in self.STATES_AFTER:
            self.handles.append(getattr(block, module).register_forward_hook(self._after(module)))

    def keep(self, name: str, tensor: torch.Tensor) -> None:
        """Keeps a copy without the batch dimension."""
        self.tensors[name] = tensor.detach()[0].clone()

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def _stem(self, _: object, __: object, output: dict) -> None:
        for index, state in enumerate(output["hidden_states"]):
            self.keep(f"esm.hidden_states.{index}", state)

    def _states(self, side: str, states: tuple) -> None:
        names = ("s_in", "z_in") if side == "in" else ("s_s", "s_z")
        for name, state in zip(names, states):
            self.keep(f"trunk.{self.passes}.{name}", state)

    def _before(self, name: str):  # noqa: ANN202
        def hook(_: object, arguments: tuple) -> None:
            if self.passes == 0:
                self.keep(f"trunk.0.blocks.0.{name}", arguments[0])

        return hook

    def _after(self, name: str):  # noqa: ANN202
        def hook(_: object, __: object, output: torch.Tensor) -> None:
            if self.passes == 0:
                self.keep(f"trunk.0.blocks.0.{name}", output)

        return hook

    def _ipa(self, _: object, __: object, output: torch.Tensor) -> None:
        self.keep(f"trunk.{self.passes}.structure_module.{self.iteration}.ipa", output)
        self.iteration += 1

    def _structure(self, _: object, __: object, output: dict) -> None:
        names = ("states", "frames", "unnormalized_angles", "angles", "positions", "sidechain_frames")
        for name in names:
            for iteration, value in enumerate(output[name]):
                self.keep(f"trunk.{self.passes}.structure_module.{iteration}.{name}", value)
        coordinates = output["positions"][-1][:, :, :3]
        bins = EsmFoldingTrunk.distogram(coordinates, 3.375, 21.375, 15)
        self.keep(f"trunk.{self.passes}.recycle_bins", bins)
        self.passes += 1
        self.iteration = 0


def record(model: EsmForProteinFolding, sequence: str, recycles: int | None) -> tuple[Tensors, dict]:
    """Folds a sequence and returns every recorded tensor, then the reference's own output."""
    recorder = Recorder(model)
    output = fold(model, sequence, recycles)
    recorder.remove()
    tensors = recorder.tensors
    for name in ("positions", "frames", "angles", "lddt_head"):  # the last iteration of the structure module
        tensors[name] = output[name][-1, 0]
    for name in ("plddt", "predicted_aligned_error", "distogram_logits", "ptm_logits", "lm_logits", "s_s", "s_z"):
        tensors[name] = output[name][0]
    for name in ("aatype", "atom37_atom_exists"):
        tensors[name] = output[name][0]
    for name in ("ptm", "max_predicted_aligned_error"):
        tensors[name] = output[name].reshape(1)
    return tensors, output


# --- checks ----------------------------------------------------------------------------------------------------------


class _DoubleTorch:
    """torch as seen by the reference's rigid-body code, which asks for float32 by name."""

    float32 = torch.float64

    def __getattr__(self, name: str) -> object:
        return getattr(torch, name)


@contextmanager
def double_precision() -> Iterator[None]:
    """Makes the places of the reference that ask for float32 compute in float64."""
    original_float = torch.Tensor.float
    torch.set_default_dtype(torch.float64)
    torch.Tensor.float = torch.Tensor.double  # type: ignore[method-assign]
    torch.float, original_alias = torch.float64, torch.float
    rigid_utils.torch = _DoubleTorch()
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        torch.Tensor.float = original_float  # type: ignore[method-assign]
        torch.float = original_alias
        rigid_utils.torch = torch


def relative_difference(value: torch.Tensor, exact: torch.Tensor) -> float:
    """Largest difference over the largest magnitude."""
    return float((value.double() - exact.double()).abs().max() / exact.double().abs().max().clamp_min(1e-30))


def bin_margin(tensors: Tensors) -> float:
    """Smallest distance, in Å, of a virtual Cβ distance to a recycling bin's boundary."""
    margin = np.inf
    pass_index = 0
    while f"trunk.{pass_index}.recycle_bins" in tensors:
        prefix = f"trunk.{pass_index}.structure_module."
        last = max(int(n.split(".")[3]) for n in tensors if n.startswith(prefix) and n.endswith(".positions"))
        n, ca, c = (tensors[f"{prefix}{last}.positions"].double().numpy()[:, i] for i in range(3))
        b, t = ca - n, c - ca
        cb = -0.58273431 * np.cross(b, t) + 0.56802827 * b - 0.54067466 * t + ca
        distances = np.linalg.norm(cb[:, None] - cb[None], axis=-1)
        margin = min(margin, np.abs(distances[..., None] - BIN_BOUNDARIES).min())
        pass_index += 1
    return float(margin)


def check(fixture: Fixture, label: str, single: Tensors, double: Tensors) -> bool:
    """Prints how well float32 and float64 agree, and whether the structure is worth testing with."""
    worst_name, worst = "", 0.0
    for name, value in single.items():
        difference = relative_difference(value, double[name])
        if difference > worst:
            worst_name, worst = name, difference
    coordinates = relative_difference(single["positions"], double["positions"])
    angstrom = float((single["positions"].double() - double["positions"]).abs().max())
    margin = bin_margin(single)
    ca = single["positions"][:, 1]
    plddt = single["plddt"]
    angles = min(
        float(value.norm(dim=-1).min()) for name, value in single.items() if name.endswith("unnormalized_angles")
    )
    print(
        f"{fixture.name} {label:12} positions {coordinates:.1e} ({angstrom:.1e} Å)  worst {worst:.1e} {worst_name}"
        f"  bin margin {margin:.1e} Å  spread of CA {ca.std(0).norm() if len(ca) > 1 else 0.0:.1f} Å"
        f"  largest {single['positions'].abs().max():.1f} Å  pLDDT {plddt.min():.2f}-{plddt.max():.2f}"
        f"  pTM {float(single['ptm']):.3f}  smallest angle vector {angles:.1e}"
    )
    return coordinates < DOUBLE_LIMIT and worst < 5e-5 and margin > BIN_MARGIN


# --- files -----------------------------------------------------------------------------------------------------------


def is_kept(name: str, length: int, first_pass: bool) -> bool:
    """Whether a golden file holds a tensor: everything for short sequences, what fits for long ones.

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
    """The rows of a pair tensor that a file holds when the whole tensor is too large."""
    return [length // 2, length - 1]


def write_golden(path: Path, tensors: Tensors, sequence: str, recycles: int | None, first_pass: bool) -> None:
    """Writes the chosen tensors as float32."""
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
    """Writes a model and its goldens; true when every check passed."""
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
            good &= check(fixture, label, single, double)
            write_golden(directory / f"{label}.safetensors", single, sequence, recycles, recycles == fixture.recycles[0])
            if fixture.pdb == label:
                pdb = EsmForProteinFolding.output_to_pdb(output)[0]
                (directory / f"{label}.pdb").write_text(pdb)
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
    coordinates[5] = 0  # X has no atoms: all of its positions are the origin
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
    """The reference's result for the three shortest chains of the demo model, its weights rounded to float16."""
    model = load_reference(directory)
    for tensor in [*model.parameters(), *model.buffers()]:
        if tensor.is_floating_point():
            tensor.data = tensor.data.half().float()
    lines = (directory / "manifest.tsv").read_text().splitlines()
    columns = lines[0].split("\t")
    chains = [dict(zip(columns, line.split("\t"))) for line in lines[1:]]
    known = sorted((c for c in chains if c["split"] == "train"), key=lambda c: int(c["length"]))[:3]
    tensors: Tensors = {}
    for index, chain in enumerate(known):
        result = fold(model, chain["sequence"], None)
        tensors[f"{index}.positions"] = result["positions"][-1, 0]
        tensors[f"{index}.plddt"] = result["plddt"][0]
        tensors[f"{index}.ptm"] = result["ptm"].reshape(1)
        tensors[f"{index}.predicted_aligned_error"] = result["predicted_aligned_error"][0]
        print(f"demo {chain['name']}: pLDDT of CA {result['plddt'][0, :, 1].mean():.4f} pTM {float(result['ptm']):.4f}")
    metadata = {"recycles": "default", "weights": "rounded to float16, float32 arithmetic"}
    metadata |= {f"{index}.sequence": chain["sequence"] for index, chain in enumerate(known)}
    metadata |= {f"{index}.name": chain["name"] for index, chain in enumerate(known)}
    write_tensors(out / "folding" / "demo-check.safetensors", tensors, metadata)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "Tests" / "Fixtures")
    parser.add_argument("--only", help="one configuration (folding-a, ...), 'modules' or 'demo'")
    parser.add_argument("--demo", type=Path, metavar="MODEL_DIR", help="the demo model, for demo-check.safetensors")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    good = True
    for fixture in FIXTURES:
        if arguments.only in (None, fixture.name):
            good &= make_fixture(fixture, arguments.out)
    if arguments.only in (None, "modules"):
        make_modules(arguments.out)
    if arguments.demo and arguments.only in (None, "demo"):
        make_demo(arguments.demo, arguments.out)
    if not good:
        print("goldens: a model is too sensitive to rounding: change its seed or its sequences", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
