"""Times embeddings of many records by ESM-2 models: transformers against esmfold, and esm-cpp where it can be had.

    Scripts/embed-vs-reference [--models 150M 650M] [--records N] [--batches 1 4 8 16] [--threads N] [--esmfold BINARY]

Records have 30 to 400 residues, random ones (seeded); weights are random, float32 as published (written once into
.bench/). esmfold's time is that of the whole command, from its start to the finished file of mean vectors. Of the
reference only the reading counts: it is loaded before, gets its records sorted by length, so that little is padded, and
the batch size that is fastest for it on every fifth record. It runs in float32 with its fastest attention. Resident memory is the peak
of the process; it is compared with the model's size in float16. Compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from program_runs import PROJECT, QUIET, MemoryWatch, available_threads, environment, esmfold_binary, import_model, run_esmfold

RESIDUES = "LAGVSERTIDPKQNFYMHWC"
PRECISIONS = ("fp32", "bf16")
GIB = 1 << 30
ESM_CPP = "esm-cpp==0.2.1"


def records(count: int) -> list[str]:
    """Random sequences; the same ones each time."""
    source = random.Random(0)
    return ["".join(source.choices(RESIDUES, k=source.randint(30, 400))) for _ in range(count)]


class Worker:
    """A program that reads sequences, loaded in a process of its own."""

    def __init__(self, kind: str, model: Path, threads: int) -> None:
        script = Path(__file__).with_name("embed_worker.py")
        # esm-cpp starts its own threads and has its own variable for their number.
        variables = environment(threads) | QUIET | {"ESM_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(
            [sys.executable, str(script), kind, str(model), str(threads)],
            env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.watch = MemoryWatch(self.process.pid)
        self.problem = self._answer().get("problem")

    def _answer(self) -> dict:
        line = self.process.stdout.readline() if self.process.stdout else ""
        return json.loads(line) if line else {"problem": f"exit status {self.process.wait()}"}

    def read(self, sequences: list[str], batch: int) -> float:
        """Seconds for all sequences, a batch at a time."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"sequences": sequences, "batch": batch}) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        if "seconds" not in answer:
            sys.exit(f"{answer['problem']}")
        return answer["seconds"]

    def close(self) -> int:
        """Ends the process; its peak of resident memory."""
        if self.process.stdin:
            self.process.stdin.close()
        self.watch.stop()
        self.process.wait()
        return self.watch.peak


def size_in_float16(model: Path) -> int:
    """Two bytes for each of the model's float32 values."""
    return (model / "model.safetensors").stat().st_size // 2


def line(name: str, seconds: float, reference: float, peak: int, residues: int) -> None:
    ratio = f"{reference / seconds:5.2f} x the reference" if seconds != reference else ""
    print(f"  {name:28} {seconds:8.2f} s {residues / seconds:9.0f} residues/s {peak / GIB:6.2f} GiB  {ratio}", flush=True)


def measure(size: str, arguments: argparse.Namespace, folder: Path) -> None:
    """Prints the table of one model."""
    model = folder / f"esm2-{size}"
    if not (model / "model.safetensors").exists():
        script = Path(__file__).with_name("random-language-model.py")
        subprocess.run([sys.executable, str(script), "--model", size, "--out", str(model)], check=True)
    binary = esmfold_binary(arguments.esmfold)
    cache = folder / f"esm2-{size}.h5"
    import_model(binary, model, cache, arguments.threads)
    sequences = records(arguments.records)
    residues = sum(map(len, sequences))
    by_length = sorted(sequences, key=len)
    half = size_in_float16(model)
    print(f"{size}: {len(sequences)} records, {residues} residues, {half / GIB:.2f} GiB in float16, {arguments.threads} threads")

    reference = Worker("transformers", model, arguments.threads)
    trials = {batch: reference.read(by_length[::5], batch) for batch in arguments.batches}
    best = min(trials, key=trials.__getitem__)
    theirs = reference.read(by_length, best)
    line(f"transformers, batches of {best}", theirs, theirs, reference.close(), residues)

    with tempfile.TemporaryDirectory(dir=folder) as out:
        fasta = Path(out) / "records.fasta"
        fasta.write_text("".join(f">r{i}\n{sequence}\n" for i, sequence in enumerate(sequences)))
        for precision in PRECISIONS:
            options = ["--model", str(cache), "--pool", "mean", "--precision", precision]
            options += ["--threads", str(arguments.threads), "-o", f"{out}/{precision}.h5"]
            run = run_esmfold(binary, ["embed", str(fasta), *options], arguments.threads)
            line(f"esmfold {precision}", run.seconds, theirs, run.peak_bytes, residues)
            within = run.peak_bytes <= half + GIB
            print(f"    resident memory {'within' if within else 'ABOVE'} the float16 size and 1 GiB")

    other = Worker("esm-cpp", model, arguments.threads)
    if other.problem:
        print(f"  esm-cpp: not measured: {other.problem}")
        other.close()
    else:
        seconds = other.read(by_length, arguments.records)
        line("esm-cpp 0.2.1, float32", seconds, theirs, other.close(), residues)


def install_esm_cpp() -> None:
    """Puts esm-cpp into the environment, without its pin of an older numpy; going without it is no error."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", ESM_CPP],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="embed-vs-reference", description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["150M", "650M"])
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 8, 16], help="batch sizes of the reference to try")
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
