"""Scores of variants that change the length of a sequence: differences of pseudo-log-likelihoods (PLLR).

The definition is that of Brandes et al., Nature Genetics 2023 (`get_PLL` and `get_PLLR` in esm_variants_utils.py of
github.com/ntranoslab/esm-variants): the sum over all residues of the log-softmax, over the whole vocabulary, at the
residue's own token, from one pass with nothing masked; of the changed sequence minus that of the wild type. A second set
masks each residue in turn. No notation is read here: the changed sequences were written by hand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from transformers import EsmForMaskedLM

from golden_family import SCORED, tokenizer
from reference_support import VOCABULARY, whole, write_safetensors

# MKTVRQERLKSIVRILERSKEPVSGAQLAEELS and what becomes of it.
INDELS = (
    ("p.Lys2del", "MTVRQERLKSIVRILERSKEPVSGAQLAEELS"),
    ("p.(Leu32_Ser33del)", "MKTVRQERLKSIVRILERSKEPVSGAQLAEE"),
    ("p.Glu7_Ile12del", "MKTVRQVRILERSKEPVSGAQLAEELS"),
    ("p.Lys2_Thr3insGlnSerLys", "MKQSKTVRQERLKSIVRILERSKEPVSGAQLAEELS"),
    ("L32_S33insW", "MKTVRQERLKSIVRILERSKEPVSGAQLAEELWS"),
    ("p.Val4dup", "MKTVVRQERLKSIVRILERSKEPVSGAQLAEELS"),
    ("NP_000001.1:p.Arg14_Leu16dup", "MKTVRQERLKSIVRILRILERSKEPVSGAQLAEELS"),
    ("p.Ser33dup", "MKTVRQERLKSIVRILERSKEPVSGAQLAEELSS"),
    ("p.Met1delinsTrpVal", "WVKTVRQERLKSIVRILERSKEPVSGAQLAEELS"),
    ("p.Pro22_Ser24delinsGly", "MKTVRQERLKSIVRILERSKEGGAQLAEELS"),
    ("p.Glu30_Glu31delinsAspAsp", "MKTVRQERLKSIVRILERSKEPVSGAQLADDLS"),
    ("p.[Thr3Ala;Ala29_Leu32del]", "MKAVRQERLKSIVRILERSKEPVSGAQLS"),
    ("K2R:R5_Q6insCC:S33del", "MRTVRCCQERLKSIVRILERSKEPVSGAQLAEEL"),
)


def make_indel_scores(out: Path) -> None:
    """Writes the scores of `INDELS` by the model "esm2"."""
    model = EsmForMaskedLM.from_pretrained(out / "family" / "esm2", dtype=torch.float32, local_files_only=True).eval()
    tokens = tokenizer(VOCABULARY)

    def log_probabilities(ids: list[int]) -> torch.Tensor:
        with torch.no_grad():
            return model(torch.tensor([ids])).logits[0].double().log_softmax(-1)

    def unmasked(sequence: str) -> float:
        ids = tokens(sequence)["input_ids"]
        table = log_probabilities(ids)
        return sum(float(table[row, ids[row]]) for row in range(1, len(ids) - 1))

    def masked(sequence: str) -> float:
        ids = tokens(sequence)["input_ids"]
        rows = range(1, len(ids) - 1)
        return sum(
            float(log_probabilities([*ids[:row], tokens.mask_token_id, *ids[row + 1 :]])[row, ids[row]]) for row in rows
        )

    entries = []
    for name, likelihood in (("unmasked", unmasked), ("masked", masked)):
        wild = likelihood(SCORED)
        scores = [likelihood(sequence) - wild for _, sequence in INDELS]
        entries.append(whole(f"scores.{name}", np.array(scores, dtype=np.float32)))
    path = out / "family" / "esm2" / "indels.safetensors"
    metadata = {
        "sequence": SCORED,
        "variants": " ".join(variant for variant, _ in INDELS),
        "changed": " ".join(sequence for _, sequence in INDELS),
    }
    print(f"{path.name}: {write_safetensors(path, entries, metadata)} bytes")
