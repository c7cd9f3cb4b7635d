"""Checkpoints of attackers, made byte by byte: nothing in them is ever loaded with Python. Used by torch-fixtures.py."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from pathlib import Path

import torch

from torch_archives import archive, zip64


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def call(module: str, function: str, *arguments: bytes) -> bytes:
    return f"c{module}\n{function}\n".encode() + b"(" + b"".join(arguments) + b"tR"


def number(value: int) -> bytes:
    return b"\x8a\x08" + struct.pack("<q", value)


def tensor(shape: tuple[int, ...] = (2,), strides: tuple[int, ...] = (1,), offset: int = 0, count: int = 2, kind: str = "FloatStorage", key: str = "0") -> bytes:
    storage = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(count) + b"tQ"
    extents = b"(" + b"".join(map(number, shape)) + b"t"
    steps = b"(" + b"".join(map(number, strides)) + b"t"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + extents + steps + b"\x89" + b"N" + b"tR"


def state(value: bytes, name: str = "w") -> bytes:
    return b"\x80\x02}(" + text(name) + value + b"u."


GOOD = {"0": struct.pack("<ff", 1.0, 2.0)}


def write_hostile(folder: Path) -> None:
    """Writes every file into `folder`, which it makes."""
    folder.mkdir()

    def write(name: str, data: bytes) -> None:
        (folder / f"{name}.pt").write_bytes(data)

    write("os-system", archive(b"\x80\x02" + call("posix", "system", text("echo hacked")) + b"."))
    write("eval-beside-tensors", archive(b"\x80\x02}(" + text("w") + tensor() + text("x") + call("builtins", "eval", text("1")) + b"u.", GOOD))
    write("subprocess-newobj", archive(state(b"csubprocess\nPopen\n(" + text("true") + b"t\x81"), GOOD))
    write("stack-global-exec", archive(b"\x80\x04" + text("builtins") + text("exec") + b"\x93" + text("x=1") + b"\x85R."))
    write("unknown-object-for-tensor", archive(state(call("some.module", "Thing")), GOOD))
    rebuild = b"ctorch._tensor\n_rebuild_from_type_v2\n"
    system = b"cposix\nsystem\n" + b"ctorch\nTensor\n" + b"(" + text("true") + b"t" + b"N"
    write("rebuilt-by-system", archive(state(rebuild + b"(" + system + b"tR"), GOOD))
    # A list that contains itself as arguments.
    endless = b"]q\x01(" + rebuild + b"ctorch\nTensor\n" + b"h\x01N" + b"e"
    write("rebuilt-by-itself", archive(state(rebuild + endless + b"R"), GOOD))
    torch.save(torch.nn.Linear(2, 1), folder / "whole-module.pt")
    things = b"\x80\x02}(" + text("w") + tensor() + text("x") + call("some.module", "Thing") + b"u."
    write("unknown-object-beside-tensors", archive(things, GOOD))
    write("list-for-tensor", archive(state(b"]"), GOOD))
    bomb = b"cx\ny\n)R" + b")R" * 5000
    write("nested-reduce", archive(b"\x80\x02" + bomb + b"."))
    deep = b"]" * 1500 + b"a" * 1499
    write("deep-lists", archive(b"\x80\x02" + deep + b"."))
    write("open-marks", archive(b"\x80\x02" + b"(" * 5000 + b"."))
    laughs = b"]q\x00"
    for level in range(60):
        laughs += b"](" + (b"h" + bytes([level])) * 10 + b"eq" + bytes([level + 1])
    write("billion-laughs", archive(b"\x80\x02" + laughs + b"."))
    write("huge-text", archive(b"\x80\x02X\xff\xff\xff\xff" + b"abc."))
    write("huge-bytes-64", archive(b"\x80\x04\x8e" + struct.pack("<Q", 2**63 + 1) + b"."))
    write("huge-storage", archive(state(tensor(count=2**62)), GOOD))
    write("huge-shape", archive(state(tensor(shape=(2**40, 2**40), strides=(0, 0))), GOOD))
    write("strides-beyond", archive(state(tensor(shape=(2, 2), strides=(2**62, 2**62))), GOOD))
    write("offset-beyond", archive(state(tensor(offset=1)), GOOD))
    write("negative-shape", archive(state(tensor(shape=(-2,))), GOOD))
    write("missing-storage", archive(state(tensor(key="../0")), GOOD))
    write("short-storage", archive(state(tensor()), {"0": b"\0\0\0\0"}))
    write("double", archive(state(tensor(kind="DoubleStorage")), {"0": b"\0" * 16}))
    write("unknown-storage", archive(state(tensor(kind="QInt8Storage")), GOOD))
    write("opcode-of-protocol-0", archive(b"I1\n."))
    write("empty-stack", archive(b"\x80\x02R."))
    write("unset-memo", archive(b"\x80\x02h\x07."))
    write("no-stop", archive(b"\x80\x02N"))
    write("leftovers", archive(b"\x80\x02NN."))
    write("extension-code", archive(b"\x80\x02\x82\x01."))
    write("same-name-twice", archive(b"\x80\x02}(" + text("w") + tensor() + text("w") + tensor() + b"u.", GOOD))
    write("no-tensors", archive(b"\x80\x02}(" + text("a") + b"K\x01u."))
    write("path-traversal", archive(state(tensor()), GOOD, name="../../etc/data.pkl"))
    write("absolute-name", archive(state(tensor()), GOOD, name="/data.pkl"))
    write("backslash-name", archive(state(tensor()), GOOD, name="archive\\..\\data.pkl"))
    write("compressed", archive(state(tensor()), GOOD, method=zipfile.ZIP_DEFLATED))
    write("no-pickle", archive(b"", name="archive/readme"))
    big = bytearray(archive(state(tensor()), {**GOOD, "byteorder": b""}))
    write("truncated", bytes(big[: len(big) // 2]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", state(tensor()))
        file.writestr("archive/byteorder", b"big")
        file.writestr("archive/data/0", GOOD["0"])
    write("big-endian", out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a/data.pkl", state(tensor()))
        file.writestr("b/data.pkl", state(tensor()))
    write("two-pickles", out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a/data.pkl", state(tensor()))
        file.writestr("a/constants.pkl", b"\x80\x02).")
    write("torchscript", out.getvalue())
    good = bytearray(zip64([("archive/data.pkl", state(tensor())), ("archive/data/0", GOOD["0"])]))
    place = good.rindex(b"PK\x01\x02") + 46 + len("archive/data/0") + 4
    write("zip64-size-beyond", bytes(good[:place] + struct.pack("<QQ", 2**63, 2**63) + good[place + 16 :]))
    encrypted = bytearray(archive(state(tensor()), GOOD))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    write("encrypted", bytes(encrypted))
    write("bare-pickle", pickle.dumps({"a": 1}, protocol=2))
    write("html", b"<!DOCTYPE html><html>Not found</html>")
    write("lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
