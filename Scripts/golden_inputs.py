"""Fixtures of inputs, labels and measures: the reference's results for embeddings, positions and masks, its losses,
pairs of sequences, and what scikit-learn and SciPy say of outputs and labels.

Imported by goldens.py; not a program. The models are those of golden_family.py.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from sklearn import metrics
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from transformers import EsmModel

from golden_family import FAMILY, tokenizer
from golden_models import shuffled_vocabulary
from reference_support import VOCABULARY, Entry, whole, write_safetensors

LOAD = {"attn_implementation": "eager", "local_files_only": True, "dtype": torch.float32}
IGNORED = -100


def load(name: str, out: Path, **changes: object) -> torch.nn.Module:
    family = next(family for family in FAMILY if family.name == name)
    return family.kind.from_pretrained(out / "family" / name, **LOAD, **changes).eval()


def random(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def number(value: float | None) -> float | None:
    """JSON has no NaN."""
    return None if value is None or math.isnan(value) else float(value)


# === Inputs ===

TEXT = "MK<mask>VRQ"
MASK = [1, 1, 0, 1, 1, 0, 1, 1]
# Model, whether embeddings enter, positions, mask.
INPUTS = (
    ("esm2", False, [3, 4, 5, 100, 101, 102, 7, -2], None),
    ("esm2", False, None, MASK),
    ("esm2", False, [9, 8, 7, 6, 5, 4, 3, 300], [1, 0, 0, 0, 0, 0, 0, 1]),
    ("esm2", True, None, None),
    ("esm2", True, [0, 50, 51, 52, 53, 54, 55, 56], MASK),
    ("esm1b", False, [42, 0, 7, 7, 2, 1, 30, 3], None),
    ("esm1b", False, None, MASK),
    ("esm1b", True, None, None),
    ("esm1v", True, None, [0, 1, 1, 1, 1, 1, 1, 0]),
    ("untied", False, None, [1, 1, 1, 1, 1, 1, 0, 0]),
    ("single-label", True, None, None),
    ("single-label", False, [5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 0, 0, 1, 1, 1, 1]),
    ("tokens", True, None, MASK),
)


def make_inputs(out: Path) -> None:
    """What EsmModel and its heads make of embeddings, positions and masks."""
    entries: list[Entry] = []
    metadata: dict[str, str] = {}
    ids = torch.tensor([tokenizer(VOCABULARY)(TEXT)["input_ids"]])
    for case, (name, embeds, positions, mask) in enumerate(INPUTS):
        model = load(name, out)
        width = model.config.hidden_size
        kept = torch.ones_like(ids) if mask is None else torch.tensor([mask])
        words = {"position_ids": None if positions is None else torch.tensor([positions]), "attention_mask": kept}
        metadata[f"{case}.model"] = name
        if positions is not None:
            metadata[f"{case}.positions"] = " ".join(map(str, positions))
        if mask is not None:
            metadata[f"{case}.mask"] = " ".join(map(str, mask))
        tensors: dict[str, torch.Tensor] = {}
        with torch.no_grad():
            if embeds:
                states = torch.from_numpy(random(100 + case).standard_normal((1, ids.shape[1], width), np.float32))
                tensors["embeddings"] = states[0]
                result = model(inputs_embeds=states, output_hidden_states=True, output_attentions=True, **words)
            else:
                metadata[f"{case}.tokens"] = " ".join(map(str, ids[0].tolist()))
                result = model(ids, output_hidden_states=True, output_attentions=True, **words)
                if positions is None:
                    esm = model if isinstance(model, EsmModel) else model.esm
                    tensors["contacts"] = esm.predict_contacts(ids, kept)[0]
        last = len(result.hidden_states) - 1
        tensors |= {f"hidden_states.{i}": result.hidden_states[i][0] for i in (0, last)}
        tensors["attentions"] = torch.stack([layer[0] for layer in result.attentions])
        if isinstance(model, EsmModel):
            tensors["pooled"] = result.pooler_output[0]
        else:
            tensors["logits"] = result.logits[0]
        entries += [whole(f"{case}.{key}", value.float().numpy()) for key, value in tensors.items()]
    esm2 = load("esm2", out)
    entries.append(whole("words", esm2.get_input_embeddings()(ids[0]).detach().numpy()))
    metadata["words"] = " ".join(map(str, ids[0].tolist()))
    print(f"inputs: {write_safetensors(out / 'family' / 'inputs.safetensors', entries, metadata)} bytes")


# === Losses ===

BATCH = ("MKTVRQERLK", "W", "MK<mask>VR", "GIVEQCCTSICSLYQ")


def padded(lists: list[list[int]], filler: int) -> torch.Tensor:
    longest = max(map(len, lists))
    return torch.tensor([values + [filler] * (longest - len(values)) for values in lists])


def make_losses(out: Path) -> None:
    """`forward(labels=…).loss` of padded batches, for each head and problem."""
    tokens = [tokenizer(VOCABULARY)(text)["input_ids"] for text in BATCH]
    ids, mask = padded(tokens, 1), padded([[1] * len(row) for row in tokens], 0)
    draw = random(7)
    cases: list[dict] = []

    def add(name: str, labels: list, tensor: torch.Tensor, **changes: object) -> None:
        model = load(name, out, **changes)
        with torch.no_grad():
            loss = model(ids, attention_mask=mask, labels=tensor).loss
        problem = model.config.problem_type
        cases.append({"model": name, "problem": problem, "labels": labels, "loss": number(float(loss))})

    for name in ("esm2", "esm1b", "untied"):
        labels = [
            [int(x) if draw.random() < 0.4 else IGNORED for x in draw.integers(0, 33, len(row))] for row in tokens
        ]
        add(name, labels, padded(labels, IGNORED))
    nothing = [[IGNORED] * len(row) for row in tokens]
    add("esm2", nothing, padded(nothing, IGNORED))
    inner = [
        [int(x) if draw.random() < 0.8 else IGNORED for x in draw.integers(0, 3, len(row) - 2)] for row in tokens
    ]
    labels = [[IGNORED, *row, IGNORED] for row in inner]
    add("tokens", labels, padded(labels, IGNORED))
    add("tokens", nothing, padded(nothing, IGNORED))
    for indices in ([2, 0, 1, 2], [0, IGNORED, IGNORED, 1], [IGNORED] * 4):
        add("single-label", indices, torch.tensor(indices))
    flags = [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    add("single-label", flags, torch.tensor(flags))  # inferred from the type of the labels
    flags = [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.25, 0.0], [0.0] * 4, [1.0] * 4]
    add("multi-label", flags, torch.tensor(flags))
    numbers = [[-1.5], [0.25], [3.0], [0.0]]
    add("regression", numbers, torch.tensor(numbers)[:, 0])
    add("regression", numbers, torch.tensor(numbers)[:, 0], problem_type=None)
    several = draw.normal(0, 2, (4, 4)).astype(np.float32).tolist()
    add("multi-label", several, torch.tensor(several), problem_type="regression")
    text = json.dumps({"tokens": tokens, "cases": cases}, indent=1)
    (out / "family" / "losses.json").write_text(text + "\n")
    print(f"losses: {len(cases)} batches, {len(text)} bytes")


# === Pairs ===

PAIRS = (("MKTV", "GIVEQ"), ("A", "W"), ("", "MK"), ("MK", ""), ("", ""), ("M<mask>K", "<eos>X"), ("MK<cls>", "M K"))


def make_pairs(out: Path) -> None:
    """Two sequences in one, by EsmTokenizer."""
    cases = {}
    for name, vocabulary in (("standard", VOCABULARY), ("shuffled", shuffled_vocabulary())):
        tokens = tokenizer(vocabulary)
        cases[name] = []
        for first, second in PAIRS:
            one, two = (tokens.convert_tokens_to_ids(tokens.tokenize(text)) for text in (first, second))
            case = {
                "first": first,
                "second": second,
                "ids": tokens.build_inputs_with_special_tokens(one, two),
                "types": tokens.create_token_type_ids_from_sequences(one, two),
                "types_of_first": tokens.create_token_type_ids_from_sequences(one),
                "mask": tokens.get_special_tokens_mask(one, two),
            }
            encoded = tokens(first, second, return_token_type_ids=True, return_special_tokens_mask=True)
            assert encoded["input_ids"] == case["ids"] and encoded["token_type_ids"] == case["types"], (first, second)
            assert encoded["special_tokens_mask"] == case["mask"], (first, second)
            cases[name].append(case)
    (out / "family" / "tokenizer" / "pairs.json").write_text(json.dumps(cases, indent=1) + "\n")


# === Measures ===


def of_labels(logits: np.ndarray, truth: list[int]) -> dict[str, float | None]:
    """Measures of items with one label each."""
    classes = logits.shape[1]
    found = logits.argmax(1)
    probabilities = torch.tensor(logits).double().softmax(1).numpy()
    if classes == 2:
        auroc = metrics.roc_auc_score(truth, probabilities[:, 1])
    else:
        auroc = metrics.roc_auc_score(truth, probabilities, multi_class="ovr", labels=list(range(classes)))
    return {
        "loss": float(cross_entropy(torch.tensor(logits).double(), torch.tensor(truth))),
        "accuracy": metrics.accuracy_score(truth, found),
        "macro_f1": metrics.f1_score(truth, found, average="macro", zero_division=0),
        "mcc": metrics.matthews_corrcoef(truth, found),
        "auroc": auroc,
    }


def of_flags(logits: np.ndarray, truth: np.ndarray) -> dict[str, float | None]:
    """Measures of items of which any number of labels holds."""
    found = (logits > 0).astype(int)
    columns = range(logits.shape[1])
    return {
        "loss": float(binary_cross_entropy_with_logits(torch.tensor(logits).double(), torch.tensor(truth).double())),
        "accuracy": metrics.accuracy_score(truth, found),
        "macro_f1": metrics.f1_score(truth, found, average="macro", zero_division=0),
        "mcc": float(np.mean([metrics.matthews_corrcoef(truth[:, i], found[:, i]) for i in columns])),
        "auroc": float(np.mean([metrics.roc_auc_score(truth[:, i], logits[:, i]) for i in columns])),
    }


def of_numbers(outputs: np.ndarray, truth: np.ndarray) -> dict[str, float | None]:
    """Measures of a regression; of several outputs the mean over them."""

    def mean(measure: Callable) -> float:
        if len(truth) < 2:
            return math.nan
        pairs = [(truth[:, i].astype(np.float64), outputs[:, i].astype(np.float64)) for i in range(truth.shape[1])]
        return float(np.mean([measure(x, y).statistic for x, y in pairs]))

    return {
        "loss": float(mse_loss(torch.tensor(outputs).double(), torch.tensor(truth).double())),
        "mse": metrics.mean_squared_error(truth.astype(np.float64), outputs.astype(np.float64)),
        "pearson": mean(stats.pearsonr),
        "spearman": mean(stats.spearmanr),
    }


def make_measures(out: Path) -> None:
    """Measures of random outputs and of degenerate ones."""
    draw = random(11)
    cases: list[dict] = []

    def floats(*shape: int) -> np.ndarray:
        """With two decimals, so that there are ties."""
        return draw.normal(0, 1.5, shape).round(2).astype(np.float32)

    def add(what: str, problem: str, outputs: np.ndarray, truth: list | np.ndarray) -> None:
        measure = {"single": of_labels, "multi": of_flags, "regression": of_numbers}[problem]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = {name: number(value) for name, value in measure(outputs, truth).items()}
        truth = truth if isinstance(truth, list) else truth.tolist()
        cases.append({"what": what, "problem": problem, "outputs": outputs.tolist(), "truth": truth} | expected)

    def classes(count: int, items: int) -> list[int]:
        return draw.integers(0, count, items).tolist()

    add("three classes", "single", floats(40, 3), classes(3, 40))
    add("two classes", "single", floats(30, 2), classes(2, 30))
    scores = floats(25, 2)
    scores[:, 0] = 0
    add("two classes, scores that are the same", "single", scores.round(0), classes(2, 25))
    add("ties of two logits go to the first", "single", np.zeros((6, 3), np.float32), [0, 1, 2, 2, 0, 0])
    add("a class that is never true", "single", floats(20, 3), classes(2, 20))
    low = floats(20, 4)
    low[:, 3] = -9
    add("a class that is neither true nor found", "single", low, classes(3, 20))
    add("one class only", "single", floats(8, 2), [1] * 8)
    constant = np.tile(np.float32([3, 0, 0]), (9, 1))
    add("always the same class", "single", constant, [0, 1, 2, 0, 1, 2, 1, 1, 0])
    add("always right", "single", 5 * np.eye(3, dtype=np.float32)[[0, 1, 2, 1]], [0, 1, 2, 1])
    add("one item", "single", floats(1, 3), [2])
    add("logits far apart", "single", np.float32([[800, 0], [-700, 90], [3, 2], [1, 4]]), [0, 0, 1, 1])
    add("several labels", "multi", floats(30, 4), draw.integers(0, 2, (30, 4)))
    flags = draw.integers(0, 2, (12, 3))
    flags[:, 1] = 0
    add("a label that never holds", "multi", floats(12, 3), flags)
    always = draw.integers(0, 2, (12, 3))
    always[:, 2] = 1
    add("a label that always holds", "multi", floats(12, 3), always)
    quiet = floats(12, 2)
    quiet[:, 0] = -abs(quiet[:, 0]) - 1
    silent = draw.integers(0, 2, (12, 2))
    silent[:, 0] = 0
    add("a label that neither holds nor is found", "multi", quiet, silent)
    add("logits of zero", "multi", np.zeros((5, 2), np.float32), np.array([[0, 1], [1, 0], [1, 1], [0, 0], [1, 0]]))
    add("numbers", "regression", floats(30, 1), floats(30, 1))
    add("numbers with many ties", "regression", floats(30, 1).round(0), floats(30, 1).round(0))
    add("two outputs", "regression", floats(15, 2), floats(15, 2))
    add("the same label everywhere", "regression", floats(9, 1), np.full((9, 1), 2.5, np.float32))
    add("the same output everywhere", "regression", np.full((9, 1), -0.1, np.float32), floats(9, 1))
    add("two items", "regression", np.float32([[1], [2]]), np.float32([[5], [3]]))
    add("one number", "regression", np.float32([[1]]), np.float32([[5]]))
    add("small differences of large numbers", "regression", 1000 + floats(20, 1), 5000 + floats(20, 1))
    (out / "family" / "measures.json").write_text(json.dumps(cases) + "\n")
    print(f"measures: {len(cases)} cases")
