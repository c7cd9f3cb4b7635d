"""Draws a predicted structure in the colours of the AlphaFold database; run by PyMOL for Scripts/pictures.

    pymol -cq Scripts/picture_protein.py -- STRUCTURE.pdb PICTURE.png WIDTH HEIGHT
"""

import math
import sys

from pymol import cmd

structure, picture, width, height = sys.argv[-4:]
COLOURS = ((90, "0x0053D6"), (70, "0x65CBF3"), (50, "0xFFDB13"), (-1, "0xFF7D45"))

cmd.load(structure, "protein")
atoms = cmd.get_model("name CA").atom
place = [atom.coord for atom in atoms]
count = len(place)


def distance(i, j):
    """The distance between two alpha carbons; infinite beyond the ends."""
    return math.dist(place[i], place[j]) if 0 <= i < count and 0 <= j < count else math.inf


def is_helix(i):
    return 4.5 < distance(i, i + 3) < 6.0 and 5.2 < distance(i, i + 4) < 7.0


def is_strand(i):
    extended = 6.0 < distance(i - 1, i + 1) < 7.4 and 5.9 < distance(i, i + 2) < 7.4 and 9.0 < distance(i - 1, i + 2) < 11.2
    return extended and any(abs(i - j) > 3 and distance(i, j) < 6.3 for j in range(count))


# PyMOL's assignment uses the atoms of hydrogen bonds, which are imprecise in the demo model. Distances of alpha
# carbons (Labesse et al. 1997, P-SEA) are enough for a picture.
kind = ["L"] * count


def assign(letter, residues, least):
    """Runs of at least `least` of these residues that have no assignment yet."""
    start = 0
    while start < count:
        end = start
        while end in residues:
            end += 1
        if end - start >= least:
            for i in range(start, end):
                kind[i] = letter if kind[i] == "L" else kind[i]
        start = max(end, start + 1)


helices = [i for i in range(count) if is_helix(i) and (is_helix(i - 1) or is_helix(i + 1))]
assign("H", {i + k for i in helices for k in range(1, 5)}, 5)
assign("S", {i + k for i in range(count) if is_strand(i) for k in range(2)}, 3)
for atom, letter in zip(atoms, kind):
    cmd.alter(f"resi {atom.resi}", f"ss='{letter}'")
    cmd.color(next(colour for least, colour in COLOURS if atom.b > least), f"resi {atom.resi}")
cmd.rebuild()

cmd.hide("everything")
cmd.show("cartoon")
cmd.orient()
cmd.zoom("all", -4)
for name, value in {
    "ray_opaque_background": 0, "ray_trace_mode": 1, "ray_shadows": 1, "antialias": 2, "depth_cue": 0,
    "ambient": 0.35, "spec_reflect": 0.3,
    "cartoon_fancy_helices": 1, "cartoon_smooth_loops": 1, "cartoon_sampling": 14, "cartoon_loop_radius": 0.3,
}.items():
    cmd.set(name, value)
cmd.ray(int(width), int(height))
cmd.png(picture)
