"""Shows that transformers loads the output of `esmfold weights export` and computes the same with it.

    "$(Scripts/python-env)" Scripts/check-export.py [MODEL...] [--esmfold BINARY]

MODEL is a folder with config.json and model.safetensors, or one of Meta's .pt files; the default is the small random
models of Tests/Fixtures. Each is imported into a separate cache and exported. Then the export is loaded with the
matching class and with AutoTokenizer. Checks: keys are missing or unexpected only if they are for the original, too;
every tensor is bit-identical to the original; token ids are the same, and so are results up to the order of sums (a
tensor's address affects PyTorch's choice of kernel). In a .pt file, which transformers cannot load, only buffers may be
missing, and the contact head of models that never had one; the model must run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors import safe_open
from transformers import AutoTokenizer

from program_runs import PROJECT, esmfold_binary

FIXTURES = PROJECT / "Tests" / "Fixtures"
MODELS = [
    *(FIXTURES / "family" / name for name in (
        "esm2", "esm1b", "esm1v", "untied", "single-label", "multi-label", "regression", "tokens")),
    *(FIXTURES / "folding" / f"folding-{letter}" for letter in "abcd"),
    *(FIXTURES / "torch" / "fair-esm" / f"{name}_tiny.pt" for name in ("esm2", "esm1b", "esm1v")),
    FIXTURES / "torch" / "esmfold" / "esmfold_tiny.pt",
]
SEQUENCE = "MKTVRQERLKSIVRILERSKEPV"
TOLERANCE = 2e-6  # relative to a result's largest magnitude, at least 1: the order of sums differs


def run(binary: Path, cache: Path, *words: str) -> str:
    """The program's output; if it fails, so does the script."""
    environment = os.environ | {"ESMFOLD_CACHE": str(cache)}
    return subprocess.run([binary, *words], check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


def model_class(folder: Path) -> type:
    """The transformers class for a checkpoint, from its contents."""
    with safe_open(folder / "model.safetensors", "pt") as file:
        keys = set(file.keys())
    if json.loads((folder / "config.json").read_text()).get("is_folding_model"):
        name = "EsmForProteinFolding"
    elif "classifier.out_proj.weight" in keys:
        name = "EsmForSequenceClassification"
    elif "classifier.weight" in keys:
        name = "EsmForTokenClassification"
    elif any(key.startswith("lm_head.") for key in keys):
        name = "EsmForMaskedLM"
    else:
        name = "EsmModel"
    return getattr(transformers, name)


def load(folder: Path) -> tuple[torch.nn.Module, dict]:
    """A model in float32, ready to run, and what transformers reports about its keys."""
    model, info = model_class(folder).from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    return model.eval(), {kind: sorted(info[kind]) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")}


def results(model: torch.nn.Module, tokenizer) -> dict[str, torch.Tensor]:
    """The tensors that a model computes for a sequence."""
    folds = model.config.is_folding_model
    with torch.no_grad():
        # A folding model takes residues in AlphaFold's order, without special tokens: it adds its own.
        found = model.infer([SEQUENCE]) if folds else model(**tokenizer(SEQUENCE, return_tensors="pt"))
    return {name: value for name, value in found.items() if isinstance(value, torch.Tensor)}


def check(source: Path, export: Path) -> list[str]:
    """The faults of an export."""
    faults = []
    model, info = load(export)
    tokenizer = AutoTokenizer.from_pretrained(export)
    tokens = (export / "vocab.txt").read_text().split("\n")
    expected = [tokens.index(token) for token in ["<cls>", *SEQUENCE, "<eos>"]]
    if tokenizer(SEQUENCE)["input_ids"] != expected or type(tokenizer).__name__ != "EsmTokenizer":
        faults.append(f"AutoTokenizer: {type(tokenizer).__name__} gives {tokenizer(SEQUENCE)['input_ids']}")
    if source.suffix == ".pt":
        buffers = {name for name, _ in model.named_buffers()}
        # ESM-1v and ESMFold's language model have no contact head; transformers initialises one randomly.
        known = buffers | {f"esm.contact_head.regression.{name}" for name in ("weight", "bias")}
        missing = [key for key in info["missing_keys"] if key not in known]
        if missing or info["unexpected_keys"] or info["mismatched_keys"]:
            faults.append(f"keys: {info}")
        results(model, tokenizer)
        return faults
    original, original_info = load(source)
    if info != original_info:
        faults.append(f"keys: {info}, of the original {original_info}")
    with safe_open(source / "model.safetensors", "pt") as a, safe_open(export / "model.safetensors", "pt") as b:
        if set(a.keys()) != set(b.keys()):
            faults.append(f"names: {set(a.keys()) ^ set(b.keys())}")
        for name in set(a.keys()) & set(b.keys()):
            x, y = a.get_tensor(name), b.get_tensor(name)
            if x.dtype != y.dtype or x.shape != y.shape or not torch.equal(x, y):
                faults.append(f"{name}: differs")
        if b.metadata() != {"format": "pt"}:
            faults.append(f"metadata: {b.metadata()}")
    found, wanted = results(model, tokenizer), results(original, tokenizer)
    if found.keys() != wanted.keys():
        faults.append(f"results: {sorted(found)}, of the original {sorted(wanted)}")
    for name in found.keys() & wanted.keys():
        x, y = found[name].double(), wanted[name].double()
        difference = (x - y).abs().max().item() if x.shape == y.shape else float("inf")
        if not difference <= TOLERANCE * max(1, y.abs().max().item()):
            faults.append(f"{name}: difference {difference}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL")
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    options = parser.parse_args()
    binary = esmfold_binary(options.esmfold)
    transformers.logging.set_verbosity_error()
    failures = 0
    for source in options.models or MODELS:
        with tempfile.TemporaryDirectory() as scratch:
            cache, export = Path(scratch) / "cache", Path(scratch) / "export"
            run(binary, cache, "weights", "import", str(source), "--name", "model")
            run(binary, cache, "weights", "export", "model", "-o", str(export))
            faults = check(source, export)
            name = model_class(export).__name__
        print(f"{source.name}: {name}: {'ok' if not faults else f'{len(faults)} faults'}")
        for fault in faults:
            print(f"  {fault}")
        failures += bool(faults)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
