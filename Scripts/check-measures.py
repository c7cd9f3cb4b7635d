"""Compares the loss and the measures of `esmfold classify --labels` with transformers, scikit-learn and SciPy.

    "$(Scripts/python-env)" Scripts/check-measures.py [--esmfold BINARY] [--records N]

Random proteins with random labels are classified with the small random models of Tests/Fixtures, one for each kind of
problem. The loss is that of the reference's `forward(labels=…)` for all records as one padded batch; the measures are
computed from the reference's logits. Degenerate labels are tried too: a class that is absent, one class only, constant
numbers, one record; what is not defined there must be NA.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

from golden_family import VOCABULARY, tokenizer
from golden_inputs import IGNORED, load, number, of_flags, of_labels, of_numbers, padded, random
from program_runs import PROJECT, QUIET, esmfold_binary

TOLERANCE = {"loss": 2e-5, "mse": 2e-5}  # relative
OTHERS = 2e-4  # relative; two logits that are nearly the same may change their ranks
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


class Check:
    """Runs the program and counts what differs."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.binary, self.folder = binary, folder
        self.values = self.failures = 0

    def run(self, model: str, sequences: list[str], labels: list[str]) -> dict[str, float | None]:
        fasta, file = self.folder / "in.fasta", self.folder / "labels.tsv"
        fasta.write_text("".join(f">p{i}\n{sequence}\n" for i, sequence in enumerate(sequences)))
        file.write_text("name\tlabel\n" + "".join(f"p{i}\t{label}\n" for i, label in enumerate(labels)))
        command = [self.binary, "classify", fasta, "--model", PROJECT / "Tests" / "Fixtures" / "family" / model]
        command += ["--labels", file, "--format", "json", "-q"]
        environment = os.environ | {"ESMFOLD_CACHE": str(self.folder / "cache")}
        output = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
        return json.loads(output)

    def __call__(self, what: str, found: dict, expected: dict[str, float | None]) -> None:
        for name, value in expected.items():
            self.values += 1
            given = found[name]
            if given is None or value is None:
                good = given is None and value is None
            else:
                good = abs(given - value) <= TOLERANCE.get(name, OTHERS) * max(1, abs(value))
            if not good:
                self.failures += 1
                print(f"{what}: {name}: {given}, expected {value}")


class Batch:
    """Sequences as the reference reads them: padded."""

    def __init__(self, sequences: list[str]) -> None:
        self.tokens = [tokenizer(VOCABULARY)(text)["input_ids"] for text in sequences]
        self.ids = padded(self.tokens, 1)
        self.mask = padded([[1] * len(row) for row in self.tokens], 0)

    def read(self, model: torch.nn.Module, labels: torch.Tensor) -> tuple[float, np.ndarray]:
        with torch.no_grad():
            result = model(self.ids, attention_mask=self.mask, labels=labels)
        return float(result.loss), result.logits.numpy()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    parser.add_argument("--records", type=int, default=60)
    arguments = parser.parse_args()
    os.environ |= QUIET
    warnings.simplefilter("ignore")
    draw, out = random(23), PROJECT / "Tests" / "Fixtures"

    def proteins(count: int) -> list[str]:
        return ["".join(draw.choice(list(RESIDUES), draw.integers(5, 40))) for _ in range(count)]

    with tempfile.TemporaryDirectory() as folder:
        check = Check(esmfold_binary(arguments.esmfold), Path(folder))
        for what, count, classes in (
            ("random labels", arguments.records, 3), ("a class that is absent", arguments.records, 2),
            ("one class", 9, 1), ("one record", 1, 3),
        ):
            sequences = proteins(count)
            batch, truth = Batch(sequences), draw.integers(0, classes, count).tolist()
            loss, logits = batch.read(load("single-label", out), torch.tensor(truth))
            names = ["cytosol", "membrane", "nucleus"]
            expected = {key: number(value) for key, value in of_labels(logits, truth).items()} | {"loss": loss}
            check(what, check.run("single-label", sequences, [names[i] for i in truth]), expected)

        sequences = proteins(arguments.records)
        batch = Batch(sequences)
        for what, limit in (("several labels", 4), ("a label that never holds", 3)):
            flags = draw.integers(0, 2, (len(sequences), 4))
            flags[:, limit:] = 0
            loss, logits = batch.read(load("multi-label", out), torch.tensor(flags).float())
            expected = {key: number(value) for key, value in of_flags(logits, flags).items()} | {"loss": loss}
            check(what, check.run("multi-label", sequences, [" ".join(map(str, row)) for row in flags]), expected)

        numbers = draw.normal(0, 2, len(sequences)).astype(np.float32)
        for what, truth in (
            ("numbers", numbers), ("numbers with ties", numbers.round()), ("the same number", np.full_like(numbers, 2)),
        ):
            loss, logits = batch.read(load("regression", out), torch.tensor(truth))
            measures = of_numbers(logits, truth[:, None])
            expected = {key: number(value) for key, value in measures.items()} | {"loss": loss}
            check(what, check.run("regression", sequences, [str(float(x)) for x in truth]), expected)

        residues = [draw.integers(0, 3, len(text)).tolist() for text in sequences]
        residues = [[x if draw.random() < 0.9 else IGNORED for x in row] for row in residues]
        labels = padded([[IGNORED, *row, IGNORED] for row in residues], IGNORED)
        loss, logits = batch.read(load("tokens", out), labels)
        counted = labels != IGNORED
        expected = of_labels(logits[counted.numpy()], labels[counted].tolist()) | {"loss": loss}
        letters = ["".join("-" if x == IGNORED else str(x) for x in row) for row in residues]
        check("residues", check.run("tokens", sequences, letters), expected)
    print(f"{check.values} values compared, {check.failures} differ")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
