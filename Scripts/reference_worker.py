"""The reference as a worker process: loads a model directory once, then folds on request, one JSON line each.

Started by compare-reference.py and bench-vs-reference (`reference_worker.py MODEL_DIR THREADS`), so that the
reference's time and memory are its own. A request is {"sequence": ..., "recycles": N or null, "chunk": N or null,
"save": path or null}; the answer is {"seconds": ..., "stages": [[stage, pass, seconds], ...]}. {"peak": true} asks for
the speed of a 2048 x 2048 x 2048 float32 product instead. The first line written is the loading time.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import EsmForProteinFolding

from reference_support import fold, load_reference

FINAL = ("positions", "frames", "angles")  # of the last iteration of the structure module
WHOLE = ("plddt", "predicted_aligned_error", "distogram_logits", "lm_logits", "s_s", "s_z", "aatype", "residue_index")


class StageClock:
    """Times the language model, and every pass's trunk blocks and structure module."""

    def __init__(self, model: EsmForProteinFolding) -> None:
        self.stages: list[tuple[str, int, float]] = []
        self.passes = 0
        self.started = 0.0
        trunk = model.trunk
        for stage, first, last in (
            ("language-model", model.esm, model.esm),
            ("trunk", trunk.blocks[0], trunk.blocks[-1]),
            ("structure", trunk.structure_module, trunk.structure_module),
        ):
            first.register_forward_pre_hook(self._start)
            last.register_forward_hook(self._stop(stage))

    def _start(self, *_: object) -> None:
        self.started = time.perf_counter()

    def _stop(self, stage: str):  # noqa: ANN202
        def hook(*_: object) -> None:
            self.stages.append((stage, self.passes, time.perf_counter() - self.started))
            self.passes += stage == "structure"

        return hook

    def take(self) -> list[tuple[str, int, float]]:
        stages, self.stages, self.passes = self.stages, [], 0
        return stages


def product_speed(bfloat16: bool, size: int = 2048, repeats: int = 5) -> float:
    """GFLOP/s of PyTorch's matrix product in float32 or bfloat16."""
    kind = torch.bfloat16 if bfloat16 else torch.float32
    a, b = torch.randn(size, size).to(kind), torch.randn(size, size).to(kind)
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def answer(model: EsmForProteinFolding, clock: StageClock, request: dict) -> dict:
    """Folds as requested and saves the outputs, pLDDT on the 0-100 scale, without the batch dimension."""
    model.trunk.set_chunk_size(request["chunk"])
    start = time.perf_counter()
    result = fold(model, request["sequence"], request["recycles"])
    seconds = time.perf_counter() - start
    if request["save"]:
        tensors = {name: result[name][-1, 0] for name in FINAL} | {name: result[name][0] for name in WHOLE}
        tensors["plddt"] = tensors["plddt"] * 100
        tensors["ptm"] = result["ptm"]
        np.savez(request["save"], **{name: value.numpy() for name, value in tensors.items()})
    return {"seconds": seconds, "stages": clock.take()}


def main() -> None:
    torch.set_num_threads(int(sys.argv[2]))
    start = time.perf_counter()
    model = load_reference(Path(sys.argv[1]))
    clock = StageClock(model)
    print(json.dumps({"load_seconds": time.perf_counter() - start}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("peak"):
            reply = {"gflops": product_speed(request["bfloat16"])}
        else:
            reply = answer(model, clock, request)
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
