"""A worker process that embeds sequences: loads a model once, then answers each request with one JSON line.

Started by embed-vs-reference (`embed_worker.py transformers|transformers-bf16|esm-cpp MODEL_DIR THREADS`), so that time
and memory are its own. The first line written is {} or {"problem": ...}; a request is {"sequences": [...],
"batch": N, "save": FILE.npy or null}, the answer {"seconds": ...}. Saved, after the clock has stopped, is one
vector per sequence. `embed_worker.py compare FILE.npy RESULTS.h5 DATASET NAMES...` prints how far they are from
esmfold's.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

Reader = Callable[[list[str]], list]


def transformers_reader(model: Path, threads: int, dtype: str = "float32") -> Reader:
    """The reference: last hidden states of a padded batch, averaged over residues."""
    import torch
    from golden_family import VOCABULARY, tokenizer
    from transformers import EsmModel

    torch.set_num_threads(threads)
    tokens = tokenizer(VOCABULARY)
    kind = getattr(torch, dtype)
    loaded = EsmModel.from_pretrained(model, dtype=kind, local_files_only=True, add_pooling_layer=False).eval()

    @torch.inference_mode()
    def read(sequences: list[str]) -> list:
        batch = tokens(sequences, return_tensors="pt", padding=True)
        states = loaded(**batch).last_hidden_state
        return [state[1 : len(sequence) + 1].float().mean(0) for state, sequence in zip(states, sequences)]

    return read


def esm_cpp_reader(model: Path, _: int) -> Reader:
    """esm-cpp in float32: it returns logits for records that it packs itself; their means are only for comparison."""
    import esm_cpp

    loaded = esm_cpp.Model.load_from_safetensors(str(model / "model.safetensors"))
    tokens = esm_cpp.Tokenizer()
    return lambda sequences: loaded.forward_scheduled([tokens.encode(sequence) for sequence in sequences])


READERS: dict[str, Callable[[Path, int], Reader]] = {
    "transformers": transformers_reader,
    "transformers-bf16": lambda model, threads: transformers_reader(model, threads, "bfloat16"),
    "esm-cpp": esm_cpp_reader,
}


def vector(value: object) -> np.ndarray:
    """The mean over residues: computed here for logits [L + 2, 33]."""
    array = np.asarray(value, dtype=np.float32)
    return array[1:-1].mean(0) if array.ndim == 2 else array


def batches(sequences: list[str], size: int) -> Iterable[list[str]]:
    return (sequences[start : start + size] for start in range(0, len(sequences), size))


def compare(saved: str, results: str, dataset: str, names: list[str]) -> None:
    """Prints the largest difference relative to the largest value."""
    import h5py

    expected = np.load(saved)
    with h5py.File(results) as file:
        found = np.stack([np.atleast_2d(file[name][dataset][:]).mean(0) for name in names])
    print(float(np.abs(found - expected).max() / np.abs(expected).max()))


def main() -> None:
    if sys.argv[1] == "compare":
        return compare(*sys.argv[2:5], sys.argv[5:])
    kind, model, threads = sys.argv[1:]
    try:
        read = READERS[kind](Path(model), int(threads))
        read(["MKTVRQERLK"])
    except Exception as error:  # whatever keeps the program from running is reported
        print(json.dumps({"problem": f"{type(error).__name__}: {error}"}), flush=True)
        return
    print("{}", flush=True)
    for request in sys.stdin:
        asked = json.loads(request)
        start = time.perf_counter()
        values = [value for batch in batches(asked["sequences"], asked["batch"]) for value in read(batch)]
        seconds = time.perf_counter() - start
        if asked["save"]:
            np.save(asked["save"], np.stack([vector(value) for value in values]))
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
