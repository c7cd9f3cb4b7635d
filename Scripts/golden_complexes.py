"""Goldens of complexes, of gaps in the numbering, and of masked folds.

Complexes follow the recipe of the reference's documentation: one sequence with linkers of glycines between the chains,
`position_ids` that jump after each linker, and linkers left out of what is compared. Masked folds cannot be had from the
reference's `forward`, whose masking path fails; so its modules are called one by one, with `<mask>` for the language model
and the residues for everything else, as Meta's program does. Without masks this must give what `forward` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import EsmForProteinFolding
from transformers.models.esm.modeling_esmfold import categorical_lddt
from transformers.models.esm.openfold_utils import compute_predicted_aligned_error, compute_tm, make_atom14_masks

from golden_recording import Recorder, Tensors, check, double_precision
from reference_support import load_reference, residue_indices, whole, write_safetensors


@dataclass(frozen=True)
class Complex:
    """A fold that is more than a sequence."""

    name: str
    chains: tuple[str, ...]
    recycles: int | None = None
    linker: str = "G" * 25
    offset: int = 512
    numbers: tuple[int, ...] | None = None  # of a single chain
    masked: tuple[int, ...] = ()  # positions in chains and linkers together, from 0

    @property
    def sequence(self) -> str:
        return self.linker.join(self.chains)

    @property
    def position_ids(self) -> list[int]:
        if self.numbers is not None:
            return [n - self.numbers[0] for n in self.numbers]
        ids: list[int] = []
        for place, chain in enumerate(self.chains):
            first = len(ids) + place * self.offset
            rows = len(chain) + (len(self.linker) if place + 1 < len(self.chains) else 0)
            ids += range(first, first + rows)
        return ids

    @property
    def chain_rows(self) -> list[np.ndarray]:
        rows, start = [], 0
        for chain in self.chains:
            rows.append(np.arange(start, start + len(chain)))
            start += len(chain) + len(self.linker)
        return rows


COMPLEXES = (
    Complex("two", ("GIVEQCCTS", "MKTAYIAKQRQLS"), recycles=1),
    Complex("three", ("NKKGNDQIG", "A", "XGKXKKK")),
    Complex("same", ("KWVTFISLL", "KWVTFISLL"), recycles=0),
    Complex("linker", ("GIVEQCCTS", "MKTAYIAKQRQIS"), recycles=1, linker="GSX", offset=20),
    Complex("gaps", ("NLYIQWLKDGGPSSG",), numbers=tuple([*range(5, 11), *range(25, 30), *range(90, 94)])),
    Complex("masked", ("NLYIQWLKDGGPSSG",), masked=(0, 3, 4, 9, 14)),
    Complex("masked-two", ("GIVEQCCTS", "MKTAYIAKQRQIS"), recycles=1, masked=(1, 8, 9, 12, 20, 33, 36, 46)),
)


def compute(model: EsmForProteinFolding, case: Complex, *, by_parts: bool) -> tuple[Tensors, dict]:
    """Everything that is recorded, and the output with all rows."""
    aa = residue_indices(case.sequence)
    position_ids = torch.tensor([case.position_ids])
    recorder = Recorder(model)
    with torch.no_grad():
        if by_parts:
            output = fold_by_parts(model, aa, position_ids, case)
        else:
            output = dict(model(aa, position_ids=position_ids, num_recycles=case.recycles))
    recorder.remove()
    tensors = recorder.tensors
    tensors["positions"] = output["positions"][-1, 0]
    for name in ("plddt", "ptm_logits", "s_s", "lm_logits"):
        tensors[name] = output[name][0]
    tensors["ptm"] = output["ptm"].reshape(1)
    return tensors, output


def fold_by_parts(
    model: EsmForProteinFolding, aa: torch.Tensor, position_ids: torch.Tensor, case: Complex
) -> dict:
    """What `EsmForProteinFolding.forward` does, with masks that it cannot take."""
    cfg = model.config.esmfold_config
    mask = torch.ones_like(aa)
    tokens = model.af2_idx_to_esm_idx(aa, mask)
    tokens[0, list(case.masked)] = model.esm_dict_mask_idx
    states = model.compute_language_model_representations(tokens).to(model.esm_s_combine.dtype)
    states = (model.esm_s_combine.softmax(0).unsqueeze(0) @ states).squeeze(2)
    s_s_0 = model.esm_s_mlp(states)
    length = aa.shape[1]
    s_z_0 = s_s_0.new_zeros(1, length, length, cfg.trunk.pairwise_state_dim)
    if cfg.embed_aa:
        s_s_0 = s_s_0 + model.embedding(aa)
    output = dict(model.trunk(s_s_0, s_z_0, aa, position_ids, mask, no_recycles=case.recycles))
    output["lm_logits"] = model.lm_head(output["s_s"])
    output["aatype"] = aa
    make_atom14_masks(output)
    head = model.lddt_head(output["states"]).reshape(output["states"].shape[0], 1, length, -1, model.lddt_bins)
    output["plddt"] = categorical_lddt(head[-1], bins=model.lddt_bins)
    output["ptm_logits"] = model.ptm_head(output["s_z"])
    output["ptm"] = compute_tm(output["ptm_logits"], max_bin=31, no_bins=model.distogram_bins)
    return output


def confidence(case: Complex, output: dict) -> dict[str, np.ndarray]:
    """Scores of interfaces, from the same logits and atoms, by their published formulas."""
    rows = np.concatenate(case.chain_rows)
    logits = output["ptm_logits"][0].double().numpy()[np.ix_(rows, rows)]
    chain_of = np.concatenate([[c] * len(r) for c, r in enumerate(case.chain_rows)])
    probability = np.exp(logits - logits.max(-1, keepdims=True))
    probability /= probability.sum(-1, keepdims=True)
    breaks = np.linspace(0, 31, 63)
    step = breaks[1] - breaks[0]
    centres = np.append(breaks + step / 2, breaks[-1] + 1.5 * step)
    d0 = 1.24 * (max(len(rows), 19) - 15) ** (1 / 3) - 1.8
    score = (probability / (1 + (centres / d0) ** 2)).sum(-1)
    pae = (probability * centres).sum(-1)

    def best(chosen: np.ndarray, weigh: np.ndarray) -> float:
        """AlphaFold-Multimer's max over alignments of the mean over what `weigh` has in the row."""
        return max(score[i][weigh[i]].mean() for i in chosen)

    result = {"ptm": best(np.arange(len(rows)), np.ones_like(score, bool))}
    count = len(case.chains)
    if count > 1:
        other = chain_of[:, None] != chain_of[None, :]
        result["iptm"] = best(np.arange(len(rows)), other)
        pairs = {key: np.zeros((count, count)) for key in ("pair_iptm", "pair_pae", "pdockq", "ipsae")}
        atoms = output["positions"][-1, 0].double().numpy()[rows]
        exists = output["atom14_atom_exists"][0].numpy()[rows] > 0
        plddt = 100 * output["plddt"][0].double().numpy()[rows]
        letters = "".join(case.chains)
        # Carbon β is the fifth atom of 14 and the fourth of 37, carbon α the second of both.
        carbon = np.array([atoms[i, 4 if letter != "G" else 1] for i, letter in enumerate(letters)])
        here = np.array([bool(exists[i, 4 if letter != "G" else 1]) for i, letter in enumerate(letters)])
        lddt = np.array([plddt[i, 3 if letter != "G" else 1] for i, letter in enumerate(letters)])
        for a in range(count):
            for b in range(count):
                if a == b:
                    continue
                in_a, in_b = np.flatnonzero(chain_of == a), np.flatnonzero(chain_of == b)
                both = np.concatenate([in_a, in_b])
                weigh = other & np.isin(chain_of, (a, b))[None, :]
                pairs["pair_iptm"][a, b] = best(both, weigh)
                pairs["pair_pae"][a, b] = pae[np.ix_(in_a, in_b)].mean()
                distance = np.linalg.norm(carbon[in_a][:, None] - carbon[in_b][None], axis=-1)
                contact = (distance <= 8) & here[in_a][:, None] & here[in_b][None]
                if contact.any():
                    touched = np.concatenate([lddt[in_a][contact.any(1)], lddt[in_b][contact.any(0)]])
                    x = touched.mean() * np.log10(contact.sum())
                    pairs["pdockq"][a, b] = 0.724 / (1 + np.exp(-0.052 * (x - 152.611))) + 0.018
                for i in in_a:
                    near = pae[i, in_b][pae[i, in_b] < 10]
                    if len(near):
                        scale = max(1.0, 1.24 * (max(26, len(near)) - 15) ** (1 / 3) - 1.8)
                        value = (1 / (1 + (near / scale) ** 2)).mean()
                        pairs["ipsae"][a, b] = max(pairs["ipsae"][a, b], value)
        result |= pairs
    return {name: np.asarray(value, dtype=np.float32).reshape(-1) for name, value in result.items()}


def make_complexes(out: Path) -> bool:
    """Writes the goldens of all cases; true if every check passed."""
    directory = out / "folding" / "folding-a"
    single_model = load_reference(directory)
    with double_precision():
        double_model = load_reference(directory).double()
    good = True
    for case in COMPLEXES:
        by_parts = bool(case.masked)
        single, output = compute(single_model, case, by_parts=by_parts)
        with double_precision():
            double, _ = compute(double_model, case, by_parts=by_parts)
        good &= check(f"complex {case.name}", single, double)
        if not by_parts:
            parts, _ = compute(single_model, case, by_parts=True)
            good &= bool(torch.equal(parts["positions"], single["positions"]))
        rows = np.concatenate(case.chain_rows)
        logits = output["ptm_logits"][:, rows][:, :, rows]
        scores = confidence(case, output)
        # The reference's own pTM of the rows that count.
        assert abs(float(compute_tm(logits, max_bin=31, no_bins=64)) - scores["ptm"][0]) < 1e-6
        error = compute_predicted_aligned_error(logits, max_bin=31, no_bins=64)["predicted_aligned_error"][0]
        arrays = {name: single[name].numpy()[rows] for name in ("positions", "plddt", "s_s", "lm_logits")}
        arrays |= {"predicted_aligned_error": error.numpy(), "residue_index": np.array(case.position_ids)[rows]}
        arrays |= scores
        print(f"complex {case.name}: " + ", ".join(f"{k} {v.round(4).tolist()}" for k, v in scores.items()))
        metadata = {
            "sequence": ":".join(case.chains),
            "recycles": "default" if case.recycles is None else str(case.recycles),
            "linker": case.linker,
            "offset": str(case.offset),
            "numbers": ",".join(map(str, case.numbers or ())),
            "masked": ",".join(map(str, case.masked)),
        }
        entries = [whole(name, np.ascontiguousarray(a, dtype=np.float32)) for name, a in sorted(arrays.items())]
        write_safetensors(out / "folding" / "complexes" / f"{case.name}.safetensors", entries, metadata)
    return good
