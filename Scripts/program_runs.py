"""Runs the two compared programs, each in a separate process, and measures them. Does not need PyTorch.

The parent is deliberately small: Linux counts the parent's memory at the start towards a child's peak.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TIMING = re.compile(r"^timing: stage=(\w+)(?: pass=(\d+))? seconds=([0-9.eE+-]+)\s*$", re.MULTILINE)
# No network, no progress bars, no notes about buffers; errors are still shown.
QUIET = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "TQDM_DISABLE": "1"}
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Stage = tuple[str, int, float]


class MemoryWatch:
    """Samples a process's resident memory: its peak, and the peak of what is not file pages."""

    def __init__(self, pid: int, interval: float = 0.02) -> None:
        self.peak = 0
        self.peak_anonymous = 0
        self._path = Path(f"/proc/{pid}/status")
        self._interval = interval
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.is_set():
            self.sample()
            self._done.wait(self._interval)

    def sample(self) -> None:
        try:
            lines = self._path.read_text().splitlines()
        except OSError:
            return
        fields = {k: int(v.split()[0]) * 1024 for k, v in (x.split(":", 1) for x in lines) if k in ("VmHWM", "RssAnon")}
        self.peak = max(self.peak, fields.get("VmHWM", 0))
        self.peak_anonymous = max(self.peak_anonymous, fields.get("RssAnon", 0))

    def stop(self) -> None:
        self.sample()
        self._done.set()
        self._thread.join()


@dataclass(frozen=True)
class Run:
    """A finished program's output and resources used."""

    seconds: float
    peak_bytes: int
    peak_anonymous_bytes: int
    error_output: str

    @property
    def stages(self) -> list[Stage]:
        """The stages that `--verbose` timed, in order."""
        return [(stage, int(index or 0), float(value)) for stage, index, value in TIMING.findall(self.error_output)]


def environment(threads: int) -> dict[str, str]:
    """This environment with the thread count for every library."""
    return os.environ | {name: str(threads) for name in THREAD_VARIABLES}


def run_esmfold(binary: Path, arguments: list[str], threads: int) -> Run:
    """Runs esmfold to completion; if it fails, exits with its error output."""
    command = [str(binary), *arguments]
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment(threads), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    watch = MemoryWatch(process.pid)
    error_output = process.stderr.read() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.stop()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}\n{error_output}")
    return Run(seconds, max(watch.peak, usage.ru_maxrss * 1024), watch.peak_anonymous, error_output)


def esmfold_binary(argument: Path | None) -> Path:
    """The program to measure: the given one, else a release build of this project."""
    if argument is not None:
        return argument.resolve()
    subprocess.run(["swift", "build", "-c", "release", "--product", "esmfold"], cwd=PROJECT, check=True)
    shown = subprocess.run(
        ["swift", "build", "-c", "release", "--show-bin-path"], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    return Path(shown.stdout.strip()) / "esmfold"


def import_model(binary: Path, model: Path, cache: Path, threads: int) -> Run:
    """Imports a model directory into an HDF5 file of our own, replacing an older one."""
    cache.unlink(missing_ok=True)
    return run_esmfold(binary, ["weights", "import", str(model), "-o", str(cache)], threads)


class Reference:
    """The reference, loaded in a separate process."""

    def __init__(self, model: Path, threads: int) -> None:
        worker = Path(__file__).with_name("reference_worker.py")
        self.process = subprocess.Popen(
            [sys.executable, str(worker), str(model), str(threads)],
            env=environment(threads) | QUIET,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.watch = MemoryWatch(self.process.pid)
        self.load_seconds = self._answer()["load_seconds"]

    def _answer(self) -> dict:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            sys.exit(f"the reference ended with exit status {self.process.wait()} (137, -9: out of memory)")
        return json.loads(line)

    def ask(self, **request: object) -> dict:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def fold(
        self, sequence: str, recycles: int | None, chunk: int | None = None, save: Path | None = None
    ) -> tuple[float, list[Stage]]:
        """Seconds for the fold, and its stages."""
        reply = self.ask(sequence=sequence, recycles=recycles, chunk=chunk, save=str(save) if save else None)
        return reply["seconds"], [tuple(stage) for stage in reply["stages"]]

    def close(self) -> None:
        self.watch.sample()
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()
        self.watch.stop()


def read_fasta(path: Path) -> Iterator[tuple[str, str]]:
    """Names (first word of the header) and sequences of a plain FASTA file."""
    name, parts = "", []
    for line in path.read_text().splitlines():
        if line.startswith(">"):
            if parts:
                yield name, "".join(parts)
            name, parts = (line[1:].split() or ["unnamed"])[0], []
        else:
            parts.append(line.strip().upper())
    if parts:
        yield name or "unnamed", "".join(parts)


def available_threads() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))
