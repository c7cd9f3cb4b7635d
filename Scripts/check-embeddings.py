"""Reads the output of `esmfold embed` with h5py and numpy and compares it with transformers.

    "$(Scripts/python-env)" Scripts/check-embeddings.py [--model DIR] [--esmfold BINARY]

The default model is the small random ESM-2 of Tests/Fixtures. Checks both formats, both number types, all layers,
pooling, contacts, logits and attention maps, names and attributes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import torch
from transformers import EsmForMaskedLM

from golden_family import VOCABULARY, tokenizer
from program_runs import PROJECT, esmfold_binary

TOLERANCE = {"float32": 2e-4, "float16": 2e-3}  # of a tensor's largest magnitude
RECORDS = {"one": "MKTVRQERLKSIVRILERSKEPVSGAQLAEELS", "two": "MK<mask>VRQXUZB", "three": "W"}


def reference(model: EsmForMaskedLM, sequence: str) -> dict[str, np.ndarray]:
    """Every possible output, by the name of its dataset."""
    ids = torch.tensor([tokenizer(VOCABULARY)(sequence)["input_ids"]])
    mask = torch.ones_like(ids)
    with torch.no_grad():
        result = model(ids, attention_mask=mask, output_hidden_states=True, output_attentions=True)
        contacts = model.esm.predict_contacts(ids, mask)[0]
    values = {f"representations/{i}": state[0, 1:-1] for i, state in enumerate(result.hidden_states)}
    values |= {"contacts": contacts, "logits": result.logits[0, 1:-1]}
    values["attentions"] = torch.stack([layer[0] for layer in result.attentions])
    return {name: value.numpy() for name, value in values.items()}


class Check:
    """Counts agreements and differences."""

    def __init__(self) -> None:
        self.arrays = self.failures = 0

    def __call__(self, what: str, found: np.ndarray, expected: np.ndarray, kind: str) -> None:
        self.arrays += 1
        difference = np.abs(found.astype(np.float64) - expected).max() if found.shape == expected.shape else np.inf
        if found.dtype != kind or difference > TOLERANCE[kind] * np.abs(expected).max():
            self.failures += 1
            print(f"{what}: {found.dtype} {found.shape}, expected {kind} {expected.shape}, difference {difference}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=PROJECT / "Tests" / "Fixtures" / "family" / "esm2")
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    arguments = parser.parse_args()
    binary = esmfold_binary(arguments.esmfold)
    load = {"dtype": torch.float32, "attn_implementation": "eager", "local_files_only": True}
    model = EsmForMaskedLM.from_pretrained(arguments.model, **load).eval()
    expected = {name: reference(model, sequence) for name, sequence in RECORDS.items()}
    check = Check()
    with tempfile.TemporaryDirectory() as folder:
        fasta = Path(folder) / "in.fasta"
        fasta.write_text("".join(f">{name} é\n{sequence}\n" for name, sequence in RECORDS.items()))

        def embed(out: str, *options: str) -> Path:
            command = [binary, "embed", fasta, "-o", f"{folder}/{out}", "--model", arguments.model, "-q", *options]
            subprocess.run(command, check=True, env=os.environ | {"ESMFOLD_CACHE": f"{folder}/cache"})
            return Path(folder) / out

        for kind in TOLERANCE:
            everything = ("--layers", "all", "--include", "contacts,logits,attentions", "--dtype", kind)
            with h5py.File(embed(f"{kind}.h5", *everything)) as file:
                assert sorted(file) == sorted(RECORDS), list(file)
                for name, values in expected.items():
                    attributes = dict(file[name].attrs)
                    assert attributes == {"original_id": f"{name} é", "sequence": RECORDS[name]}, attributes
                    for path, value in values.items():
                        check(f"{kind}.h5/{name}/{path}", file[name][path][:], value, kind)
            arrays = embed(f"{kind}", *everything, "--format", "npy")
            for name, values in expected.items():
                layers = np.stack([v for path, v in values.items() if path.startswith("representations")])
                check(f"{kind}/{name}.npy", np.load(arrays / f"{name}.npy"), layers, kind)
                for extra in ("contacts", "logits", "attentions"):
                    check(f"{kind}/{name}.{extra}.npy", np.load(arrays / f"{name}.{extra}.npy"), values[extra], kind)
        for pool, reduce in (("mean", lambda v: v.mean(0)), ("max", lambda v: v.max(0))):
            with h5py.File(embed(f"{pool}.h5", "--pool", pool, "--layers", "1")) as file:
                for name, values in expected.items():
                    found = file[name]["representations/1"][:]
                    check(f"{pool}.h5/{name}", found, reduce(values["representations/1"]), "float32")
    print(f"{check.arrays} arrays read back, {check.failures} differ")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
