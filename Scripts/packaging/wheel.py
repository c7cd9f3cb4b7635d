"""Makes a Python wheel that puts the program into an environment's bin, its man pages and completions into share.
usage: wheel.py PROGRAM COMMON VERSION PLATFORM TARGET

It holds no Python extension, so one wheel does for every Python 3. The layout is that of ruff's: the program is a script of
the wheel's data, and a module finds it. Meta's package fair-esm installs a script called esm-fold; so this one does not."""
import base64, hashlib, os, stat, sys, time, zipfile
from pathlib import Path

INIT = '''"""Predicts protein structures: the program esmfold, which this package puts beside Python."""
from ._find import find_esmfold_bin

__all__ = ["find_esmfold_bin"]
'''
MAIN = '''import os
import sys

from ._find import find_esmfold_bin

if __name__ == "__main__":
    program = find_esmfold_bin()
    os.execv(program, [program, *sys.argv[1:]])
'''
FIND = '''import os
import sys
import sysconfig


def find_esmfold_bin():
    """The path of the program: in this environment, for this user, or beside the package (pip install --target)."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    user = sysconfig.get_preferred_scheme("user") if sys.version_info >= (3, 10) else "posix_user"
    folders = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", scheme=user), os.path.join(here, "bin")]
    for folder in folders:
        path = os.path.join(folder, "esmfold")
        if os.path.isfile(path):
            return path
    raise FileNotFoundError("esmfold: found none in " + ", ".join(folders))
'''
METADATA = """Metadata-Version: 2.4
Name: esmfold
Version: {version}
Summary: Predicts the structures of proteins with ESMFold on the CPU: one program, no PyTorch
License-Expression: MIT
{licences}Requires-Python: >=3.8
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Classifier: Topic :: Scientific/Engineering :: Bio-Informatics
Description-Content-Type: text/markdown

"""
WHEEL = "Wheel-Version: 1.0\nGenerator: esmfold\nRoot-Is-Purelib: false\nTag: py3-none-{platform}\n"


def main(program, common, version, platform, target):
    common = Path(common)
    info, data = f"esmfold-{version}.dist-info", f"esmfold-{version}.data"
    doc = common / "share/doc/esmfold"
    licences = sorted(path.name for path in (doc / "licences").iterdir())
    readme = (doc / "README.md").read_text()
    metadata = METADATA.format(version=version, licences="".join(f"License-File: {name}\n" for name in licences)) + readme
    entries = {"esmfold/__init__.py": INIT, "esmfold/__main__.py": MAIN, "esmfold/_find.py": FIND}
    entries = {name: text.encode() for name, text in entries.items()}
    entries[f"{data}/scripts/esmfold"] = Path(program).read_bytes()
    for folder in ("man", "bash-completion", "zsh", "fish"):
        for path in sorted((common / "share" / folder).rglob("*")):
            # The page of the second name, which is not installed, is a link.
            if path.is_file() and not path.is_symlink():
                entries[f"{data}/data/{path.relative_to(common)}"] = path.read_bytes()
    for name in licences:
        entries[f"{info}/licenses/{name}"] = (doc / "licences" / name).read_bytes()
    entries[f"{info}/METADATA"] = metadata.encode()
    entries[f"{info}/WHEEL"] = WHEEL.format(platform=platform).encode()
    record = []
    for name, content in entries.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        record.append(f"{name},sha256={digest},{len(content)}\n")
    record.append(f"{info}/RECORD,,\n")
    entries[f"{info}/RECORD"] = "".join(record).encode()

    moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    wheel = Path(target) / f"esmfold-{version}-py3-none-{platform}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, date_time=moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            mode = 0o755 if name.startswith(f"{data}/scripts/") else 0o644
            entry.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(entry, content)


main(*sys.argv[1:])
