"""A program that reads sequences, as a process: loads a model once, then answers one JSON line for each request.

Started by embed-vs-reference (`embed_worker.py transformers|esm-cpp MODEL_DIR THREADS`), so that time and memory are
that program's own. The first line written is {} or {"problem": ...}; a request is {"sequences": [...], "batch": N}, the
answer {"seconds": ...}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

Reader = Callable[[list[str]], None]


def transformers_reader(model: Path, threads: int) -> Reader:
    """The reference in float32: last states of a padded batch, their means over residues."""
    import torch
    from golden_family import VOCABULARY, tokenizer
    from transformers import EsmModel

    torch.set_num_threads(threads)
    tokens = tokenizer(VOCABULARY)
    loaded = EsmModel.from_pretrained(model, dtype=torch.float32, local_files_only=True, add_pooling_layer=False).eval()

    @torch.inference_mode()
    def read(sequences: list[str]) -> None:
        batch = tokens(sequences, return_tensors="pt", padding=True)
        states = loaded(**batch).last_hidden_state
        for state, sequence in zip(states, sequences):
            state[1 : len(sequence) + 1].mean(0)

    return read


def esm_cpp_reader(model: Path, _: int) -> Reader:
    """esm-cpp in float32: logits of records packed together."""
    import esm_cpp

    loaded = esm_cpp.Model.load_from_safetensors(str(model / "model.safetensors"))
    tokens = esm_cpp.Tokenizer()
    return lambda sequences: loaded.forward_scheduled([tokens.encode(sequence) for sequence in sequences])


READERS = {"transformers": transformers_reader, "esm-cpp": esm_cpp_reader}


def batches(sequences: list[str], size: int) -> Iterable[list[str]]:
    return (sequences[start : start + size] for start in range(0, len(sequences), size))


def main() -> None:
    kind, model, threads = sys.argv[1:]
    try:
        read = READERS[kind](Path(model), int(threads))
        read(["MKTVRQERLK"])
    except Exception as error:  # whatever keeps this program from running is the answer
        print(json.dumps({"problem": f"{type(error).__name__}: {error}"}), flush=True)
        return
    print("{}", flush=True)
    for request in sys.stdin:
        asked = json.loads(request)
        start = time.perf_counter()
        for batch in batches(asked["sequences"], asked["batch"]):
            read(batch)
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
