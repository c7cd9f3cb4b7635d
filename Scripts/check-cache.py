#!/usr/bin/env python3
"""check-cache.py CACHE.h5 SOURCE.safetensors...: compares a cache file, read by h5py, with its source.

Needs h5py, torch and safetensors. With --float16, floats are compared with the source rounded to float16.
"""

import argparse
import hashlib
import json
import sys

import h5py
import numpy as np
import torch
from safetensors import safe_open


def expected(tensor, float16):
    """The array that h5py should return: it does not support bfloat16 and reads it as float32."""
    if float16 and tensor.is_floating_point():
        tensor = tensor.to(torch.float16)
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache")
    parser.add_argument("source", nargs="+")
    parser.add_argument("--float16", action="store_true")
    options = parser.parse_args()
    faults = []
    with h5py.File(options.cache, "r") as file:
        for name in sorted(file.attrs):
            value = file.attrs[name]
            print(f"{name}: {value.decode()[:100] if isinstance(value, bytes) else value}")
        if file.attrs["complete"] != 1:
            faults.append("not complete")
        json.loads(file.attrs["config"].decode())
        group = file["tensors"]
        left = set(group)
        for path in options.source:
            with open(path, "rb") as source:
                digest = hashlib.file_digest(source, "sha256").hexdigest()
            if digest not in [entry["sha256"] for entry in json.loads(file.attrs["sources"].decode())]:
                faults.append(f"{path}: digest {digest} is not recorded")
            with safe_open(path, "pt") as source:
                for name in source.keys():
                    left.discard(name)
                    found = group[name]
                    want = expected(source.get_tensor(name), options.float16)
                    if found.shape != want.shape or not np.array_equal(found[()], want) or found.dtype != want.dtype:
                        faults.append(f"{name}: {found.dtype}{found.shape} differs from {want.dtype}{want.shape}")
                    if found.size and found.id.get_offset() % 64:
                        faults.append(f"{name}: at {found.id.get_offset()}")
        faults += [f"{name}: not in the source" for name in left]
        print(f"{len(group)} tensors, {len(faults)} faults")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
