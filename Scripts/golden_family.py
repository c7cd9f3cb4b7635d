"""The fixtures of the language models: small random models of every kind in the family and the reference's results.

Imported by goldens.py; not a program. Every parameter is random. Each model is also run in float64 and must
agree with its float32 version, so that a difference above the tests' tolerance is a difference in the arithmetic.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import (
    EsmConfig,
    EsmForMaskedLM,
    EsmForSequenceClassification,
    EsmForTokenClassification,
    EsmModel,
    EsmTokenizer,
)

from golden_models import shuffled_vocabulary
from reference_support import VOCABULARY, Distribution, distributions, draw, whole, write_safetensors

DOUBLE_LIMIT = 2e-5  # largest relative difference of any tensor between float32 and float64
LONG = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELSVSRQ"
# Text, and whether <cls> and <eos> are added.
CASES = (
    (LONG, True),
    ("MK<mask>VRQ<mask><mask>W", True),
    ("A", True),
    ("GX", True),
    ("MK<pad>VR<eos>QW<unk>Y", True),
    ("MKTVR", False),
)
CLASSIFIED = ((LONG[:20], True), ("W", True), ("MKTV<mask>R", False))

SMALL = {
    "model_type": "esm",
    "vocab_size": 33,
    "pad_token_id": 1,
    "mask_token_id": 32,
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "layer_norm_eps": 1e-5,
    "hidden_act": "gelu",
}
ROTARY = {**SMALL, "position_embedding_type": "rotary", "token_dropout": True, "max_position_embeddings": 1026}
ABSOLUTE = {**SMALL, "position_embedding_type": "absolute", "token_dropout": True, "max_position_embeddings": 43}
TINY = {**ROTARY, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 20}


@dataclass(frozen=True)
class Family:
    """One model, how it is stored, and its sequences."""

    name: str
    seed: int
    kind: type
    config: dict
    cases: tuple[tuple[str, bool], ...] = CASES
    half: bool = False  # float16 weights
    tied: bool = True  # the decoder's weight is not in the file
    inverse_frequencies: bool = False  # one for each layer, off the formula's values


FAMILY = (
    Family("esm2", 11, EsmForMaskedLM, {**ROTARY, "architectures": ["EsmForMaskedLM"]}, inverse_frequencies=True),
    Family(
        "esm1b",
        12,
        EsmForMaskedLM,
        {**ABSOLUTE, "architectures": ["EsmForMaskedLM"], "emb_layer_norm_before": True, "tie_word_embeddings": False},
        tied=False,
    ),
    # Saved without heads: names have no "esm.", there is a pooler, and the weights are float16.
    Family("esm1v", 13, EsmModel, {**ABSOLUTE, "emb_layer_norm_before": False}, half=True),
    # Tied by its configuration, but with a decoder weight in the file, which takes precedence.
    Family("untied", 14, EsmForMaskedLM, {**TINY, "token_dropout": False}, cases=CLASSIFIED, tied=False),
    Family(
        "regression",
        15,
        EsmForSequenceClassification,
        {**TINY, "architectures": ["EsmForSequenceClassification"], "problem_type": "regression", "num_labels": 1},
        cases=CLASSIFIED,
    ),
    Family(
        "single-label",
        16,
        EsmForSequenceClassification,
        {**TINY, "id2label": {"0": "cytosol", "1": "membrane", "2": "nucleus"}},
        cases=CLASSIFIED,
    ),
    Family(
        "multi-label",
        17,
        EsmForSequenceClassification,
        {**TINY, "problem_type": "multi_label_classification", "num_labels": 4},
        cases=CLASSIFIED,
    ),
    Family(
        "tokens",
        18,
        EsmForTokenClassification,
        {**TINY, "architectures": ["EsmForTokenClassification"], "id2label": {"0": "helix", "1": "strand", "2": "coil"}},
        cases=CLASSIFIED,
    ),
)


def plan(model: nn.Module, gain: float = 0.6) -> dict[str, Distribution]:
    """A distribution for every parameter; branches add `gain` times their input; the contact regression is
    steep enough to tell pairs apart."""
    result: dict[str, Distribution] = {}
    for name, parameter in model.named_parameters():
        if name == "lm_head.bias":
            result[name] = Distribution(0.0, 0.3)
        elif name.endswith("contact_head.regression.weight"):
            result[name] = Distribution(0.0, 8.0)
    head = getattr(model, "lm_head", None)
    if head is not None:  # a parameter outside any layer, which `distributions` does not know
        bias = head.bias
        del head.bias
    result = {**distributions(model, gain), **result}
    if head is not None:
        head.bias = bias
    return result


def write_model(family: Family, directory: Path) -> None:
    """Writes config.json and model.safetensors."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps(family.config, indent=2) + "\n")
    with torch.device("meta"):
        model = family.kind(EsmConfig(**family.config))
    entries = []
    drawn = plan(model)
    for name, tensor in model.state_dict().items():
        if name.endswith("inv_freq") or (name == "lm_head.decoder.weight" and family.tied):
            continue
        distribution = drawn.get(name, Distribution(0.0, 0.5))  # a tied decoder has no separate parameter
        array = draw(family.seed, name, tuple(tensor.shape), distribution)
        entries.append(whole(name, array.astype(np.float16) if family.half else array))
    if family.inverse_frequencies:
        width = family.config["hidden_size"] // family.config["num_attention_heads"]
        exact = 10000.0 ** (-np.arange(0, width, 2) / width)
        stored = exact * draw(family.seed, "inv_freq", exact.shape, Distribution(1.0, 0.05))
        for layer in range(family.config["num_hidden_layers"]):
            name = f"esm.encoder.layer.{layer}.attention.self.rotary_embeddings.inv_freq"
            entries.append(whole(name, stored.astype(np.float32)))
    write_safetensors(directory / "model.safetensors", entries, {"format": "pt"})


def tokenizer(tokens: list[str]) -> EsmTokenizer:
    """The reference's tokenizer for a list of tokens."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocab.txt"
        path.write_text("\n".join(tokens))
        return EsmTokenizer(str(path))


def outputs(model: nn.Module, ids: torch.Tensor) -> dict[str, torch.Tensor]:
    """All the reference's results for one sequence, without the batch dimension."""
    mask = torch.ones_like(ids)
    with torch.no_grad():
        result = model(ids, attention_mask=mask, output_hidden_states=True, output_attentions=True)
        esm = model if isinstance(model, EsmModel) else model.esm
        tensors = {f"hidden_states.{i}": state[0] for i, state in enumerate(result.hidden_states)}
        tensors["attentions"] = torch.stack([layer[0] for layer in result.attentions])
        if ids.shape[1] > 2:
            tensors["contacts"] = esm.predict_contacts(ids, mask)[0]
    if isinstance(model, EsmModel):
        tensors["pooled"] = result.pooler_output[0]
    else:
        tensors["logits"] = result.logits[0]
    return tensors


def make_family(family: Family, out: Path) -> bool:
    """Writes one model with its goldens; returns whether float32 agrees with float64."""
    directory = out / "family" / family.name
    write_model(family, directory)
    load = {"attn_implementation": "eager", "local_files_only": True}
    model = family.kind.from_pretrained(directory, dtype=torch.float32, **load).eval()
    exact = family.kind.from_pretrained(directory, dtype=torch.float32, **load).eval().double()
    tokens = tokenizer(VOCABULARY)
    entries, metadata, worst = [], {}, 0.0
    for number, (text, framed) in enumerate(family.cases):
        ids = torch.tensor([tokens(text, add_special_tokens=framed)["input_ids"]])
        metadata[f"{number}.tokens"] = " ".join(map(str, ids[0].tolist()))
        doubles = outputs(exact, ids)
        for name, tensor in outputs(model, ids).items():
            difference = (tensor.double() - doubles[name]).abs().max() / doubles[name].abs().max().clamp(min=1e-3)
            worst = max(worst, float(difference))
            entries.append(whole(f"{number}.{name}", tensor.float().numpy()))
    size = write_safetensors(directory / "goldens.safetensors", entries, metadata)
    print(f"{family.name}: {size} bytes, float32 within {worst:.1e} of float64")
    return worst <= DOUBLE_LIMIT and size < 200_000


SCORED = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELS"
VARIANTS = ("M1A", "K2R:T3A", "S33A", "A26A", "L32G:S33W:M1C")


def make_scores(out: Path) -> None:
    """The scores of one short sequence."""
    write_scores(out / "family" / "esm2" / "scores.safetensors", out, SCORED, VARIANTS)


def write_scores(path: Path, out: Path, sequence: str, variants: Sequence[str]) -> None:
    """Log-probabilities of the model "esm2" unmasked and with each residue masked, and scores of variants by three
    methods, each computed the long way: whole sequences, one at a time."""
    model = EsmForMaskedLM.from_pretrained(out / "family" / "esm2", dtype=torch.float32, local_files_only=True).eval()
    tokens = tokenizer(VOCABULARY)

    def log_probabilities(ids: list[int]) -> torch.Tensor:
        with torch.no_grad():
            return model(torch.tensor([ids])).logits[0].double().log_softmax(-1)

    def masked(ids: list[int]) -> torch.Tensor:
        rows = []
        for row in range(1, len(ids) - 1):
            rows.append(log_probabilities([*ids[:row], tokens.mask_token_id, *ids[row + 1 :]])[row])
        return torch.stack(rows)

    def likelihood(ids: list[int]) -> float:
        table = masked(ids)
        return sum(float(table[i, ids[i + 1]]) for i in range(len(table)))

    ids = tokens(sequence)["input_ids"]
    tables = {"wt-marginals": log_probabilities(ids)[1:-1], "masked-marginals": masked(ids)}
    scores: dict[str, list[float]] = {name: [] for name in (*tables, "pseudo-ll")}
    for variant in variants:
        changed = list(ids)
        changes = [(text[0], int(text[1:-1]), text[-1]) for text in variant.split(":")]
        for wild, number, mutant in changes:
            assert sequence[number - 1] == wild
            changed[number] = tokens.convert_tokens_to_ids(mutant)
        for name, table in tables.items():
            steps = [table[n - 1, tokens.convert_tokens_to_ids(m)] - table[n - 1, ids[n]] for _, n, m in changes]
            scores[name].append(float(sum(steps)))
        scores["pseudo-ll"].append(likelihood(changed) - likelihood(ids))
    entries = [whole(name, table.float().numpy()) for name, table in tables.items()]
    entries += [whole(f"scores.{name}", np.array(values, dtype=np.float32)) for name, values in scores.items()]
    metadata = {"sequence": sequence, "variants": " ".join(variants)}
    size = write_safetensors(path, entries, metadata)
    print(f"{path.name}: {size} bytes, pseudo-perplexity {np.exp(-likelihood(ids) / len(sequence)):.4f}")


TEXTS = (
    LONG, "ACDEFGHIKLMNPQRSTVWYXBUZO.-", "MK<mask>AC", "MK <mask> AC", "<mask><mask>", "<cls>MK<eos>", "M<pad>K", "M<unk>K",
    "M<null_1>.-K", "", " ", " MK ", "MK AC", "M\tK\nA\r\nC", "M\u00a0K", "M\u0085K", "M\u001cK", "mkv", "MKJJJAC", "M**K", "MKX1Z", "J",
    "J J", "KJ<mask>JK", "<MASK>", "<mas", "M<mask", "<<mask>>", "<mask", "mask>", "\u00e9", "M\u00e9\u00e8K", "\U0001f9ec", "<pad><pad>",
    "A<eos>B<cls>C", "M>K<", "<null_1><null_2>",
)


def make_tokenizer(out: Path) -> None:
    """Writes the reference tokenizer's results for odd texts, with the usual vocabulary and one in another order."""
    directory = out / "family" / "tokenizer"
    directory.mkdir(parents=True, exist_ok=True)
    for name, vocabulary in (("standard", VOCABULARY), ("shuffled", shuffled_vocabulary())):
        tokens = tokenizer(vocabulary)
        tokens.save_vocabulary(str(directory), name)
        cases = []
        for text in TEXTS:
            # The reference makes one <unk> for a run of unknown characters, the program one for each of them.
            pieces = [p for piece in tokens.tokenize(text) for p in ([piece] if piece in vocabulary else list(piece))]
            ids = tokens.convert_tokens_to_ids(pieces)
            framed = tokens.build_inputs_with_special_tokens(ids)
            own = tokens(text)["input_ids"]
            assert (own == framed) == (tokens.tokenize(text) == pieces), text
            cases.append(
                {
                    "text": text,
                    "pieces": pieces,
                    "ids": ids,
                    "framed": framed,
                    "mask": tokens.get_special_tokens_mask(ids),
                    "specials": tokens.get_special_tokens_mask(framed, already_has_special_tokens=True),
                    "decoded": tokens.decode(framed),
                    "shifts": own != framed,
                }
            )
        text = json.dumps({"cases": cases, "unknown_id": tokens.convert_ids_to_tokens(99)}, indent=1)
        (directory / f"{name}.json").write_text(text + "\n")
        print(f"tokenizer {name}: {len(cases)} texts, {sum(case['shifts'] for case in cases)} in which the reference shifts")
