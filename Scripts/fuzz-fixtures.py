#!/usr/bin/env python3
"""Writes Tests/Fixtures/fuzz: inputs found by fuzzing or code review to trap or use excessive memory, minimised.

Needs only Python; writes the same bytes every time."""

import gzip
import json
import pathlib
import struct
import zipfile

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "fuzz"
HUGE = (1 << 63) - 1


def write(name, data):
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def safetensors(header, data=b""):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def torch(name, pickle, storages=()):
    path = OUT / "pickle" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for entry, data in [("data.pkl", pickle)] + [(f"data/{key}", data) for key, data in enumerate(storages)]:
            file.writestr(zipfile.ZipInfo(f"archive/{entry}", (1980, 1, 1, 0, 0, 0)), data)


def text(value):
    return b"\x8c" + bytes([len(value)]) + value.encode()


def number(value):
    return b"\x8a\x08" + struct.pack("<q", value)


def tensor(shape, strides, count, kind="FloatStorage", key=0):
    storage = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(str(key)) + text("cpu") + number(count) + b"tQ"
    extents = b"".join(b"(" + b"".join(map(number, values)) + b"t" for values in (shape, strides))
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(0) + extents + b"\x89ccollections\nOrderedDict\n)RtR"


def state(tensors):
    return b"\x80\x02}(" + b"".join(text(name) + value for name, value in tensors) + b"u."


def main():
    # === Numbers: each factor fits, but the product of the nonzero ones does not ===
    shape = {"dtype": "F32", "shape": [1 << 62, 4, 0], "data_offsets": [0, 0]}
    write("safetensors/zero-beside-huge-extents", safetensors({"w": shape}))
    torch("zero-beside-huge-extents", state([("w", tensor([1 << 62, 4, 0], [1, 1, 1], 1))]), [b"\0" * 4])
    # Twice the number of frequencies overflows.
    words = ("embed_tokens.weight", tensor([33, 4], [4, 1], 132))
    layer = ("layers.0.fc1.weight", tensor([4, 4], [4, 1], 132))
    torch(
        "endless-rotary-frequencies",
        state([words, layer, ("layers.0.self_attn.rot_emb.inv_freq", tensor([HUGE, 0], [1, 1], 132))]),
        [b"\0" * 528])
    # The row of <mask> is beyond an embedding without rows.
    torch(
        "mask-row-of-empty-embedding",
        state([
            ("embed_tokens.weight", tensor([0, 1 << 60], [1, 1], 132)),
            ("embed_positions.weight", tensor([4, 4], [4, 1], 132)), layer]),
        [b"\0" * 528])

    # === Small inputs that expand ===
    # One element, repeated by a stride of 0.
    torch("one-element-as-four-terabytes", state([("w", tensor([1 << 40], [0], 1))]), [b"\0" * 4])
    # One storage as many tensors.
    torch(
        "one-storage-as-many-tensors", state([(f"w{i}", tensor([5000], [1], 5000)) for i in range(100)]),
        [b"\0" * 20000])
    # A list of 20 000 pairs is copied into a dictionary by each call.
    pairs = b"](" + (b"K\x01K\x02\x86" * 20000) + b"eq\x00"
    torch("pairs-copied-20000-times", b"\x80\x02" + pairs + b"0" + b"ccollections\nOrderedDict\nq\x010" + b"h\x01h\x00\x85R0" * 20000 + b"N.")
    # A list of 20 000 numbers is the shape and the strides of each tensor.
    call = b"h\x01(h\x02K\x00h\x00h\x00tR0"
    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x01tQq\x020"
    torch(
        "shape-of-20000-for-20000-tensors",
        b"\x80\x02](" + b"K\x01" * 20000 + b"eq\x000ctorch._utils\n_rebuild_tensor_v2\nq\x010" + storage + call * 20000 + b"N.")
    # Two long texts name 30 000 classes.
    long = b"X" + struct.pack("<I", 50000) + b"a" * 50000
    torch("long-name-of-30000-classes", b"\x80\x02" + long + b"q\x00" + b"0" + b"h\x00h\x00\x93" * 30000 + b"0" * 29999 + b".")
    # Objects named by what they were called on, 150 deep, and then 30 000 more of that name.
    deep = b"cm\nf\n)R" + b")R" * 150 + b"q\x000"
    torch("name-of-name-of-name", b"\x80\x02" + deep + b"h\x00)R0" * 30000 + b"N.")

    # === Text ===
    members = [gzip.compress(data, mtime=0) for data in (b">a\nMKTAYIAKQR\n", b">b\nACDEFGHIKLMNPQRSTVWY\n" * 3)]
    write("fasta/two-members.gz", b"".join(members))


if __name__ == "__main__":
    main()
