"""Times embeddings of many records by ESM-2 models: transformers against esmfold, and esm-cpp where available.

    Scripts/embed-vs-reference [--models 150M 650M] [--records N] [--batches 1 2 4 8 16 32] [--threads N] [--esmfold BINARY]

Records have 30 to 400 random residues (seeded); weights are random, float32 as published (written once into
.bench/). esmfold's time is that of the whole command, from its start to the finished file of mean vectors. For the
reference only inference is timed: it is already loaded, gets its records sorted by length to minimise padding, and
uses the batch size that is fastest on every fifth record. It runs with its fastest attention, in float32 and in
bfloat16; each ratio is over the same precision of the reference and over its faster one. Both programs' vectors are
compared, and the script stops if they differ from the reference in float32. Resident memory is the peak of the
process; it is compared with the model's size in float16. Compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from program_runs import (
    PROJECT, QUIET, MemoryWatch, Run, available_threads, environment, esmfold_binary, import_model, run_esmfold,
)

RESIDUES = "LAGVSERTIDPKQNFYMHWC"
PRECISIONS = ("fp32", "bf16")
GIB = 1 << 30
ESM_CPP = "esm-cpp==0.2.1"
# Relative to the largest value: float32 differs in the order of sums, bfloat16 has 8 bits.
TOLERANCE = {"fp32": 2e-4, "bf16": 5e-2}
WORKER = Path(__file__).with_name("embed_worker.py")


def records(count: int) -> list[str]:
    """Random sequences; the same ones each time."""
    source = random.Random(0)
    return ["".join(source.choices(RESIDUES, k=source.randint(30, 400))) for _ in range(count)]


class Worker:
    """A program that embeds sequences, loaded in a separate process."""

    def __init__(self, kind: str, model: Path, threads: int) -> None:
        # esm-cpp starts its own threads and has its own variable for the thread count.
        variables = environment(threads) | QUIET | {"ESM_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), kind, str(model), str(threads)],
            env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.watch = MemoryWatch(self.process.pid)
        self.problem = self._answer().get("problem")

    def _answer(self) -> dict:
        line = self.process.stdout.readline() if self.process.stdout else ""
        return json.loads(line) if line else {"problem": f"exit status {self.process.wait()}"}

    def read(self, sequences: list[str], batch: int, save: Path | None = None) -> float:
        """Seconds for all sequences, a batch at a time; the vectors are saved to a file."""
        assert self.process.stdin
        request = {"sequences": sequences, "batch": batch, "save": str(save) if save else None}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        if "seconds" not in answer:
            sys.exit(f"{answer['problem']}")
        return answer["seconds"]

    def close(self) -> int:
        """Ends the process and returns its peak resident memory."""
        if self.process.stdin:
            self.process.stdin.close()
        self.watch.stop()
        self.process.wait()
        return self.watch.peak


def size_in_float16(model: Path) -> int:
    """Two bytes per float32 value of the model."""
    return (model / "model.safetensors").stat().st_size // 2


def line(name: str, seconds: float, peak: int, residues: int, references: dict[str, float]) -> None:
    ratios = ", ".join(f"{theirs / seconds:.2f} x {kind}" for kind, theirs in references.items())
    print(f"  {name:32} {seconds:8.2f} s {residues / seconds:9.0f} residues/s {peak / GIB:6.2f} GiB  {ratios}", flush=True)


def check(what: str, saved: Path, results: Path, dataset: str, names: list[str], tolerance: float) -> None:
    """Ends the script unless esmfold's vectors match those saved by the other program."""
    command = [sys.executable, str(WORKER), "compare", str(saved), str(results), dataset, *names]
    difference = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"    {what}: vectors differ by {difference:.1e} of the largest value")
    if not difference <= tolerance:
        sys.exit(f"{what}: found a difference of {difference}, expected at most {tolerance}")


def measure_reference(
    kind: str, model: Path, by_length: list[str], save: Path, arguments: argparse.Namespace
) -> float:
    """Seconds of the reference with its best batch size; prints its line."""
    reference = Worker(kind, model, arguments.threads)
    if reference.problem:
        sys.exit(f"{kind}: {reference.problem}")
    trials = {batch: reference.read(by_length[::5], batch) for batch in arguments.batches}
    best = min(trials, key=trials.__getitem__)
    seconds = reference.read(by_length, best, save)
    line(f"{kind}, batches of {best}", seconds, reference.close(), sum(map(len, by_length)), {})
    return seconds


def measure(size: str, arguments: argparse.Namespace, folder: Path) -> None:
    """Prints the table of one model."""
    model = folder / f"esm2-{size}"
    if not (model / "model.safetensors").exists():
        script = Path(__file__).with_name("random-language-model.py")
        subprocess.run([sys.executable, str(script), "--model", size, "--out", str(model)], check=True)
    binary = esmfold_binary(arguments.esmfold)
    cache = folder / f"esm2-{size}.h5"
    import_model(binary, model, cache, arguments.threads)
    layers = json.loads((model / "config.json").read_text())["num_hidden_layers"]
    named = {f"r{index}": sequence for index, sequence in enumerate(records(arguments.records))}
    residues = sum(map(len, named.values()))
    names = sorted(named, key=lambda name: len(named[name]))
    by_length = [named[name] for name in names]
    half = size_in_float16(model)
    print(f"{size}: {len(named)} records, {residues} residues, {half / GIB:.2f} GiB in float16, {arguments.threads} threads")

    with tempfile.TemporaryDirectory(dir=folder) as out:
        saved = Path(out) / "reference.npy"
        references = {
            "fp32": measure_reference("transformers", model, by_length, saved, arguments),
            "bf16": measure_reference("transformers-bf16", model, by_length, Path(out) / "bf16.npy", arguments),
        }
        references = {f"the reference's {kind}": seconds for kind, seconds in references.items()}
        fasta = Path(out) / "records.fasta"
        fasta.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in named.items()))

        def embed(results: str, records: Path, *options: str) -> Run:
            common = ["--model", str(cache), "--pool", "mean", "--threads", str(arguments.threads)]
            return run_esmfold(
                binary, ["embed", str(records), *common, *options, "-o", f"{out}/{results}"], arguments.threads)

        for precision in PRECISIONS:
            run = embed(f"{precision}.h5", fasta, "--precision", precision)
            line(f"esmfold {precision}", run.seconds, run.peak_bytes, residues, references)
            check(
                f"esmfold {precision}", saved, Path(out) / f"{precision}.h5", f"representations/{layers}", names,
                TOLERANCE[precision])
            within = run.peak_bytes <= half + GIB
            print(f"    resident memory {'within' if within else 'ABOVE'} the float16 size and 1 GiB")

        other = Worker("esm-cpp", model, arguments.threads)
        if other.problem:
            print(f"  esm-cpp: not measured: {other.problem}")
            other.close()
            return
        # It may be very slow, so only every fifth record is used.
        fifth = by_length[::5]
        seconds = other.read(fifth, len(fifth)) * residues / sum(map(len, fifth))
        some = names[::20]
        logits = Path(out) / "logits.npy"
        other.read([named[name] for name in some], len(some), logits)
        line("esm-cpp 0.2.1, a fifth, scaled", seconds, other.close(), residues, references)
        fasta.write_text("".join(f">{name}\n{named[name]}\n" for name in some))
        embed("logits.h5", fasta, "--include", "logits")
        check("esm-cpp and esmfold, logits", logits, Path(out) / "logits.h5", "logits", some, TOLERANCE["bf16"])


def install_esm_cpp() -> None:
    """Installs esm-cpp into the environment, without its pin of an older numpy; its absence is not an error."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", ESM_CPP],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="embed-vs-reference", description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["150M", "650M"])
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument(
        "--batches", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32], help="batch sizes of the reference to try")
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    arguments = parser.parse_args()
    install_esm_cpp()
    folder = PROJECT / ".bench"
    folder.mkdir(exist_ok=True)
    for size in arguments.models:
        measure(size, arguments, folder)


if __name__ == "__main__":
    main()
