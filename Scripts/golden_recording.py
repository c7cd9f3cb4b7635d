"""Records what the reference's modules compute, using hooks, and checks that it is a useful reference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from transformers import EsmForProteinFolding
from transformers.models.esm.modeling_esmfold import EsmFoldingTrunk
from transformers.models.esm.openfold_utils import rigid_utils

from reference_support import fold

BIN_MARGIN = 3e-4  # Å between any binned distance and the nearest bin boundary
DOUBLE_LIMIT = 1e-5  # largest relative difference of final coordinates between float32 and float64
ANY_LIMIT = 5e-5  # the same for any recorded tensor
BIN_BOUNDARIES = np.linspace(3.375, 21.375, 14)

Tensors = dict[str, torch.Tensor]


class Recorder:
    """Hooks on the reference that keep its modules' inputs and outputs under the fixtures' names."""

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
            model.esm.register_forward_hook(self._language_model),
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

    def _language_model(self, _: object, __: object, output: dict) -> None:
        for index, state in enumerate(output["hidden_states"]):
            self.keep(f"esm.hidden_states.{index}", state)

    def _states(self, side: str, states: tuple) -> None:
        names = ("s_in", "z_in") if side == "in" else ("s_s", "s_z")
        for name, state in zip(names, states, strict=True):
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


class _DoubleTorch:
    """torch as seen by the reference's rigid-body code, which explicitly requests float32."""

    float32 = torch.float64

    def __getattr__(self, name: str) -> object:
        return getattr(torch, name)


@contextmanager
def double_precision() -> Iterator[None]:
    """Makes code of the reference that requests float32 compute in float64."""
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
    """Largest difference relative to the largest magnitude."""
    return float((value.double() - exact.double()).abs().max() / exact.double().abs().max().clamp_min(1e-30))


def bin_margin(tensors: Tensors) -> float:
    """Smallest difference, in Å, between a virtual Cβ distance and a recycling bin's boundary."""
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


def check(title: str, single: Tensors, double: Tensors) -> bool:
    """Prints how well float32 and float64 agree, and whether the structure is useful for testing."""
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
        f"{title:23} positions {coordinates:.1e} ({angstrom:.1e} Å)  worst {worst:.1e} {worst_name}"
        f"  bin margin {margin:.1e} Å  spread of CA {ca.std(0).norm() if len(ca) > 1 else 0.0:.1f} Å"
        f"  largest {single['positions'].abs().max():.1f} Å  pLDDT {plddt.min():.2f}-{plddt.max():.2f}"
        f"  pTM {float(single['ptm']):.3f}  smallest angle vector {angles:.1e}"
    )
    return coordinates < DOUBLE_LIMIT and worst < ANY_LIMIT and margin > BIN_MARGIN
