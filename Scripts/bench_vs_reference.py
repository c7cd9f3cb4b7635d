"""Times one pass of a 48-block trunk of facebook/esmfold_v1's sizes: transformers against esmfold.

    Scripts/bench-vs-reference [--lengths 64 128 ...] [--repeats N] [--threads N] [--esmfold BINARY]

The checkpoint (random weights, small stem, 2.8 GB) is written once into .bench/. The reference is timed with its
default and with chunk_size 16 and 64; the fastest of the three counts. The programs take turns, so that a machine
shared with others is unfair to neither; medians are printed, with GFLOP/s by the operations that the model needs and
the speed of a large float32 product of the same run. Compare ratios, not seconds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

from program_runs import (
    PROJECT,
    Reference,
    Stage,
    available_threads,
    esmfold_binary,
    import_model,
    run_esmfold,
)

BLOCKS = 48
SEQUENCE_DIM, PAIR_DIM, SEQUENCE_HEADS, PAIR_HEADS = 1024, 128, 32, 4
CHUNKS = (None, 16, 64)
RESIDUES = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELSVSRQVIVQDIAYLRSLGYNIVATPRGYVLAGG"


def trunk_operations(length: int) -> int:
    """Floating-point operations of a trunk pass: two for every multiplication and addition of its products."""
    c, s = PAIR_DIM, SEQUENCE_DIM
    triangle_multiplication = 2 * 6 * c * c + 2 * length * c
    triangle_attention = 2 * 5 * c * c + 4 * length * c + 2 * c * PAIR_HEADS
    transition = 2 * 2 * 4 * c * c
    between = 2 * c * c + 2 * c * SEQUENCE_HEADS  # sequence to pair, pair to sequence
    pair = length * length * (2 * triangle_multiplication + 2 * triangle_attention + transition + between)
    attention = 2 * 5 * s * s + 4 * length * s
    sequence = length * (attention + 2 * 2 * 4 * s * s + 2 * s * c)
    return BLOCKS * (pair + sequence)


def last_trunk_pass(stages: list[Stage], passes: int) -> float:
    """The seconds of the last of so many trunk passes."""
    seconds = [value for stage, _, value in stages if stage == "trunk"]
    if len(seconds) != passes:
        sys.exit(f"expected {passes} timed trunk passes, found {len(seconds)} among {stages}")
    return seconds[-1]


def checkpoint(folder: Path) -> Path:
    """The benchmark's model, written when it is not there yet."""
    directory = folder / "trunk48"
    if not (directory / "model.safetensors").exists():
        script = Path(__file__).with_name("random-checkpoint.py")
        options = ["--blocks", str(BLOCKS), "--stem-layers", "2", "--stem-hidden", "64"]
        subprocess.run([sys.executable, str(script), "--out", str(directory), *options], check=True)
    return directory


class Bench:
    """Both programs, ready to fold."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        folder = PROJECT / ".bench"
        folder.mkdir(exist_ok=True)
        self.threads = arguments.threads
        self.repeats = arguments.repeats
        self.folder = folder
        self.binary = esmfold_binary(arguments.esmfold)
        model = checkpoint(folder)
        self.cache = folder / "trunk48.h5"
        import_model(self.binary, model, self.cache, self.threads)
        self.reference = Reference(model, self.threads)

    def esmfold_pass(self, sequence: str) -> float:
        """The second pass of a new process: like the reference, which stays loaded, it has touched its weights."""
        fasta = self.folder / "bench.fasta"
        fasta.write_text(f">bench\n{sequence}\n")
        options = ["--model", str(self.cache), "--recycles", "1", "--threads", str(self.threads), "--overwrite"]
        arguments = ["fold", str(fasta), "-o", str(self.folder / "out"), "--verbose", *options]
        return last_trunk_pass(run_esmfold(self.binary, arguments, self.threads).stages, passes=2)

    def reference_pass(self, sequence: str, chunk: int | None) -> float:
        """A pass of the process that is already loaded."""
        return last_trunk_pass(self.reference.fold(sequence, 0, chunk)[1], passes=1)

    def measure(self, length: int) -> None:
        """Prints the medians for a length."""
        sequence = (RESIDUES * (length // len(RESIDUES) + 1))[:length]
        ours: list[float] = []
        theirs: dict[int | None, list[float]] = {chunk: [] for chunk in CHUNKS}
        self.reference_pass(sequence, None)  # the first run pays for memory and lazily made constants
        for _ in range(self.repeats):
            for chunk in CHUNKS:
                theirs[chunk].append(self.reference_pass(sequence, chunk))
            ours.append(self.esmfold_pass(sequence))
        best = min(CHUNKS, key=lambda chunk: median(theirs[chunk]))
        peak = self.reference.ask(peak=True)["gflops"]
        operations = trunk_operations(length) / 1e9
        print(f"L = {length}: {operations / 1000:.2f} TFLOP a pass; PyTorch float32 product 2048³: {peak:.0f} GFLOP/s")
        for chunk in CHUNKS:
            name = "transformers, " + ("default" if chunk is None else f"chunk_size {chunk}")
            self.line(name, median(theirs[chunk]), operations, peak, " <- counts" if chunk == best else "")
        ratio = median(theirs[best]) / median(ours)
        self.line("esmfold", median(ours), operations, peak, f"  {ratio:.2f} x the reference's speed")

    @staticmethod
    def line(name: str, seconds: float, operations: float, peak: float, remark: str) -> None:
        speed = operations / seconds
        print(f"  {name:28} {seconds:8.3f} s  {speed:6.1f} GFLOP/s  {100 * speed / peak:3.0f} % of the product{remark}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench-vs-reference", description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[64, 128], metavar="L")
    parser.add_argument("--repeats", type=int, default=3, help="rounds of turns; medians are printed (default: 3)")
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    print(f"{arguments.threads} threads, medians of {arguments.repeats}")
    for length in arguments.lengths:
        bench.measure(length)
    bench.reference.close()


if __name__ == "__main__":
    main()
