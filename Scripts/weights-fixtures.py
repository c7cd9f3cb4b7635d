#!/usr/bin/env python3
"""Writes Tests/Fixtures/weights: small files of every weight format, made by independent programs.

Needs numpy, torch, safetensors and h5py. The files are under version control; run this only to change them.
"""

import json
import pathlib
import struct

import h5py
import numpy as np
import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "weights"
CONFIG = {"model_type": "esm", "hidden_size": 2, "layer_norm_eps": 1e-05, "vocab_list": ["<cls>", "<pad>"]}


def tensors():
    """One tensor of each kind: odd counts, a scalar, no elements at all."""
    return {
        "esm.a.weight": torch.tensor([[1.5, -2.25, 3.0], [0.1, 1e-30, -65504.0]]),
        "esm.a.bias": torch.tensor([0.5, -0.0, 6.1e-05, 5.960464477539063e-08, 65504.0], dtype=torch.float16),
        "trunk.b": torch.tensor([1.0, -3.140625, 1e38], dtype=torch.bfloat16),
        "esm.position_ids": torch.tensor([[0, 1, -1, 2**62]], dtype=torch.int64),
        "trunk.scalar": torch.tensor(7.0),
        "trunk.empty": torch.zeros(0, 4),
    }


def raw(header, data):
    """A safetensors file from its two parts, without the padding that the library adds."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def halves():
    """Floats with their roundings by numpy and torch: [n] float32, [n] float16, [n] bfloat16."""
    rng = np.random.default_rng(1)
    special = [0.0, -0.0, 1.0, 65504.0, 65519.0, -65519.9, 2.0**-24, 2.0**-25, 2.0**-25 * 1.0001, 6.1e-05, 1.00048828125,
               1.00146484375, 1.00390625, 1.01171875, 3.3e38, 1e-40]
    values = np.array(special, dtype=np.float32)
    values = np.concatenate([values, (rng.standard_normal(48) * 10.0 ** rng.integers(-7, 4, 48)).astype(np.float32)])
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    brain = torch.from_numpy(values).to(torch.bfloat16).view(torch.int16).numpy()
    return values.tobytes() + half.tobytes() + brain.tobytes()


def cache(path, stored, change=lambda f: None, alignment=64):
    """A cache file as Sources/Weights/Cache/WeightCache.swift describes it, by h5py; `change` may corrupt it at the end."""
    libver = ("v108", "v108")
    with h5py.File(path, "w", libver=libver, alignment_threshold=1, alignment_interval=alignment, meta_block_size=512) as f:
        def text(name, value):
            data = value.encode()
            kind = h5py.string_dtype("utf-8", max(1, len(data)))
            f.attrs.create(name, np.array(data, dtype=kind), dtype=kind)

        text("format", "esmfold weights")
        text("program", "weights-fixtures.py")
        text("created", "2020-01-01T00:00:00Z")
        text("model_name", "tiny")
        text("config", json.dumps(CONFIG))
        text("source", "somewhere")
        text("sources", json.dumps([{"name": "a", "bytes": 1, "modified": 2, "sha256": "x"}]))
        text("source_sha256", "x")
        f.attrs["format_version"] = np.int64(1)
        f.attrs["tensor_count"] = np.int64(len(stored))
        f.attrs["complete"] = np.int64(1)
        group = f.create_group("tensors")
        for name, value in stored.items():
            group.create_dataset(name, data=value, track_times=False)
        change(f)


def wrong(folder):
    """Cache files with one fault each that the library reads without complaint."""
    folder.mkdir(exist_ok=True)
    values = np.array([1.5, -2.25], dtype="<f4")

    def dataset(name, **options):
        cache(folder / f"{name}.h5", {}, lambda f: (spoil(f, "tensor_count", np.int64(1)), f["tensors"].create_dataset("t", track_times=False, **options)))

    def spoil(f, name, value, **options):
        del f.attrs[name]
        f.attrs.create(name, value, **options)

    dataset("double", data=values.astype("<f8"))
    dataset("big-endian", data=values.astype(">f4"))
    dataset("unsigned", data=np.array([1], dtype="<u8"))
    dataset("chunked", data=values, chunks=(1,))
    dataset("no-data", shape=(2,), dtype="<f4")
    dataset("null", data=h5py.Empty("<f4"))
    cache(folder / "unaligned.h5", {"a": np.array([1], dtype="<f2"), "b": values}, alignment=2)
    text = h5py.string_dtype("utf-8")
    cache(folder / "variable-text.h5", {}, lambda f: spoil(f, "config", "{}", dtype=text))
    cache(folder / "number-for-text.h5", {}, lambda f: spoil(f, "config", np.int64(1)))
    cache(folder / "several-texts.h5", {}, lambda f: spoil(f, "config", np.array([b"a", b"b"])))
    cache(folder / "not-utf-8.h5", {}, lambda f: spoil(f, "config", np.array(b"a\xff", dtype="S2")))
    cache(folder / "short-number.h5", {}, lambda f: spoil(f, "tensor_count", np.int32(0)))
    cache(folder / "several-numbers.h5", {}, lambda f: spoil(f, "tensor_count", np.array([0, 0])))
    cache(folder / "negative-count.h5", {}, lambda f: spoil(f, "tensor_count", np.int64(-1)))
    cache(folder / "sources-no-list.h5", {}, lambda f: spoil(f, "sources", np.array(b"{}", dtype="S2")))
    cache(folder / "sources-no-objects.h5", {}, lambda f: spoil(f, "sources", np.array(b"[1]", dtype="S3")))
    cache(folder / "no-group.h5", {}, lambda f: f.__delitem__("tensors"))

    def digests(f):
        f["tensors/a"].attrs["sha256"] = np.array(b"0" * 64, dtype="S64")

    cache(folder / "digest-of-one.h5", {"a": values, "b": values}, digests)


def main():
    (OUT / "sharded").mkdir(parents=True, exist_ok=True)
    all_tensors = tensors()
    save_file(all_tensors, OUT / "model.safetensors", metadata={"format": "pt"})
    (OUT / "config.json").write_text(json.dumps(CONFIG))

    names = sorted(all_tensors)
    shards = {f"model-0000{i + 1}-of-00002.safetensors": names[i::2] for i in range(2)}
    for file, part in shards.items():
        save_file({name: all_tensors[name] for name in part}, OUT / "sharded" / file)
    weight_map = {name: file for file, part in shards.items() for name in part}
    index = {"metadata": {"total_size": 0}, "weight_map": weight_map}
    (OUT / "sharded" / "model.safetensors.index.json").write_text(json.dumps(index))
    (OUT / "sharded" / "config.json").write_text(json.dumps(CONFIG))

    header = {"half": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]},
              "single": {"dtype": "F32", "shape": [2], "data_offsets": [2, 10]}}
    (OUT / "misaligned.safetensors").write_bytes(raw(header, struct.pack("<eff", 0.5, 1.25, -2.5)))

    (OUT / "halves.bin").write_bytes(halves())
    cache(OUT / "cache.h5", {"a.weight": np.array([[1.5, -2.25]], dtype="<f4"), "b": np.array([0.5], dtype="<f2")})
    wrong(OUT / "wrong")
    with h5py.File(OUT / "foreign.h5", "w", libver=("v108", "v108"), meta_block_size=512) as f:
        f["x"] = np.zeros(1, dtype="<f4")

    for path in sorted(OUT.rglob("*")):
        if path.is_file():
            print(path.relative_to(OUT), path.stat().st_size)


if __name__ == "__main__":
    main()
