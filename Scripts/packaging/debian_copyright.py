"""Prints the file `copyright` of the Debian package, in the machine-readable form: our licence, then those of what is linked
in. usage: debian_copyright.py LICENCES"""
import re, sys
from pathlib import Path

# File of the licences' folder: what it is of.
PARTS = {
    "swift.txt": "Swift's standard library", "openssl.txt": "OpenSSL (SHA-256 and MD5 of libcrypto)", "zlib.txt": "zlib",
    "libstdc++-libgcc.txt": "libstdc++ and libgcc, under the GPL with the runtime library exception",
    "report-viewer.txt": "the 3D viewer of reports",
}


# Debian has this licence on every system and wants no copies.
APACHE = re.compile(r"Apache License\s+Version 2\.0, January 2004.*?END OF TERMS AND CONDITIONS", re.DOTALL)
APACHE_IS = "The Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0 on Debian systems."


def folded(text):
    """`text` as the continuation of a field: indented, empty lines as dots."""
    return "\n".join(" " + (line.rstrip() or ".") for line in text.strip().splitlines())


def main(folder):
    ours = (folder / "esmfold.txt").read_text()
    holder = next(line for line in ours.splitlines() if line.startswith("Copyright"))
    print("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: esmfold")
    print("Comment:\n The program has parts of these linked in; what follows each name is its licence or Debian's file on it.")
    for name, title in PARTS.items():
        if (folder / name).exists():
            text = APACHE.sub(APACHE_IS, (folder / name).read_text(errors="replace"))
            print(f" .\n {'=' * 70}\n {title}\n .\n{folded(text)}")
    body = ours[ours.index("Permission is"):]
    print(f"\nFiles: *\nCopyright: {holder.removeprefix('Copyright (c) ')}\nLicense: Expat\n{folded(body)}")


main(Path(sys.argv[1]))
