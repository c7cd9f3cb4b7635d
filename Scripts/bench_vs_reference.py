"""Times the trunk and the language model of facebook/esmfold_v1's sizes: transformers against esmfold.

    Scripts/bench-vs-reference [--lengths 64 128 256 384] [--language-model-lengths 64 256] [--repeats N] [--threads N]
                               [--chunks default 16 64] [--esmfold BINARY]

Trunk: one pass of 48 blocks, random weights after a small language model (2.8 GB, written once into .bench/). The
reference is timed with its default and with chunk_size 16 and 64; the fastest of the three counts. Language model: the
one of 3 billion parameters, float16 weights (5.7 GB, written once when --language-model-lengths is given; the reference
widens them to 11.4 GB). esmfold runs in both precisions, the reference in float32. The programs alternate, so that
other load on the machine affects both equally; medians are printed, with GFLOP/s by the operations that the model needs
and their share of PyTorch's 2048³ product, in the same format and in the same run. Compare ratios, not seconds.
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
PRECISIONS = ("fp32", "bf16")
RESIDUES = "MKTVRQERLKSIVRILERSKEPVSGAQLAEELSVSRQVIVQDIAYLRSLGYNIVATPRGYVLAGG"


def trunk_operations(length: int) -> int:
    """Floating-point operations of a trunk pass: two for each multiply-add of its products."""
    c, s = PAIR_DIM, SEQUENCE_DIM
    triangle_multiplication = 2 * 6 * c * c + 2 * length * c
    triangle_attention = 2 * 5 * c * c + 4 * length * c + 2 * c * PAIR_HEADS
    transition = 2 * 2 * 4 * c * c
    between = 2 * c * c + 2 * c * SEQUENCE_HEADS  # sequence to pair, pair to sequence
    pair = length * length * (2 * triangle_multiplication + 2 * triangle_attention + transition + between)
    attention = 2 * 5 * s * s + 4 * length * s
    sequence = length * (attention + 2 * 2 * 4 * s * s + 2 * s * c)
    return BLOCKS * (pair + sequence)


def language_model_operations(length: int) -> int:
    """Floating-point operations of the 3B language model: 36 layers of 2560, feed-forward 10240."""
    c, tokens = 2560, length + 2
    return 36 * tokens * (2 * 12 * c * c + 4 * tokens * c)


def seconds_of(stages: list[Stage], stage: str) -> list[float]:
    """The times of all runs of a stage, in seconds."""
    return [value for name, _, value in stages if name == stage]


def checkpoint(folder: Path, name: str, options: list[str]) -> Path:
    """A benchmark's model, written if it does not exist."""
    directory = folder / name
    if not (directory / "model.safetensors").exists():
        script = Path(__file__).with_name("random-checkpoint.py")
        subprocess.run([sys.executable, str(script), "--out", str(directory), *options], check=True)
    return directory


class Bench:
    """Both programs with the same model, ready to fold."""

    def __init__(self, arguments: argparse.Namespace, name: str, options: list[str]) -> None:
        folder = PROJECT / ".bench"
        folder.mkdir(exist_ok=True)
        self.threads = arguments.threads
        self.repeats = arguments.repeats
        self.chunks = [None if chunk == "default" else int(chunk) for chunk in arguments.chunks]
        self.folder = folder
        self.binary = esmfold_binary(arguments.esmfold)
        model = checkpoint(folder, name, options)
        self.cache = folder / f"{name}.h5"
        import_model(self.binary, model, self.cache, self.threads)
        self.reference = Reference(model, self.threads)

    def esmfold(self, sequence: str, precision: str, recycles: int) -> list[Stage]:
        """The stage times of a new process."""
        fasta = self.folder / "bench.fasta"
        # Two records: the reference stays loaded and its weights are warm, so it is compared with the second one.
        fasta.write_text(f">first\n{sequence}\n>second\n{sequence}\n" if recycles == 0 else f">bench\n{sequence}\n")
        options = ["--model", str(self.cache), "--recycles", str(recycles), "--precision", precision]
        options += ["--threads", str(self.threads), "--overwrite", "--verbose"]
        arguments = ["fold", str(fasta), "-o", str(self.folder / "out"), *options]
        return run_esmfold(self.binary, arguments, self.threads).stages

    def peaks(self) -> dict[str, float]:
        """PyTorch's products in both formats, GFLOP/s."""
        return {
            precision: self.reference.ask(peak=True, bfloat16=precision == "bf16")["gflops"] for precision in PRECISIONS
        }

    def trunk(self, length: int) -> None:
        """Prints the medians of a trunk pass; for esmfold that of the second pass, which is warm like the reference."""
        sequence = (RESIDUES * (length // len(RESIDUES) + 1))[:length]
        ours: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
        theirs: dict[int | None, list[float]] = {chunk: [] for chunk in self.chunks}
        if length < 200:  # the first run allocates memory and lazy constants, which is negligible for long proteins
            self.reference.fold(sequence, 0, None)
        for _ in range(self.repeats):
            for chunk in self.chunks:
                theirs[chunk].append(seconds_of(self.reference.fold(sequence, 0, chunk)[1], "trunk")[-1])
            for precision in PRECISIONS:
                ours[precision].append(seconds_of(self.esmfold(sequence, precision, 1), "trunk")[-1])
        best = min(self.chunks, key=lambda chunk: median(theirs[chunk]))
        names = {chunk: "default" if chunk is None else f"chunk_size {chunk}" for chunk in self.chunks}
        self.table(
            f"trunk pass, L = {length}", trunk_operations(length) / 1e9,
            {f"transformers, {names[chunk]}": median(theirs[chunk]) for chunk in self.chunks},
            f"transformers, {names[best]}", {precision: median(ours[precision]) for precision in PRECISIONS},
        )

    def language_model(self, length: int) -> None:
        """Prints the medians of the language model; for esmfold that of the second record."""
        sequence = (RESIDUES * (length // len(RESIDUES) + 1))[:length]
        ours: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
        theirs: list[float] = []
        self.reference.fold(sequence, 0, None)
        for _ in range(self.repeats):
            theirs.append(seconds_of(self.reference.fold(sequence, 0, None)[1], "language-model")[-1])
            for precision in PRECISIONS:
                ours[precision].append(seconds_of(self.esmfold(sequence, precision, 0), "language-model")[-1])
        self.table(
            f"3B language model, L = {length}", language_model_operations(length) / 1e9,
            {"transformers": median(theirs)}, "transformers", {precision: median(ours[precision]) for precision in PRECISIONS},
        )

    def table(
        self, title: str, operations: float, theirs: dict[str, float], best: str, ours: dict[str, float]
    ) -> None:
        """One line for each program, with its ratio to the reference's best."""
        peaks = self.peaks()
        speeds = ", ".join(f"{precision} {peak:.0f} GFLOP/s" for precision, peak in peaks.items())
        print(f"{title}: {operations / 1000:.2f} TFLOP; PyTorch products 2048³: {speeds}")
        for name, seconds in theirs.items():
            self.line(name, seconds, operations, peaks["fp32"], "<- counts" if name == best and len(theirs) > 1 else "")
        for precision, seconds in ours.items():
            self.line(
                f"esmfold {precision}", seconds, operations, peaks[precision], f"{theirs[best] / seconds:.2f} x the reference"
            )
        sys.stdout.flush()

    @staticmethod
    def line(name: str, seconds: float, operations: float, peak: float, remark: str) -> None:
        speed = operations / seconds
        print(f"  {name:28} {seconds:8.3f} s  {speed:6.1f} GFLOP/s  {100 * speed / peak:3.0f} % of the product  {remark}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench-vs-reference", description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", type=int, nargs="*", default=[64, 128, 256, 384], metavar="L")
    parser.add_argument("--language-model-lengths", type=int, nargs="*", default=[], metavar="L")
    parser.add_argument("--repeats", type=int, default=3, help="rounds; medians are printed (default: 3)")
    parser.add_argument(
        "--chunks", nargs="+", default=["default", "16", "64"], metavar="N", help="chunk sizes of the reference to try"
    )
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--esmfold", type=Path, metavar="BINARY", help="default: a release build of this project")
    arguments = parser.parse_args()
    print(f"{arguments.threads} threads, medians of {arguments.repeats}")
    if arguments.lengths:
        small = ["--language-model-layers", "2", "--language-model-hidden", "64"]
        bench = Bench(arguments, "trunk48", ["--blocks", str(BLOCKS), *small])
        for length in arguments.lengths:
            bench.trunk(length)
        bench.reference.close()
    if arguments.language_model_lengths:
        bench = Bench(arguments, "language-model-3B", ["--blocks", "1"])
        for length in arguments.language_model_lengths:
            bench.language_model(length)
        bench.reference.close()


if __name__ == "__main__":
    main()
