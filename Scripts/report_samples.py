"""Results of esmfold and reports of them, for Scripts/test-report: made when a check first asks for one."""

from __future__ import annotations

import json
import math
import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "Examples" / "demo.fasta"
# A complex, a record that fails, names and headers that look like markup, and unknown residues.
HOSTILE = [
    ("dimer two copies", ":".join(["TTCCPSIVARSNFNVCRLPGTPEALCATYTGCIIIPGATCPGDYAN"] * 2)),
    ('"><img_src=x_onerror=alert(1)> <script>alert(1)</script> & header', "NLYIQWLKDGGPSSGRPPPS"),
    ("</script><script>alert(2)</script> closes the script", "NLYIQWLKDGGPSSGRPPPS"),
    ("dna nucleotides, which fail", "ACGTACGTACGTACGTACGTACGTACGTACGT"),
    ("withx unknown residues", "NLYIQXXLKDGGPSSXRPPPS"),
]
COLUMNS = (
    "name length mean_plddt ptm seconds recycles precision model status message header chains iptm pair_iptm pair_pae "
    "pdockq ipsae passes samples best_sample"
).split()
DATA = re.compile(r'(<script type="application/json" id="report-data">)(.*?)(</script>)', re.DOTALL)


class Failure(BaseException):
    """The program did not make what the checks need: not the failure of one check."""


class Samples:
    """Reports by name; each is made once."""

    def __init__(self, program: str, folder: Path):
        self._program, self._folder = program, folder.resolve()
        self._made: set[str] = set()

    def report(self, name: str) -> Path:
        """`demo`: the 20 demo proteins; `hostile`: see HOSTILE; `many`: 2,000 proteins in a folder of data scripts;
        `huge`: 10,000 records; `empty`, `one`, `failed`: no record, one, and only failed ones."""
        path = self._folder / f"{name}.html"
        if name not in self._made:
            getattr(self, f"_make_{name}")(path)
            self._made.add(name)
        return path

    def data(self, name: str) -> dict:
        """The data of a report's index."""
        return json.loads(DATA.search(self.report(name).read_text())[2])

    def _run(self, *arguments: object, status: int = 0) -> None:
        command = [self._program, *map(str, arguments)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != status:
            raise Failure(f"{' '.join(command)}: status {run.returncode}: {run.stderr.strip()}")

    def _fold(self, fasta: Path, results: Path, status: int = 0) -> None:
        options = ("--model", "demo", "--report", "--format", "pdb,cif", "--quiet")
        self._run("fold", fasta, "-o", results, *options, status=status)

    def _make_demo(self, path: Path) -> None:
        self._fold(DEMO, self._folder / "demo")
        self._run("report", self._folder / "demo", "-o", path)

    def _make_hostile(self, path: Path) -> None:
        fasta = self._folder / "hostile.fasta"
        fasta.write_text("".join(f">{header}\n{sequence}\n" for header, sequence in HOSTILE))
        self._fold(fasta, self._folder / "hostile", status=1)  # A record fails, which is meant.
        self._run("report", self._folder / "hostile", "-o", path)

    def _make_many(self, path: Path) -> None:
        if not (self._folder / "many" / "summary.tsv").is_file():
            write_many(self._folder / "many", 2000)
        self._run("report", self._folder / "many", "-o", path)

    def _edited(self, path: Path, source: str, edit: Callable[[dict], None]) -> None:
        """A report with other data of its index: they are no script, so the page's policy does not mind."""
        text, data = self.report(source).read_text(), self.data(source)
        edit(data)
        escaped = json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        path.write_text(DATA.sub(lambda match: match[1] + escaped + match[3], text, count=1))

    def _make_huge(self, path: Path) -> None:
        def edit(data: dict) -> None:
            records = data["records"]
            data["records"] = [
                {**record, "name": f"{record['name']}-{copy}", "plddt": round(record["plddt"] * (1 - copy / 40), 2)}
                for copy in range(5) for record in records
            ]  # fmt: skip
            data["runs"][0]["count"] = len(data["records"])

        self._edited(path, "many", edit)

    def _make_empty(self, path: Path) -> None:
        self._edited(path, "demo", lambda data: data.update(records=[], runs=[]))

    def _make_one(self, path: Path) -> None:
        self._edited(path, "demo", lambda data: data.update(records=data["records"][:1]))

    def _make_failed(self, path: Path) -> None:
        def edit(data: dict) -> None:
            for record in data["records"]:
                unknown = dict.fromkeys(("header", "length", "chains", "plddt", "ptm", "iptm", "seconds", "strip"))
                message = "not enough memory: 12.3 GB needed, 8.0 GB there"
                record.update(unknown, status="failed", message=message, data=False)

        self._edited(path, "demo", edit)


# === Many proteins ===

LETTERS = {"A": "ALA", "G": "GLY", "S": "SER", "L": "LEU"}
BACKBONE = (("N", -0.6, 1.2, -0.9), ("CA", 0.0, 2.3, 0.0), ("C", 0.9, 1.6, 0.9), ("O", 1.4, 2.1, 1.9))
# Few lengths, so that proteins of one length share a file of errors.
LENGTHS = range(60, 541, 12)


def write_many(folder: Path, count: int) -> None:
    """Writes results of synthetic proteins, helices of 300 residues on average, in the program's own form."""
    folder.mkdir(exist_ok=True)
    chance = random.Random(7)
    lines = ["\t".join(COLUMNS)]
    for number in range(count):
        length = chance.choice(LENGTHS)
        name = f"protein_{number + 1:04}"
        values = plddt_values(chance, length)
        (folder / f"{name}.pdb").write_text(structure(chance, length, values))
        errors = folder / f"{name}.pae.json"
        if not errors.exists():
            os.link(errors_file(folder, length), errors)
        row = dict.fromkeys(COLUMNS, "NA") | {
            "name": name, "length": length, "mean_plddt": f"{sum(values) / length:.2f}", "ptm": f"{chance.random():.4f}",
            "seconds": f"{length * length / 9000:.3f}", "recycles": 3, "precision": "fp32", "model": "esmfold_v1",
            "status": "ok", "message": "", "chains": 1, "passes": 4, "samples": 1, "best_sample": 1,
            "header": f"{name} synthetic helix {chance.choice(('kinase', 'protease', 'channel'))}",
        }  # fmt: skip
        lines.append("\t".join(str(row[column]) for column in COLUMNS))
    for path in folder.glob("errors-*"):
        path.unlink()
    (folder / "summary.tsv").write_text("\n".join(lines) + "\n")


def plddt_values(chance: random.Random, length: int) -> list[float]:
    """pLDDT along a sequence: a level, a wave, and ends that are less certain."""
    level, swing, phase = 30 + 66 * chance.random() ** 0.5, 14 * chance.random(), 6 * chance.random()
    ends = (25 * math.exp(-min(place, length - 1 - place) / 6) for place in range(length))
    wave = (level + swing * math.sin(place / 9 + phase) for place in range(length))
    return [round(min(max(value - end, 5), 98.5), 2) for value, end in zip(wave, ends, strict=True)]


def structure(chance: random.Random, length: int, plddt: list[float]) -> str:
    """A PDB file of a helix: backbone atoms."""
    lines = ["PARENT N/A"]
    for place in range(length):
        residue = chance.choice(list(LETTERS.values()))
        for atom, x, y, z in BACKBONE:
            angle = math.radians(100 * place)
            across = (x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle))
            lines.append(
                f"ATOM  {len(lines):>5}  {atom:<3} {residue} A{place + 1:>4}    {across[0]:8.3f}{across[1]:8.3f}"
                f"{z + 1.5 * place:8.3f}  1.00{plddt[place]:6.2f}          {atom[0]:>2}  "
            )
    lines.append(f"TER   {len(lines):>5}      {residue} A{length:>4}")
    return "\n".join([*lines, "END   "]) + "\n"


def errors_file(folder: Path, length: int) -> Path:
    """A file of aligned errors, which grow with the distance along the sequence."""
    path = folder / f"errors-{length}"
    if not path.exists():
        far = [f"{min(0.8 + abs(distance) * 0.12, 31.0):.1f}" for distance in range(-length, length + 1)]
        rows = ("[" + ",".join(far[length - row : 2 * length - row]) + "]" for row in range(length))
        path.write_text(f'[{{"predicted_aligned_error":[{",".join(rows)}],"max_predicted_aligned_error":31.75}}]\n')
    return path
