"""The measurements of Scripts/scale: times, starts, processes side by side, sizes of files.

Times are seconds of a processor (user and system) and not of a clock, so that other work on the machine counts little.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scale_model import GIB, fold_cost, protein, read_cost


def write_fasta(path, lengths):
    path.write_text("".join(f">p{i}\n{protein(length, i)}\n" for i, length in enumerate(lengths)))
    return str(path)


def command(program, model, folder, lengths, *options):
    """A command line with an input of its own: folds, or embeds where the model is a language model."""
    info = subprocess.run([program, "weights", "info", model], text=True, capture_output=True)
    if info.returncode != 0:
        sys.exit(info.stderr)
    is_fold = re.search(r"^trunk ", info.stdout, re.MULTILINE) is not None
    fasta = write_fasta(Path(folder, "in.fasta"), lengths)
    words = [program, "fold" if is_fold else "embed", fasta, "-o", str(Path(folder, "out" if is_fold else "out.h5"))]
    words += ["--model", model, "--overwrite", "--log-format", "json", "--verbose", *options]
    return words if is_fold else words + ["--pool", "mean"]


def processor_seconds(words):
    """Seconds of a processor that a command takes."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            log.seek(0)
            sys.exit(log.read())
    return usage.ru_utime + usage.ru_stime


def solve(rows, values):
    """The least squares of the relative errors, by the normal equations; numbers below 0 become 0."""
    used = list(range(len(rows[0])))
    while used:
        weighted = [([row[i] / value for i in used], 1.0) for row, value in zip(rows, values)]
        n = len(used)
        system = [
            [sum(row[i] * row[j] for row, _ in weighted) for j in range(n)] + [sum(row[i] * v for row, v in weighted)]
            for i in range(n)
        ]
        for i in range(n):
            pivot = max(range(i, n), key=lambda r: abs(system[r][i]))
            system[i], system[pivot] = system[pivot], system[i]
            for r in range(n):
                if r != i:
                    factor = system[r][i] / system[i][i]
                    system[r] = [a - factor * b for a, b in zip(system[r], system[i])]
        found = [system[i][n] / system[i][i] for i in range(n)]
        if min(found) >= 0:
            return [found[used.index(i)] if i in used else 0.0 for i in range(len(rows[0]))]
        used.remove(used[found.index(min(found))])
    return [0.0] * len(rows[0])


def measure(program, model, inputs, repeats):
    """Seconds for the start, a record and a unit of cost, by runs with one thread; inputs are lists of lengths."""
    rows, values = [], []
    for lengths in inputs:
        with tempfile.TemporaryDirectory() as folder:
            words = command(program, model, folder, lengths, "--threads", "1")
            cost = fold_cost if words[1] == "fold" else read_cost
            least = min(processor_seconds(words) for _ in range(repeats))
        rows.append([1, len(lengths), sum(map(cost, lengths))])
        values.append(least)
        print(f"{'+'.join(map(str, lengths)):30} {least:9.2f} s", flush=True)
    report(rows, values)


def report(rows, values):
    start, record, unit = solve(rows, values)
    for row, value in zip(rows, values):
        foretold = start * row[0] + record * row[1] + unit * row[2]
        print(f"{row[1]:4} records, cost {row[2]:12.0f}: {value:9.2f} s, by the model {foretold:9.2f} s")
    print(f"--seconds {start:.3g},{record:.3g},{unit:.4g}")


def drop(path):
    """Takes a file out of the memory of the file system, as far as nobody else has it open."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def start(program, model, repeats):
    """The times of a protein of 16 residues from a cold and a warm file system."""
    info = subprocess.run([program, "weights", "info", model], text=True, capture_output=True)
    file = re.search(r"^file +(/.*)$", info.stdout, re.MULTILINE)
    if not file:
        sys.exit(f"{model}: found no file of it, expected a model in the cache")
    for name in ["cold"] * repeats + ["warm"] * repeats:
        with tempfile.TemporaryDirectory() as folder:
            words = command(program, model, folder, [16], "--threads", "1")
            if name == "cold":
                drop(file.group(1))
            before = time.monotonic()
            process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
            begin = None
            for line in process.stderr:
                if begin is None and json.loads(line).get("event") == "begin":
                    begin = time.monotonic() - before
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0 or begin is None:
                sys.exit(f"{' '.join(words)}: found exit status {process.returncode}, expected 0")
            end = time.monotonic() - before
            seconds, read = usage.ru_utime + usage.ru_stime, usage.ru_inblock * 512
            print(
                f"{name}: begins after {begin:.2f} s, ends after {end:.2f} s; {seconds:.2f} s of a processor, "
                f"{read / GIB:.2f} GiB from the disk",
                flush=True,
            )


def reading(program, records, lengths):
    """What a shard takes for reading an input of so many records, until it begins its first."""
    letters, start = protein(1 << 20), random.Random(records)
    with tempfile.TemporaryDirectory() as folder:
        fasta = Path(folder, "in.fasta")
        with open(fasta, "w") as file:
            for i, length in enumerate(lengths.sample(records)):
                first = int(start.random() * ((1 << 20) - length))
                file.write(f">MGYP{i:012d}\n{letters[first : first + length]}\n")
        words = [program, "fold", str(fasta), "-o", str(Path(folder, "out")), "--model", "demo", "--threads", "1"]
        words += ["--shard", f"{min(records, 100_000)}/{min(records, 100_000)}", "--log-format", "json", "--verbose"]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "stage" in json.loads(line):
                break
        process.terminate()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        size = fasta.stat().st_size / 1e6
    seconds, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    print(f"{records:,} records, {size:.0f} MB: {seconds:.1f} s of a processor, {peak:.0f} MiB", flush=True)


def memory_of(process):
    """KiB by kind of a process's memory, as the system adds it up; none once it has ended."""
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def together(program, model, number, length):
    """The memory of processes side by side, when they hold most together."""
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        for i in range(number):
            Path(folder, str(i)).mkdir()
            words = command(program, model, str(Path(folder, str(i))), [length] * 3, "--threads", "1")
            processes.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        most = []
        # Each has used all of its weights when all have folded one.
        while all(process.poll() is None for process in processes):
            found = [memory_of(process) for process in processes]
            if all(found) and sum(f["Pss"] for f in found) >= sum(f["Pss"] for f in most):
                most = found
            if all(list(Path(folder, str(i), "out").glob("*.pdb")) for i in range(number)):
                break
            time.sleep(0.2)
        for process in processes:
            process.terminate()
            process.wait()
    total = {key: sum(f[key] for f in most) / 1024 for key in ("Rss", "Pss", "Pss_File", "Pss_Anon")}
    print(
        f"{number} processes of {length} residues: resident, added up, {total['Rss']:.0f} MiB; in memory "
        f"{total['Pss']:.0f} MiB, of which files {total['Pss_File']:.0f} and each process's own "
        f"{total['Pss_Anon'] / number:.0f}",
        flush=True,
    )


def files(program, lengths):
    """Sizes of results: bytes as a polynomial of the length, from folds with the demo model."""
    with tempfile.TemporaryDirectory() as folder:
        folds = {
            "PDB": (".pdb", 1, ["--format", "pdb,cif", "--pae", "--scores"]),
            "mmCIF": (".cif", 1, []),
            "PAE": (".pae.json", 2, []),
            "scores": ("_scores.json", 2, []),
            "mmCIF with PAE": (".cif", 2, ["--format", "cif", "--cif-pae"]),
        }
        for kind, (ending, power, options) in folds.items():
            if options:
                processor_seconds(command(program, "demo", folder, lengths, "--recycles", "0", *options))
            sizes = [Path(folder, "out", f"p{i}{ending}").stat().st_size for i in range(len(lengths))]
            constant, slope = solve([[1, length**power] for length in lengths], sizes)
            print(f'"{kind}": ({constant:.0f}, {f"{slope:.4g}, 0" if power == 1 else f"0, {slope:.4g}"}),')
